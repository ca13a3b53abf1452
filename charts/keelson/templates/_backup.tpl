{{/* Full snapshots on a schedule: the flags, the volume and where it is mounted. */}}
{{- define "keelson.backupArgs" -}}
{{- with .Values.backup -}}
{{- if .enabled -}}
- --backup-dir=/var/lib/keelson/backups
- --backup-interval={{ .interval }}
- --backup-retention={{ .retention }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "keelson.backupMounts" -}}
{{- if and .Values.backup.enabled .Values.backup.existingClaim -}}
- name: backups
  mountPath: /var/lib/keelson/backups
  {{- if gt (int .Values.replicaCount) 1 }}
  # A folder for each member of what they share.
  subPathExpr: $(POD_NAME)
  {{- end }}
{{- end -}}
{{- end -}}

{{- define "keelson.backupVolumes" -}}
{{- if and .Values.backup.enabled .Values.backup.existingClaim -}}
- name: backups
  persistentVolumeClaim:
    claimName: {{ .Values.backup.existingClaim }}
{{- end -}}
{{- end -}}

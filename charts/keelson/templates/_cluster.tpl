{{/* Whether the peer port is open to other pods. */}}
{{- define "keelson.peersOpen" -}}
{{- or (gt (int .Values.replicaCount) 1) .Values.peer.listen .Values.peer.tls.enabled -}}
{{- end -}}

{{/* With one member whose peer port is closed the scheme says nothing; it is that of the clients, as it always was. */}}
{{- define "keelson.peerScheme" -}}
{{- if eq (include "keelson.peersOpen" .) "true" -}}
{{- if .Values.peer.tls.enabled }}https{{ else }}http{{ end -}}
{{- else -}}
{{- include "keelson.scheme" . -}}
{{- end -}}
{{- end -}}

{{/* The host of a member, with @ for its ordinal. */}}
{{- define "keelson.ordinalHost" -}}
{{- $name := include "keelson.fullname" . -}}
{{- printf "%s-@.%s-headless.%s.svc.%s" $name $name .Release.Namespace .Values.clusterDomain -}}
{{- end -}}

{{/* The hosts of all members, one a line. */}}
{{- define "keelson.podHosts" -}}
{{- range $ordinal := until (int .Values.replicaCount) }}
{{ replace "@" (toString $ordinal) (include "keelson.ordinalHost" $) }}
{{- end -}}
{{- end -}}

{{- define "keelson.peerArgs" -}}
{{- if eq (include "keelson.peersOpen" .) "true" -}}
- --listen-peer-urls={{ include "keelson.peerScheme" . }}://{{ .Values.listenAddress }}:2380
{{- with .Values.peer.tls }}
{{- if and .enabled .auto }}
- --peer-auto-tls
{{- else if .enabled }}
- --peer-cert-file=/etc/keelson/peer/{{ .certKey }}
- --peer-key-file=/etc/keelson/peer/{{ .keyKey }}
- --peer-trusted-ca-file=/etc/keelson/peer/{{ .caKey }}
- --peer-client-cert-auth
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{- define "keelson.clusterMounts" -}}
- name: start
  mountPath: /etc/keelson/start
  readOnly: true
{{- if and .Values.peer.tls.enabled (not .Values.peer.tls.auto) }}
- name: peer-tls
  mountPath: /etc/keelson/peer
  readOnly: true
{{- end }}
{{- if eq (include "keelson.asksUnderTLS" .) "true" }}
- name: control-tls
  mountPath: /etc/keelson/control
  readOnly: true
{{- end }}
{{- end -}}

{{- define "keelson.clusterVolumes" -}}
- name: start
  configMap:
    name: {{ include "keelson.fullname" . }}-start
    defaultMode: 0555
{{- with .Values.peer.tls }}
{{- if and .enabled (not .auto) }}
- name: peer-tls
  secret:
    secretName: {{ .secretName }}
    defaultMode: 0440
    items:
      - key: {{ .certKey }}
        path: {{ .certKey }}
      - key: {{ .keyKey }}
        path: {{ .keyKey }}
      - key: {{ .caKey }}
        path: {{ .caKey }}
{{- end }}
{{- end }}
{{- if eq (include "keelson.asksUnderTLS" .) "true" }}
- name: control-tls
  secret:
    secretName: {{ .Values.cluster.clientSecretName | default .Values.tls.serverSecretName }}
    defaultMode: 0440
    items:
      - key: ca.crt
        path: ca.crt
      {{- if .Values.cluster.clientSecretName }}
      - key: tls.crt
        path: tls.crt
      - key: tls.key
        path: tls.key
      {{- end }}
{{- end }}
{{- end -}}

{{/* Whether the script that starts a member asks others, and needs certificates for it. */}}
{{- define "keelson.asksUnderTLS" -}}
{{- and .Values.tls.enabled (eq (include "keelson.peersOpen" .) "true") -}}
{{- end -}}

{{/* The pod's affinity: what the values say, and members on different nodes unless they say something of that. */}}
{{- define "keelson.affinity" -}}
{{- $affinity := deepCopy .Values.affinity -}}
{{- if and (ne .Values.podAntiAffinity "none") (not (hasKey $affinity "podAntiAffinity")) -}}
{{- $term := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict "matchLabels" (include "keelson.selectorLabels" . | fromYaml)) -}}
{{- if eq .Values.podAntiAffinity "required" -}}
{{- $_ := set $affinity "podAntiAffinity" (dict "requiredDuringSchedulingIgnoredDuringExecution" (list $term)) -}}
{{- else -}}
{{- $_ := set $affinity "podAntiAffinity" (dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "podAffinityTerm" $term))) -}}
{{- end -}}
{{- end -}}
{{- with $affinity }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{/* Constraints without a selector are about the members. */}}
{{- define "keelson.topologySpread" -}}
{{- $all := list -}}
{{- range .Values.topologySpreadConstraints -}}
{{- $all = append $all (merge (deepCopy .) (dict "labelSelector" (dict "matchLabels" (include "keelson.selectorLabels" $ | fromYaml)))) -}}
{{- end -}}
{{- with $all }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{/* What the values ask for that several members cannot have. */}}
{{- define "keelson.validateCluster" -}}
{{- $open := eq (include "keelson.peersOpen" .) "true" -}}
{{- if gt (int .Values.replicaCount) 1 -}}
{{- if not .Values.persistence.enabled -}}
{{- fail "several members need persistence.enabled: one that comes back without its data may not go on as the same member" -}}
{{- end -}}
{{- if .Values.persistence.existingClaim -}}
{{- fail "persistence.existingClaim is one volume; several members need one each" -}}
{{- end -}}
{{- with .Values.podDisruptionBudget.maxUnavailable -}}
{{- if gt (int .) (div (sub (int $.Values.replicaCount) 1) 2) -}}
{{- fail (printf "podDisruptionBudget.maxUnavailable is %d: with so many of %d members away the others are no majority" (int .) (int $.Values.replicaCount)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and $open .Values.tls.enabled -}}
{{- if not .Values.peer.tls.enabled -}}
{{- fail "clients are under TLS and members would speak to each other in plain text; set peer.tls.enabled, with peer.tls.secretName or peer.tls.auto" -}}
{{- end -}}
{{- if and .Values.tls.clientCertAuth (not .Values.cluster.clientSecretName) -}}
{{- fail "a member that starts without data asks the others for the cluster, which needs a client's certificate: set cluster.clientSecretName" -}}
{{- end -}}
{{- end -}}
{{- with .Values.peer.tls -}}
{{- if and .enabled .auto .secretName -}}
{{- fail "peer.tls.auto makes certificates itself, and has no use for peer.tls.secretName" -}}
{{- end -}}
{{- end -}}
{{- end -}}

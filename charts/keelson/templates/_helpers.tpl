{{/* The chart's name, for labels. */}}
{{- define "keelson.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of the release's objects; short enough for "-headless", a pod's ordinal and a revision's hash. */}}
{{- define "keelson.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "keelson.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "keelson.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects the pod. It never changes in the life of a release. */}}
{{- define "keelson.selectorLabels" -}}
app.kubernetes.io/name: {{ include "keelson.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "keelson.labels" -}}
{{ include "keelson.selectorLabels" . }}
app.kubernetes.io/component: store
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "keelson.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "keelson.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "keelson.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "keelson.scheme" -}}
{{- if .Values.tls.enabled }}https{{ else }}http{{ end -}}
{{- end -}}

{{/* The pod's own name in DNS, which stays the same when the pod is replaced; the kubelet fills in the first word. */}}
{{- define "keelson.podHost" -}}
{{- printf "$(POD_NAME).%s-headless.%s.svc.%s" (include "keelson.fullname" .) .Release.Namespace .Values.clusterDomain -}}
{{- end -}}

{{/* The name under which clients in the cluster reach the member. */}}
{{- define "keelson.serviceHost" -}}
{{- printf "%s.%s.svc" (include "keelson.fullname" .) .Release.Namespace -}}
{{- end -}}

{{/* Says what the values ask for that cannot be had, in words that a schema's message has no room for. */}}
{{- define "keelson.validate" -}}
{{- include "keelson.validateCluster" . -}}
{{- $own := list "name" "data-dir" "listen-client-urls" "advertise-client-urls" "listen-metrics-urls" "initial-advertise-peer-urls" "listen-peer-urls" "initial-cluster" "initial-cluster-state" "initial-cluster-token" "peer-auto-tls" "peer-cert-file" "peer-key-file" "peer-trusted-ca-file" "peer-client-cert-auth" "quota-backend-bytes" "auto-compaction-mode" "auto-compaction-retention" "snapshot-count" "max-request-bytes" "log-level" "log-format" "cert-file" "key-file" "trusted-ca-file" "client-cert-auth" "tls-min-version" "backup-dir" "backup-interval" "backup-retention" -}}
{{- range .Values.extraArgs -}}
{{- $flag := regexReplaceAll "^--?([^=]*).*$" . "${1}" -}}
{{- if has $flag $own -}}
{{- fail (printf "extraArgs has --%s, which the chart sets itself from its other values; see the chart's README" $flag) -}}
{{- end -}}
{{- end -}}
{{- if eq (int .Values.metrics.port) 2379 -}}
{{- fail "metrics.port is 2379, where the member serves its clients; choose another" -}}
{{- end -}}
{{- if and .Values.persistence.enabled .Values.persistence.existingClaim .Values.persistence.selector -}}
{{- fail "persistence.selector chooses a volume for a claim that the chart makes; with persistence.existingClaim it has no effect" -}}
{{- end -}}
{{- end -}}

{{/* Names, labels and what the pods of the server and of the migrations have in common. */}}
{{- define "elder.name" -}}
{{- if contains "elder" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-elder" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "elder.selector" -}}
app.kubernetes.io/name: elder
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "elder.labels" -}}
{{ include "elder.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "elder.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* The user of the image. Nothing that the container can do reaches beyond it. */}}
{{- define "elder.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "elder.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Secrets come as files: no list of processes and no dump of the environment shows them. */}}
{{- define "elder.commonVolumes" -}}
- name: tmp
  emptyDir: { medium: Memory, sizeLimit: 64Mi }
- name: data
  emptyDir: { sizeLimit: 256Mi }
{{- with .Values.database.caSecret }}
- name: database-ca
  secret: { secretName: {{ . }}, defaultMode: 0440 }
{{- end }}
{{- end }}

{{- define "elder.commonMounts" -}}
- { name: tmp, mountPath: /tmp }
- { name: data, mountPath: /var/lib/elder }
{{- if .Values.database.caSecret }}
- { name: database-ca, mountPath: /etc/elder/database-ca, readOnly: true }
{{- end }}
{{- end }}

{{/* Labels of every object: what it is part of, and who takes care of it. */}}
{{- define "model-service.labels" -}}
app.kubernetes.io/name: {{ .Values.service.name | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
{{- end -}}

{{- define "plimsoll.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "plimsoll.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ printf "%s@%s" $image.repository $image.digest | quote }}
{{- else -}}
{{ printf "%s:%s" $image.repository ($image.tag | default .Chart.AppVersion) | quote }}
{{- end -}}
{{- end }}

{{- /* What no schema can say. */ -}}
{{- define "plimsoll.check" -}}
{{- if eq (int .Values.healthPort) (int .Values.securePort) -}}
{{ fail "healthPort and securePort must differ" }}
{{- end -}}
{{- if and .Values.kubelet.insecureTLS .Values.kubelet.caConfigMap -}}
{{ fail "kubelet.caConfigMap has certificates checked and kubelet.insecureTLS has not; choose one" }}
{{- end -}}
{{- if and (not .Values.metricsApi.mayAnnounce) (ne .Values.metricsApi.mode "Off") -}}
{{ fail "metricsApi.mayAnnounce: false goes with metricsApi.mode: Off" }}
{{- end -}}
{{- if and .Values.hostNetwork (eq (int .Values.securePort) 10250) -}}
{{ fail "hostNetwork: true needs another securePort, such as 4443: port 10250 of a node is its kubelet's" }}
{{- end -}}
{{- end }}

{{- /* The right to scale each kind that scaling.kinds adds to those that are shipped. */ -}}
{{- define "plimsoll.addedKinds" -}}
{{- range $kind, $plural := .Values.scaling.kinds }}
{{- if not (has $kind (list "Deployment.apps" "StatefulSet.apps")) }}
- apiGroups: [{{ splitList "." $kind | rest | join "." | quote }}]
  resources: [{{ printf "%s/scale" $plural | quote }}]
  verbs: [get, update]
{{- end }}
{{- end }}
{{- end }}

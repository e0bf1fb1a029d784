module plimsoll.dev/oracle-vpa

go 1.26.4

require (
	k8s.io/api v0.37.1
	k8s.io/apimachinery v0.37.1
	k8s.io/autoscaler/vertical-pod-autoscaler v1.8.1
	k8s.io/client-go v0.37.1
	k8s.io/klog/v2 v2.140.0
)

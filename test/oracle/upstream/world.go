package main

import (
	"context"
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	corelisters "k8s.io/client-go/listers/core/v1"
	metricsapi "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	resourceclient "k8s.io/metrics/pkg/client/clientset/versioned/typed/metrics/v1beta1"
)

const namespace = "oracle"

// A world is one case as the API would show it: the pod lister and the metrics API of the calculator. Embedded
// interfaces are nil: a method that the calculator does not call today panics once it does.
type world struct {
	corelisters.PodLister
	pods    []*v1.Pod
	metrics []metricsapi.PodMetrics
}

func (w *world) Pods(string) corelisters.PodNamespaceLister { return podsIn{pods: w.pods} }

func (w *world) PodMetricses(string) resourceclient.PodMetricsInterface {
	return metricsIn{metrics: w.metrics}
}

type podsIn struct {
	corelisters.PodNamespaceLister
	pods []*v1.Pod
}

func (p podsIn) List(labels.Selector) ([]*v1.Pod, error) { return p.pods, nil }

type metricsIn struct {
	resourceclient.PodMetricsInterface
	metrics []metricsapi.PodMetrics
}

func (m metricsIn) List(context.Context, metav1.ListOptions) (*metricsapi.PodMetricsList, error) {
	return &metricsapi.PodMetricsList{Items: m.metrics}, nil
}

func worldOf(asked replicasCase, now time.Time) *world {
	w := &world{}
	for i, each := range asked.Pods {
		name := fmt.Sprintf("pod-%d", i)
		w.pods = append(w.pods, podOf(name, each, asked.Shapes[each.Shape], now))
		if each.Sample != nil {
			w.metrics = append(w.metrics, metricsOf(name, *each.Sample, now))
		}
	}
	return w
}

func podOf(name string, each podCase, like shape, now time.Time) *v1.Pod {
	pod := &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec:       specOf(like),
		Status:     v1.PodStatus{Phase: v1.PodPhase(each.Phase)},
	}
	if each.Deleting {
		pod.DeletionTimestamp = &metav1.Time{Time: now}
	}
	if each.StartedAgo != nil {
		started := ago(now, *each.StartedAgo)
		pod.Status.StartTime = &started
	}
	if each.Ready != "" {
		pod.Status.Conditions = []v1.PodCondition{{
			Type:               v1.PodReady,
			Status:             v1.ConditionStatus(each.Ready),
			LastTransitionTime: ago(now, each.ReadyAgo),
		}}
	}
	return pod
}

func specOf(like shape) v1.PodSpec {
	spec := v1.PodSpec{}
	if len(like.Overhead) > 0 {
		spec.Overhead = resourcesOf(like.Overhead)
	}
	if len(like.PodRequests) > 0 {
		spec.Resources = &v1.ResourceRequirements{Requests: resourcesOf(like.PodRequests)}
	}
	always := v1.ContainerRestartPolicyAlways
	for _, each := range like.Containers {
		one := v1.Container{Name: each.Name, Resources: v1.ResourceRequirements{Requests: resourcesOf(each.Requests)}}
		switch each.Role {
		case "main":
			spec.Containers = append(spec.Containers, one)
		case "sidecar":
			one.RestartPolicy = &always
			spec.InitContainers = append(spec.InitContainers, one)
		case "init":
			spec.InitContainers = append(spec.InitContainers, one)
		default:
			panic("a container of no known role: " + each.Role)
		}
	}
	return spec
}

func resourcesOf(texts amounts) v1.ResourceList {
	list := v1.ResourceList{}
	for name, text := range texts {
		list[name] = resource.MustParse(text)
	}
	return list
}

func metricsOf(name string, sample podSample, now time.Time) metricsapi.PodMetrics {
	metrics := metricsapi.PodMetrics{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Timestamp:  ago(now, sample.Ago),
		Window:     metav1.Duration{Duration: time.Duration(sample.Window) * time.Second},
	}
	for _, each := range sample.Containers {
		metrics.Containers = append(metrics.Containers, metricsapi.ContainerMetrics{
			Name:  each.Name,
			Usage: resourcesOf(amounts{v1.ResourceCPU: each.CPU, v1.ResourceMemory: each.Memory}),
		})
	}
	return metrics
}

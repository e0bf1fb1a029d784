package main

import (
	"context"
	"fmt"
	"reflect"
	"time"
	"unsafe"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"
	metricsclient "k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
)

// A replicasCase is what the HPA would find in the API. All times are seconds before the moment of the answer, because
// upstream reads the wall clock itself.
type replicasCase struct {
	Current       int32     `json:"current"`
	Resource      string    `json:"resource"`
	Container     string    `json:"container"`
	Utilization   *int32    `json:"utilization"`
	AverageValue  string    `json:"averageValue"`
	ToleranceDown float64   `json:"toleranceDown"`
	ToleranceUp   float64   `json:"toleranceUp"`
	CPUInit       int       `json:"cpuInit"`
	ReadyDelay    int       `json:"readyDelay"`
	Shapes        []shape   `json:"shapes"`
	Pods          []podCase `json:"pods"`
}

type amounts map[v1.ResourceName]string

type shape struct {
	Containers  []container `json:"containers"`
	PodRequests amounts     `json:"podRequests"`
	Overhead    amounts     `json:"overhead"`
}

type container struct {
	Name     string  `json:"name"`
	Role     string  `json:"role"`
	Requests amounts `json:"requests"`
}

type podCase struct {
	Shape      int        `json:"shape"`
	Phase      string     `json:"phase"`
	Deleting   bool       `json:"deleting"`
	StartedAgo *int       `json:"startedAgo"`
	Ready      string     `json:"ready"`
	ReadyAgo   int        `json:"readyAgo"`
	Sample     *podSample `json:"sample"`
}

type podSample struct {
	Ago        int               `json:"ago"`
	Window     int               `json:"window"`
	Containers []containerSample `json:"containers"`
}

type containerSample struct {
	Name   string `json:"name"`
	CPU    string `json:"cpu"`
	Memory string `json:"memory"`
}

type replicasAnswer struct {
	Error       string `json:"error,omitempty"`
	Replicas    int32  `json:"replicas"`
	Utilization *int32 `json:"utilization"`
	// Average is int64, which a JSON number of JavaScript does not hold.
	Average int64 `json:"average,string"`
}

func answerReplicas(asked replicasCase) replicasAnswer {
	now := time.Now()
	world := worldOf(asked, now)
	calculator := podautoscaler.NewReplicaCalculator(
		metricsclient.NewRESTMetricsClient(world, nil, nil),
		world,
		time.Duration(asked.CPUInit)*time.Second,
		time.Duration(asked.ReadyDelay)*time.Second,
	)
	ctx, everything := context.Background(), labels.Everything()
	resourceName, tolerances := v1.ResourceName(asked.Resource), tolerancesOf(asked.ToleranceDown, asked.ToleranceUp)
	if asked.Utilization != nil {
		replicas, utilization, average, _, err := calculator.GetResourceReplicas(
			ctx, asked.Current, *asked.Utilization, resourceName, tolerances, namespace, everything, asked.Container)
		if err != nil {
			return replicasAnswer{Error: err.Error()}
		}
		return replicasAnswer{Replicas: replicas, Utilization: &utilization, Average: average}
	}
	target := resource.MustParse(asked.AverageValue)
	replicas, average, _, err := calculator.GetRawResourceReplicas(
		ctx, asked.Current, target.MilliValue(), resourceName, tolerances, namespace, everything, asked.Container)
	if err != nil {
		return replicasAnswer{Error: err.Error()}
	}
	return replicasAnswer{Replicas: replicas, Average: average}
}

// Tolerances has no exported field and no constructor, only the type is exported. It is filled through its layout,
// which checkTolerances proves first; everything that computes with it is upstream's.
type tolerancesLayout struct{ scaleDown, scaleUp float64 }

func tolerancesOf(down, up float64) podautoscaler.Tolerances {
	layout := tolerancesLayout{scaleDown: down, scaleUp: up}
	return *(*podautoscaler.Tolerances)(unsafe.Pointer(&layout))
}

func checkTolerances() error {
	theirs, ours := reflect.TypeFor[podautoscaler.Tolerances](), reflect.TypeFor[tolerancesLayout]()
	if theirs.NumField() != ours.NumField() || theirs.Size() != ours.Size() {
		return fmt.Errorf("podautoscaler.Tolerances has another layout: %v", theirs)
	}
	for i := range ours.NumField() {
		their, our := theirs.Field(i), ours.Field(i)
		if their.Name != our.Name || their.Type != our.Type || their.Offset != our.Offset {
			return fmt.Errorf("field %d of podautoscaler.Tolerances is %s %v", i, their.Name, their.Type)
		}
	}
	return nil
}

func ago(now time.Time, seconds int) metav1.Time {
	return metav1.NewTime(now.Add(-time.Duration(seconds) * time.Second))
}

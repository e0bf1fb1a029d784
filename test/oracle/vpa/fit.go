package main

import (
	"fmt"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	vpa_types "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/utils/limitrange"
	vpa_utils "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/utils/vpa"
	"k8s.io/client-go/informers"
)

// A fitCase is a pod, a recommendation for its containers, and the LimitRanges of its namespace.
type fitCase struct {
	Containers  []fitContainer `json:"containers"`
	Policies    []policyCase   `json:"policies"`
	LimitRanges []rangeCase    `json:"limitRanges"`
}

type fitContainer struct {
	Name        string      `json:"name"`
	Requests    amounts     `json:"requests"`
	Limits      amounts     `json:"limits"`
	Recommended *fitAmounts `json:"recommended"`
}

type fitAmounts struct {
	Target amounts `json:"target"`
	Lower  amounts `json:"lower"`
	Upper  amounts `json:"upper"`
}

type rangeCase struct {
	Type    string  `json:"type"`
	Min     amounts `json:"min"`
	Max     amounts `json:"max"`
	Default amounts `json:"default"`
}

type fitAnswer struct {
	// Panic is what upstream panicked with.
	Panic  string                `json:"panic,omitempty"`
	Fitted map[string]fitAmounts `json:"fitted"`
	// Limits are in proportion to the fitted target; a container without any is absent.
	Limits map[string]amounts `json:"limits"`
}

func answerFit(asked fitCase) (answer fitAnswer) {
	answer = fitAnswer{Fitted: map[string]fitAmounts{}, Limits: map[string]amounts{}}
	defer func() {
		if trouble := recover(); trouble != nil {
			answer = fitAnswer{Panic: fmt.Sprint(trouble)}
		}
	}()
	pod, object := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "pod-0", Namespace: namespace}}, vpaOf(asked.Policies)
	object.Status.Recommendation = &vpa_types.RecommendedPodResources{}
	for _, each := range asked.Containers {
		pod.Spec.Containers = append(pod.Spec.Containers, v1.Container{
			Name:      each.Name,
			Resources: v1.ResourceRequirements{Requests: each.Requests.list(), Limits: each.Limits.list()},
		})
		if each.Recommended == nil {
			continue
		}
		list := &object.Status.Recommendation.ContainerRecommendations
		*list = append(*list, vpa_types.RecommendedContainerResources{
			ContainerName: each.Name,
			Target:        each.Recommended.Target.list(),
			LowerBound:    each.Recommended.Lower.list(),
			UpperBound:    each.Recommended.Upper.list(),
		})
	}
	calculator := calculatorOf(asked.LimitRanges)
	fitted, _, err := vpa_utils.NewCappingRecommendationProcessor(calculator).Apply(object, pod)
	must(err)
	inContainers, err := calculator.GetContainerLimitRangeItem(namespace)
	must(err)
	for _, each := range fitted.ContainerRecommendations {
		answer.Fitted[each.ContainerName] = fitAmounts{
			Target: amountsOf(each.Target), Lower: amountsOf(each.LowerBound), Upper: amountsOf(each.UpperBound),
		}
	}
	for _, each := range pod.Spec.Containers {
		recommended := vpa_utils.GetRecommendationForContainer(each.Name, fitted)
		if recommended == nil {
			continue
		}
		var defaults v1.ResourceList
		if inContainers != nil {
			defaults = inContainers.Default
		}
		limits, _ := vpa_utils.GetProportionalLimit(
			each.Resources.Limits, each.Resources.Requests, recommended.Target, defaults)
		answer.Limits[each.Name] = amountsOf(limits)
	}
	return answer
}

// The calculator reads LimitRanges from an informer's store, into which they are put by hand.
func calculatorOf(ranges []rangeCase) limitrange.LimitRangeCalculator {
	factory := informers.NewSharedInformerFactory(nil, 0)
	store := factory.Core().V1().LimitRanges().Informer().GetStore()
	for i, each := range ranges {
		must(store.Add(&v1.LimitRange{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("range-%d", i), Namespace: namespace},
			Spec: v1.LimitRangeSpec{Limits: []v1.LimitRangeItem{{
				Type:    v1.LimitType(each.Type),
				Min:     listOrNil(each.Min),
				Max:     listOrNil(each.Max),
				Default: listOrNil(each.Default),
			}}},
		}))
	}
	calculator, err := limitrange.NewLimitsRangeCalculator(factory)
	must(err)
	return calculator
}

func listOrNil(a amounts) v1.ResourceList {
	if list := a.list(); len(list) > 0 {
		return list
	}
	return nil
}

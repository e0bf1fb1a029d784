package main

import (
	"encoding/json"
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	vpa_types "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/logic"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/model"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/routines"
)

const namespace = "oracle"

// A recommendationCase is what happened to the pods of one workload, in order, and what its policy says. Times are
// milliseconds since the Unix epoch.
type recommendationCase struct {
	HalfLives  struct{ CPU, Memory int64 } `json:"halfLives"`
	Containers []string                    `json:"containers"`
	// Revision of each pod: pods of one revision have the same labels.
	Pods     []int        `json:"pods"`
	Steps    []step       `json:"steps"`
	Policies []policyCase `json:"policies"`
	Settings struct {
		CPUPercentile    float64 `json:"cpuPercentile"`
		MemoryPercentile float64 `json:"memoryPercentile"`
		Margin           float64 `json:"margin"`
		MinCPU           float64 `json:"minCPU"`
		MinMemoryMb      float64 `json:"minMemoryMb"`
		RoundCPU         int     `json:"roundCPU"`
		RoundMemory      int     `json:"roundMemory"`
		MaxAllowed       amounts `json:"maxAllowed"`
	} `json:"settings"`
}

// A step holds one of these.
type step struct {
	Samples *samplesStep `json:"samples"`
	OOM     *oomStep     `json:"oom"`
	// Restart is the moment of a restart through checkpoints.
	Restart *int64 `json:"restart"`
	// Gone is the pod that was deleted.
	Gone *int `json:"gone"`
}

// A samplesStep is one sample every so often; usages are taken in turn.
type samplesStep struct {
	Pod       int     `json:"pod"`
	Container int     `json:"container"`
	From      int64   `json:"from"`
	Every     int64   `json:"every"`
	Count     int     `json:"count"`
	CPU       []int64 `json:"cpu"`
	Memory    []int64 `json:"memory"`
}

type oomStep struct {
	Pod       int   `json:"pod"`
	Container int   `json:"container"`
	At        int64 `json:"at"`
	Request   int64 `json:"request"`
}

type policyCase struct {
	Container           string   `json:"container"`
	Mode                string   `json:"mode"`
	ControlledResources []string `json:"controlledResources"`
	ControlledValues    string   `json:"controlledValues"`
	MinAllowed          amounts  `json:"minAllowed"`
	MaxAllowed          amounts  `json:"maxAllowed"`
}

type recommendationAnswer struct {
	Containers []containerAnswer `json:"containers"`
	// Checkpoints by restart and container name: the status of the API object.
	Checkpoints []map[string]json.RawMessage `json:"checkpoints"`
	// Final are the checkpoints that would be written at the end by container name, open windows included.
	Final map[string]json.RawMessage `json:"final"`
}

type containerAnswer struct {
	Name     string                     `json:"name"`
	Target   amounts                    `json:"target"`
	Lower    amounts                    `json:"lower"`
	Upper    amounts                    `json:"upper"`
	Uncapped amounts                    `json:"uncapped"`
	Texts    map[v1.ResourceName]string `json:"texts"`
}

func answerRecommendation(asked recommendationCase) recommendationAnswer {
	model.InitializeAggregationsConfig(model.NewAggregationsConfig(
		model.DefaultMemoryAggregationInterval, model.DefaultMemoryAggregationIntervalCount,
		milliseconds(asked.HalfLives.Memory), milliseconds(asked.HalfLives.CPU),
		model.DefaultOOMBumpUpRatio, model.DefaultOOMMinBumpUp))
	answer := recommendationAnswer{
		Containers:  []containerAnswer{},
		Checkpoints: []map[string]json.RawMessage{},
		Final:       map[string]json.RawMessage{},
	}
	w := newWorld(asked)
	for _, each := range asked.Steps {
		switch {
		case each.Samples != nil:
			w.sample(*each.Samples)
		case each.OOM != nil:
			w.oom(*each.OOM)
		case each.Gone != nil:
			w.gone[*each.Gone] = true
			w.cluster.DeletePod(podID(*each.Gone))
		case each.Restart != nil:
			answer.Checkpoints = append(answer.Checkpoints, w.restart(moment(*each.Restart)))
		}
	}
	for name, state := range w.vpa().AggregateStateByContainerName() {
		answer.Final[name] = written(state)
	}
	for _, each := range w.recommend().ContainerRecommendations {
		answer.Containers = append(answer.Containers, containerAnswer{
			Name:     each.ContainerName,
			Target:   amountsOf(each.Target),
			Lower:    amountsOf(each.LowerBound),
			Upper:    amountsOf(each.UpperBound),
			Uncapped: amountsOf(each.UncappedTarget),
			Texts:    textsOf(each.Target),
		})
	}
	return answer
}

// A world is the recommender's model of the one workload.
type world struct {
	asked   recommendationCase
	object  *vpa_types.VerticalPodAutoscaler
	cluster model.ClusterState
	gone    map[int]bool
}

func newWorld(asked recommendationCase) *world {
	w := &world{asked: asked, object: vpaOf(asked.Policies), gone: map[int]bool{}}
	w.begin()
	return w
}

func (w *world) begin() {
	w.cluster = model.NewClusterState(time.Hour)
	must(w.cluster.AddOrUpdateVpa(w.object, labels.SelectorFromSet(labels.Set{"app": "web"})))
	for i, revision := range w.asked.Pods {
		if w.gone[i] {
			continue
		}
		of := labels.Set{"app": "web", "pod-template-hash": fmt.Sprint(revision)}
		w.cluster.AddOrUpdatePod(podID(i), of, v1.PodRunning)
		for _, name := range w.asked.Containers {
			must(w.cluster.AddOrUpdateContainer(model.ContainerID{PodID: podID(i), ContainerName: name}, nil))
		}
	}
}

func (w *world) vpa() *model.Vpa {
	return w.cluster.VPAs()[model.VpaID{Namespace: namespace, VpaName: w.object.Name}]
}

// What the model refuses (too old, repeated) it says with an error; the case goes on.
func (w *world) sample(s samplesStep) {
	id := w.containerID(s.Pod, s.Container)
	for i := range s.Count {
		at := moment(s.From + int64(i)*s.Every)
		usages := map[model.ResourceName]int64{
			model.ResourceCPU:    s.CPU[i%len(s.CPU)],
			model.ResourceMemory: s.Memory[i%len(s.Memory)],
		}
		for resource, usage := range usages {
			_ = w.cluster.AddSample(&model.ContainerUsageSampleWithKey{
				Container: id,
				ContainerUsageSample: model.ContainerUsageSample{
					MeasureStart: at, Usage: model.ResourceAmount(usage), Resource: resource,
				},
			})
		}
	}
}

func (w *world) oom(o oomStep) {
	_ = w.cluster.RecordOOM(w.containerID(o.Pod, o.Container), moment(o.At), model.ResourceAmount(o.Request))
}

// A restart writes what the checkpoint writer would write (open windows do not count), sends it through JSON, and
// begins anew with it.
func (w *world) restart(now time.Time) map[string]json.RawMessage {
	states := w.vpa().AggregateStateByContainerName()
	for _, pod := range w.cluster.Pods() {
		for name, container := range pod.Containers {
			if state := states[name]; state != nil && now.Before(container.WindowEnd) {
				peak := model.BytesFromMemoryAmount(container.GetMaxMemoryPeak())
				state.AggregateMemoryPeaks.SubtractSample(peak, 1, container.WindowEnd)
			}
		}
	}
	checkpoints := map[string]json.RawMessage{}
	w.begin()
	for name, state := range states {
		checkpoints[name] = written(state)
		var read vpa_types.VerticalPodAutoscalerCheckpointStatus
		must(json.Unmarshal(checkpoints[name], &read))
		loaded := model.NewAggregateContainerState()
		must(loaded.LoadFromCheckpoint(&read))
		w.vpa().ContainersInitialAggregateState[name] = loaded
	}
	return checkpoints
}

// The status of a checkpoint, without the time at which it was written: an answer depends on its case alone.
func written(state *model.AggregateContainerState) json.RawMessage {
	status, err := state.SaveToCheckpoint()
	must(err)
	status.LastUpdateTime = metav1.Time{}
	text, err := json.Marshal(status)
	must(err)
	return text
}

func (w *world) recommend() *vpa_types.RecommendedPodResources {
	s := w.asked.Settings
	recommender := logic.CreatePodResourceRecommender(logic.RecommendationConfig{
		SafetyMarginFraction: s.Margin,
		PodMinCPUMillicores:  s.MinCPU,
		PodMinMemoryMb:       s.MinMemoryMb,
		TargetCPUPercentile:  s.CPUPercentile,
		// A target outside of the bounds takes them along: our decision, which upstream's flags allow too.
		LowerBoundCPUPercentile:    min(0.5, s.CPUPercentile),
		UpperBoundCPUPercentile:    max(0.95, s.CPUPercentile),
		ConfidenceIntervalCPU:      24 * time.Hour,
		TargetMemoryPercentile:     s.MemoryPercentile,
		LowerBoundMemoryPercentile: min(0.5, s.MemoryPercentile),
		UpperBoundMemoryPercentile: max(0.95, s.MemoryPercentile),
		ConfidenceIntervalMemory:   24 * time.Hour,
	})
	resources := recommender.GetRecommendedPodResources(routines.GetContainerNameToAggregateStateMap(w.vpa()))
	list := logic.MapToListOfRecommendedContainerResources(resources, logic.RecommendationFormat{
		RoundCPUMillicores: s.RoundCPU,
		RoundMemoryBytes:   s.RoundMemory,
	})
	return routines.NewCappingRecommendationProcessor(s.MaxAllowed.list()).Process(w.object, list)
}

func vpaOf(policies []policyCase) *vpa_types.VerticalPodAutoscaler {
	object := &vpa_types.VerticalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: namespace},
		Spec:       vpa_types.VerticalPodAutoscalerSpec{ResourcePolicy: &vpa_types.PodResourcePolicy{}},
	}
	for _, each := range policies {
		mode := vpa_types.ContainerScalingMode(each.Mode)
		values := vpa_types.ContainerControlledValues(each.ControlledValues)
		resources := []v1.ResourceName{}
		for _, name := range each.ControlledResources {
			resources = append(resources, v1.ResourceName(name))
		}
		object.Spec.ResourcePolicy.ContainerPolicies = append(object.Spec.ResourcePolicy.ContainerPolicies,
			vpa_types.ContainerResourcePolicy{
				ContainerName:       each.Container,
				Mode:                &mode,
				ControlledValues:    &values,
				ControlledResources: &resources,
				MinAllowed:          each.MinAllowed.list(),
				MaxAllowed:          each.MaxAllowed.list(),
			})
	}
	return object
}

func (w *world) containerID(pod, container int) model.ContainerID {
	return model.ContainerID{PodID: podID(pod), ContainerName: w.asked.Containers[container]}
}

func podID(pod int) model.PodID {
	return model.PodID{Namespace: namespace, PodName: fmt.Sprintf("pod-%d", pod)}
}

func moment(at int64) time.Time { return time.UnixMilli(at).UTC() }

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// A bucketCase asks for the end of the bucket that each amount falls into.
type bucketCase struct {
	CPU    []int64 `json:"cpu"`
	Memory []int64 `json:"memory"`
}

type bucketAnswer struct {
	CPU    []int64 `json:"cpu"`
	Memory []int64 `json:"memory"`
}

func answerBucket(asked bucketCase) bucketAnswer {
	var answer bucketAnswer
	at := time.Date(2025, 7, 31, 0, 0, 0, 0, time.UTC)
	for _, milli := range asked.CPU {
		state := model.NewAggregateContainerState()
		state.AddSample(&model.ContainerUsageSample{
			MeasureStart: at, Usage: model.ResourceAmount(milli), Resource: model.ResourceCPU,
		})
		estimated := logic.NewPercentileCPUEstimator(0.9).GetCPUEstimation(state)
		answer.CPU = append(answer.CPU, int64(estimated))
	}
	for _, bytes := range asked.Memory {
		state := model.NewAggregateContainerState()
		state.AddSample(&model.ContainerUsageSample{
			MeasureStart: at, Usage: model.ResourceAmount(bytes), Resource: model.ResourceMemory,
		})
		estimated := logic.NewPercentileMemoryEstimator(0.9).GetMemoryEstimation(state)
		answer.Memory = append(answer.Memory, int64(estimated))
	}
	return answer
}

package main

import (
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Amounts are whole millicores and bytes; a resource without an amount is absent.
type amounts struct {
	CPU    *int64 `json:"cpu,omitempty"`
	Memory *int64 `json:"memory,omitempty"`
}

func (a amounts) list() v1.ResourceList {
	list := v1.ResourceList{}
	if a.CPU != nil {
		list[v1.ResourceCPU] = *resource.NewMilliQuantity(*a.CPU, resource.DecimalSI)
	}
	if a.Memory != nil {
		list[v1.ResourceMemory] = *resource.NewQuantity(*a.Memory, resource.BinarySI)
	}
	return list
}

func amountsOf(list v1.ResourceList) amounts {
	var a amounts
	if cpu, there := list[v1.ResourceCPU]; there {
		milli := cpu.MilliValue()
		a.CPU = &milli
	}
	if memory, there := list[v1.ResourceMemory]; there {
		bytes := memory.Value()
		a.Memory = &bytes
	}
	return a
}

// Texts are amounts as the API would show them.
func textsOf(list v1.ResourceList) map[v1.ResourceName]string {
	texts := map[v1.ResourceName]string{}
	for name, quantity := range list {
		number, suffix := quantity.CanonicalizeBytes(make([]byte, 0, 64))
		texts[name] = string(number) + string(suffix)
	}
	return texts
}

package main

import (
	"strconv"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/labels"
)

type quantityAnswer struct {
	Error string `json:"error,omitempty"`
	// Text is the canonical form, computed anew: a parsed quantity may remember how it was written.
	Text  string `json:"text"`
	Milli string `json:"milli"`
}

func answerQuantity(text string) quantityAnswer {
	quantity, err := resource.ParseQuantity(text)
	if err != nil {
		return quantityAnswer{Error: err.Error()}
	}
	number, suffix := quantity.CanonicalizeBytes(make([]byte, 0, 64))
	return quantityAnswer{
		Text:  string(number) + string(suffix),
		Milli: strconv.FormatInt(quantity.MilliValue(), 10),
	}
}

type selectorCase struct {
	Text   string              `json:"text"`
	Labels []map[string]string `json:"labels"`
}

type selectorAnswer struct {
	Error   string `json:"error,omitempty"`
	Matches []bool `json:"matches"`
}

func answerSelector(asked selectorCase) selectorAnswer {
	selector, err := labels.Parse(asked.Text)
	if err != nil {
		return selectorAnswer{Error: err.Error(), Matches: []bool{}}
	}
	matches := make([]bool, 0, len(asked.Labels))
	for _, each := range asked.Labels {
		matches = append(matches, selector.Matches(labels.Set(each)))
	}
	return selectorAnswer{Matches: matches}
}

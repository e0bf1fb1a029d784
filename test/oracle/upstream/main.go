// Command upstream answers the oracle lane's cases with Kubernetes' own code: one JSON case a line on stdin, one JSON
// answer a line on stdout, in the same order. It decides nothing itself; it builds the objects that a case describes
// and calls what the HPA controller and the API server call.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// A question holds exactly one kind of case.
type question struct {
	Replicas *replicasCase `json:"replicas"`
	Quantity *string       `json:"quantity"`
	Selector *selectorCase `json:"selector"`
}

func main() {
	must(checkTolerances())
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<26)
	out := bufio.NewWriterSize(os.Stdout, 1<<16)
	answers := json.NewEncoder(out)
	for in.Scan() {
		var asked question
		must(json.Unmarshal(in.Bytes(), &asked))
		must(answers.Encode(answer(asked)))
		// Whoever asks waits for the answers to the lines it has written so far.
		must(out.Flush())
	}
	must(in.Err())
}

func answer(asked question) any {
	switch {
	case asked.Replicas != nil:
		return answerReplicas(*asked.Replicas)
	case asked.Quantity != nil:
		return answerQuantity(*asked.Quantity)
	case asked.Selector != nil:
		return answerSelector(*asked.Selector)
	}
	panic("a case of no known kind")
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

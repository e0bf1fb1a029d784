// Command vpa answers the oracle lane's cases with the Vertical Pod Autoscaler's own Go code: one JSON case a line on
// stdin, one JSON answer a line on stdout, in the same order. It decides nothing itself; it feeds a case to the
// recommender's model and calls what the recommender and the admission controller call.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"k8s.io/klog/v2"
)

// A question holds exactly one kind of case.
type question struct {
	Recommendation *recommendationCase `json:"recommendation"`
	Fit            *fitCase            `json:"fit"`
	Bucket         *bucketCase         `json:"bucket"`
}

func main() {
	silenceLog()
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
	case asked.Recommendation != nil:
		return answerRecommendation(*asked.Recommendation)
	case asked.Fit != nil:
		return answerFit(*asked.Fit)
	case asked.Bucket != nil:
		return answerBucket(*asked.Bucket)
	}
	panic("a case of no known kind")
}

// The recommender logs what it thinks of single samples; here only answers count.
func silenceLog() {
	flags := flag.NewFlagSet("klog", flag.PanicOnError)
	klog.InitFlags(flags)
	must(flags.Set("logtostderr", "false"))
	must(flags.Set("stderrthreshold", "FATAL"))
	klog.SetOutput(discard{})
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

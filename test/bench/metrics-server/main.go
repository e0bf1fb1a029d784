// Decodes recorded answers of kubelets with metrics-server's own client: the peer of decode.bench.ts.
//
// Its decoder is not exported, so each answer goes through its whole client over a transport that hands out the
// recorded bytes. What that costs without decoding is measured beside it, by an HTTP client that reads the same
// answers over the same transport into a reused buffer, as metrics-server's does, and is subtracted by the caller.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/metrics-server/pkg/scraper/client"
	"sigs.k8s.io/metrics-server/pkg/scraper/client/resource"
)

// Hands out one recorded answer for every request.
type recorded struct{ body []byte }

func (r *recorded) RoundTrip(request *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"text/plain; version=0.0.4"}},
		Body:       io.NopCloser(bytes.NewReader(r.body)),
		Request:    request,
	}, nil
}

type figures struct {
	WholeNanos     int64 `json:"wholeNanos"`
	TransportNanos int64 `json:"transportNanos"`
	Bytes          int64 `json:"bytes"`
	Containers     int64 `json:"containers"`
}

func main() {
	folder, passes := os.Args[1], must(strconv.Atoi(os.Args[2]))
	answers := read(folder)
	transport := &recorded{}
	config := client.KubeletClientConfig{
		Client:              rest.Config{Transport: transport, Timeout: 10 * time.Second},
		AddressTypePriority: []corev1.NodeAddressType{corev1.NodeInternalIP},
		Scheme:              "http",
		DefaultPort:         10250,
	}
	kubelet := must(resource.NewForConfig(&config))
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "node"},
		Status:     corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "10.0.0.1"}}},
	}
	plain := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	buffer := bytes.NewBuffer(make([]byte, 10e3))

	var found figures
	for pass := 0; pass < passes; pass++ {
		begin := time.Now()
		for _, body := range answers {
			transport.body = body
			batch := must(kubelet.GetMetrics(context.Background(), node))
			for _, pod := range batch.Pods {
				found.Containers += int64(len(pod.Containers))
			}
			found.Bytes += int64(len(body))
		}
		found.WholeNanos += time.Since(begin).Nanoseconds()

		begin = time.Now()
		for _, body := range answers {
			transport.body = body
			request := must(http.NewRequest("GET", "http://10.0.0.1:10250/metrics/resource", nil))
			response := must(plain.Do(request.WithContext(context.Background())))
			buffer.Reset()
			must(io.Copy(buffer, response.Body))
			response.Body.Close()
		}
		found.TransportNanos += time.Since(begin).Nanoseconds()
	}
	fmt.Println(string(must(json.Marshal(found))))
}

// The answers in the order of their names: round by round, node by node.
func read(folder string) [][]byte {
	names := must(filepath.Glob(filepath.Join(folder, "*.txt")))
	sort.Strings(names)
	if len(names) == 0 || !strings.HasPrefix(filepath.Base(names[0]), "round-") {
		panic("no recorded answers in " + folder)
	}
	answers := make([][]byte, 0, len(names))
	for _, name := range names {
		answers = append(answers, must(os.ReadFile(name)))
	}
	return answers
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

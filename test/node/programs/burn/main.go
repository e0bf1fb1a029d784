// burn uses as much CPU and memory as it is told, and no more: both are controlled by what the kernel says that this process
// has used.
//
//	burn --cpu 200 --memory 64                        200 thousandths of a core, 64 MiB resident
//	burn --cpu 50,@20s=300 --memory 24,@20s=200       from 20 s after the start on other amounts
//	burn --cpu-file /load/web                         the number in a file, looked at again and again
//	burn --cpu 100 --exit-after 30s --exit-code 3     ends by itself
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	tick     = 10 * time.Millisecond
	lookAt   = 100 * time.Millisecond
	mebibyte = 1 << 20
	page     = 4096
	// A process that was kept from running does not make up for more than this afterwards, or it would use too much then.
	debtMax = 100 * time.Millisecond
)

// A change of an amount, some time after the start.
type change struct {
	after  time.Duration
	amount float64
}

// In the order in which they were written: the last one that has begun holds.
type schedule []change

func parse(text string) schedule {
	var changes schedule
	for _, part := range strings.Split(text, ",") {
		after, amount, isLater := strings.Cut(strings.TrimPrefix(part, "@"), "=")
		if !isLater {
			after, amount = "0s", part
		}
		delay, err := time.ParseDuration(after)
		must(err)
		value, err := strconv.ParseFloat(amount, 64)
		must(err)
		changes = append(changes, change{delay, value})
	}
	return changes
}

func (changes schedule) at(age time.Duration) (amount float64) {
	for _, each := range changes {
		if each.after <= age {
			amount = each.amount
		}
	}
	return amount
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func main() {
	cpu := flag.String("cpu", "0", "thousandths of a core")
	cpuFile := flag.String("cpu-file", "", "file that holds thousandths of a core")
	memory := flag.String("memory", "0", "MiB resident, the program's own included")
	exitAfter := flag.Duration("exit-after", 0, "end after this long")
	exitCode := flag.Int("exit-code", 0, "and with this code")
	flag.Parse()

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() { <-signals; os.Exit(0) }()
	if *exitAfter > 0 {
		time.AfterFunc(*exitAfter, func() { os.Exit(*exitCode) })
	}
	start := time.Now()
	go holdMemory(parse(*memory), start)
	changes := parse(*cpu)
	burn(func() float64 {
		if *cpuFile != "" {
			return amountIn(*cpuFile)
		}
		return changes.at(time.Since(start))
	})
}

// What cannot be read is 0: the file may be written at this moment.
func amountIn(file string) float64 {
	text, _ := os.ReadFile(file)
	amount, _ := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
	return amount
}

// Mappings of 1 MiB each, every page of them written, until the process is as large as it should be.
func holdMemory(changes schedule, start time.Time) {
	var held [][]byte
	for {
		missing := int(changes.at(time.Since(start))) - resident()/mebibyte
		for ; missing > 0; missing-- {
			block, err := syscall.Mmap(-1, 0, mebibyte, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
			must(err)
			for at := 0; at < len(block); at += page {
				block[at] = 1
			}
			held = append(held, block)
		}
		for ; missing < 0 && len(held) > 0; missing++ {
			must(syscall.Munmap(held[len(held)-1]))
			held = held[:len(held)-1]
		}
		time.Sleep(lookAt)
	}
}

// Bytes of this process that are in memory.
func resident() int {
	text, err := os.ReadFile("/proc/self/statm")
	must(err)
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	must(err)
	return pages * page
}

// A tick at a time, as much of each as is needed for the sum to be right.
func burn(wanted func() float64) {
	amount, since, before, looked := wanted(), time.Now(), used(), time.Now()
	for {
		now := time.Now()
		if now.Sub(looked) >= lookAt {
			looked = now
			if other := wanted(); other != amount {
				amount, since, before = other, now, used()
			}
		}
		debt := time.Duration(float64(now.Sub(since))*amount/1000) - (used() - before)
		if debt > debtMax {
			since, before = now, used()
		} else if debt > 0 {
			spin(now.Add(min(debt, tick)))
		} else {
			time.Sleep(tick)
		}
	}
}

var noise uint64

func spin(until time.Time) {
	for time.Now().Before(until) {
		for range 1000 {
			noise = noise*2862933555777941757 + 3037000493
		}
	}
}

// CPU time of this process, in user and in kernel mode.
func used() time.Duration {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

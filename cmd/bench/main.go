// Bench measures Keyporter's speed and size: the real binary over the loopback interface, and in the same run something
// to compare it with. It prints the median, the minimum and the maximum of the rounds of each measurement, and the
// ratio of the two. docs/performance.md has results.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) == 3 && os.Args[1] == "bare" {
		serveBare(os.Args[2])
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "bare-select" {
		serveSelect(os.Args[2])
		return
	}
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A bench is one run of all measurements.
type bench struct {
	ctx    context.Context
	folder string
	binary string
	rounds int           // of each measurement, after one to warm up
	length time.Duration // of one round of load
	many   int           // keys in the large subscription
}

func run(ctx context.Context) error {
	b := &bench{ctx: ctx}
	flag.IntVar(&b.rounds, "rounds", 5, "counted rounds of each measurement")
	flag.DurationVar(&b.length, "length", 3*time.Second, "how long one round of load lasts")
	flag.IntVar(&b.many, "keys", 1_000_000, "keys in the large subscription")
	only := flag.String("only", "", "the one section to measure; all if empty")
	flag.Parse()
	var err error
	if b.folder, err = os.MkdirTemp("", "keyporter-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.folder)
	if err := b.build(); err != nil {
		return err
	}
	fmt.Printf("%s, %s/%s, %d processors, %s\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(),
		time.Now().UTC().Format(time.DateOnly))
	small, err := b.seed("small", 1000, 0)
	if err != nil {
		return err
	}
	deleting, err := b.seed("deleting", 1000, deletionsPerSecond*(b.rounds+2)*int(1+b.length/time.Second))
	if err != nil {
		return err
	}
	large, err := b.seed("large", b.many, 0)
	if err != nil {
		return err
	}
	sections := []section{
		{"size", func() error { return b.size(small) }},
		{"start", func() error { return b.loading(large) }},
		{"lists", func() error { return b.lists(small, large) }},
		{"gate", func() error { return b.gates(small, deleting, large) }},
		{"judgement", func() error { return b.judgement(large) }},
		{"exclude", b.exclusions},
		{"postgres", func() error { return b.postgres(small, large) }},
	}
	return measure(sections, *only)
}

// A section is a part of the measurements that can be made alone.
type section struct {
	name    string
	measure func() error
}

// measure makes the measurements of all sections, or of the one with the given name.
func measure(sections []section, only string) error {
	found := false
	for _, s := range sections {
		if only != "" && only != s.name {
			continue
		}
		found = true
		if err := s.measure(); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("there is no section %q", only)
	}
	return nil
}

// build builds the binary with the flags of `make build`.
func (b *bench) build() error {
	b.binary = filepath.Join(b.folder, "keyporter")
	cmd := exec.CommandContext(b.ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.binary,
		"./cmd/keyporter")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

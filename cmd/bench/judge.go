package main

import (
	"fmt"
	"testing"
	"unsafe"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

// judgement measures the judgement alone, in this process, with all keys of the large database in memory.
func (b *bench) judgement(large *dataset) error {
	db, err := store.Open(b.ctx, large.path)
	if err != nil {
		return err
	}
	defer db.Close()
	porter := keyporter.New(db, keyporter.Options{})
	var times, alone, allocations figures
	for range b.rounds {
		judged := b.loop(large, func(c keyporter.Call) bool { return porter.Judge(b.ctx, c).OK() })
		empty := b.loop(large, func(keyporter.Call) bool { return true })
		times, alone = append(times, float64(judged.NsPerOp())),
			append(alone, float64(judged.NsPerOp()-empty.NsPerOp()))
		allocations = append(allocations, float64(judged.AllocsPerOp()))
	}
	fmt.Printf("\nThe judgement alone, %d keys uniformly in use, their uses recorded\n", b.many)
	times.print("nanoseconds, with fetching the token from memory", "%.0f")
	alone.print("nanoseconds, without it", "%.0f")
	allocations.print("allocations", "%.0f")
	return nil
}

// loop calls judge with one token after the other. Each is first copied to one place, since a header that has just come
// from the network is in the processor's cache, and a list of a million tokens is not.
func (b *bench) loop(large *dataset, judge func(keyporter.Call) bool) testing.BenchmarkResult {
	return testing.Benchmark(func(t *testing.B) {
		var header [64]byte
		headers := [1]string{}
		call := keyporter.Call{Method: "GET", Path: "/api/v1/report", Address: "127.0.0.1"}
		call.IntegrationKey = headers[:]
		t.ReportAllocs()
		for i := range t.N {
			n := copy(header[:], large.tokens[i*7919%len(large.tokens)])
			headers[0] = unsafe.String(&header[0], n) // read only until it is overwritten
			if !judge(call) {
				t.Fatal("a key is refused")
			}
		}
	})
}

package main

import (
	"fmt"
	"testing"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

// judgement measures the judgement alone, in this process, with the large database's copy in memory.
func (b *bench) judgement(large *seeded) error {
	db, err := store.Open(b.ctx, large.path)
	if err != nil {
		return err
	}
	defer db.Close()
	porter := keyporter.New(db, keyporter.Options{})
	var times, allocations figures
	for range b.rounds {
		result := testing.Benchmark(func(t *testing.B) {
			headers := [1]string{}
			call := keyporter.Call{Method: "GET", Path: "/api/v1/report", Address: "127.0.0.1"}
			t.ReportAllocs()
			for i := range t.N {
				headers[0] = large.tokens[i*7919%len(large.tokens)]
				call.IntegrationKey = headers[:]
				if v := porter.Judge(b.ctx, call); !v.OK() {
					t.Fatal(v.Code)
				}
			}
		})
		times, allocations = append(times, float64(result.NsPerOp())), append(allocations, float64(result.AllocsPerOp()))
	}
	fmt.Printf("\nThe judgement alone, %d keys uniformly in use, their uses noted\n", b.many)
	times.print("nanoseconds", "%.0f")
	allocations.print("allocations", "%.0f")
	return nil
}

package main

import (
	"fmt"
	"slices"
	"time"
)

// figures are the results of one measurement, by round.
type figures []float64

func (f figures) median() float64 {
	sorted := slices.Sorted(slices.Values(f))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(f)/2]
}

// over returns the ratio to other of each round.
func (f figures) over(other figures) figures {
	ratios := make(figures, len(f))
	for i := range f {
		ratios[i] = f[i] / other[i]
	}
	return ratios
}

// print prints the median, the minimum and the maximum.
func (f figures) print(what, format string) {
	fmt.Printf("  %-58s"+format+"  ("+format+" to "+format+")\n", what, f.median(), slices.Min(f), slices.Max(f))
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

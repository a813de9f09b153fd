package main

import (
	"fmt"
	"slices"
	"time"
)

// figures are what one measurement gave in each of its rounds.
type figures []float64

func (f figures) median() float64 {
	sorted := slices.Sorted(slices.Values(f))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(f)/2]
}

// over returns the ratios to other, round by round.
func (f figures) over(other figures) figures {
	ratios := make(figures, len(f))
	for i := range f {
		ratios[i] = f[i] / other[i]
	}
	return ratios
}

func (f figures) print(what, format string) {
	fmt.Printf("  %-58s"+format+"  ("+format+" to "+format+")\n", what, f.median(), slices.Min(f), slices.Max(f))
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

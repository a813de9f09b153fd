package main

import (
	"testing"

	"keyporter/internal/exclude"
)

// TestWorstExcludeLists counts steps, which are the same on each machine. No list that can be stored is known to take
// more for an event. A loop over the entries would take millions.
func TestWorstExcludeLists(t *testing.T) {
	const maxSteps = 60_000
	for _, c := range worstCases() {
		if n := len(c.list.Entries()); n != exclude.MaxEntries {
			t.Errorf("%s: %d entries", c.name, n)
		}
		for _, e := range c.events[:min(len(c.events), 20)] {
			if steps := c.list.Steps(e); steps > maxSteps || c.list.Excludes(e) {
				t.Errorf("%s: %d steps, excluded: %v", c.name, steps, c.list.Excludes(e))
			}
		}
	}
}

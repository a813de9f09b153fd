package main

import (
	"testing"

	"keyporter/internal/keyporter"
)

// TestWorstExcludeLists counts steps, which are the same on each machine: nobody can store a list that takes more
// for an event, as far as is known. Going through the entries would take millions.
func TestWorstExcludeLists(t *testing.T) {
	const maxSteps = 60_000
	for _, c := range worstCases() {
		if n := len(c.list.Entries()); n != keyporter.MaxExcludeEntries {
			t.Errorf("%s: %d entries", c.name, n)
		}
		for _, e := range c.events[:min(len(c.events), 20)] {
			if steps := c.list.Steps(e); steps > maxSteps || c.list.Excludes(e) {
				t.Errorf("%s: %d steps, excluded: %v", c.name, steps, c.list.Excludes(e))
			}
		}
	}
}

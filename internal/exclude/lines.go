package exclude

import (
	"fmt"
	"strings"

	"keyporter/plural"
)

// maxNamedLines is how many bad lines a sentence of [ParseLines] names.
const maxNamedLines = 100

// ParseLines returns the lines of a text as patterns of a kind, without blank lines. If any cannot be a pattern, or if
// there is none, the sentence says so: in a line of its own for each bad line.
func ParseLines(kind Kind, text string) (patterns []string, sentence string) {
	var bad []string
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		pattern, sentence := CleanPattern(kind, line)
		if sentence != "" {
			bad = append(bad, fmt.Sprintf("Line %d: %s", i+1, sentence))
		}
		patterns = append(patterns, pattern)
	}
	if more := len(bad) - maxNamedLines; more > 0 {
		bad = append(bad[:maxNamedLines], "and "+plural.Count(more, "more line", "more lines")+".")
	}
	if len(patterns) == 0 {
		bad = append(bad, "Type at least one entry.")
	}
	return patterns, strings.Join(bad, "\n")
}

package page

import (
	"strconv"
	"time"

	"keyporter/plural"
	"keyporter/web/part"
)

// Sizes of a chart, in units of its viewBox.
const (
	barStep   = 12
	barWidth  = "10"
	barHeight = 120
)

// A bar is one count of a chart, as attributes of SVG rectangles.
type bar struct{ x, admittedTop, admitted, refusedTop, refused string }

// bars scales the counts to the largest. A count above zero is at least one unit high, so that it is visible.
func bars(counts []UsageCount) []bar {
	var tallest int64 = 1
	for _, c := range counts {
		tallest = max(tallest, c.Admitted+c.Refused)
	}
	height := func(n int64) int64 {
		if n == 0 {
			return 0
		}
		return max(1, n*barHeight/tallest)
	}
	all := make([]bar, len(counts))
	for i, c := range counts {
		admitted, refused := height(c.Admitted), height(c.Refused)
		ground := int64(barHeight + 1)
		all[i] = bar{
			x:           strconv.Itoa(i * barStep),
			admittedTop: number(ground - admitted), admitted: number(admitted),
			refusedTop: number(ground - admitted - refused), refused: number(refused),
		}
	}
	return all
}

// sums returns the totals of all counts.
func sums(counts []UsageCount) (admitted, refused int64) {
	for _, c := range counts {
		admitted, refused = admitted+c.Admitted, refused+c.Refused
	}
	return admitted, refused
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// chartLabel returns the accessible name of a chart.
func chartLabel(title string, counts []UsageCount) string {
	admitted, refused := sums(counts)
	return title + ": " + plural.Count(admitted, "request", "requests") + " admitted, " + part.Number(refused) +
		" refused. The numbers follow as a table."
}

// barLabel returns the accessible name of one bar.
func barLabel(name func(time.Time) string, c UsageCount) string {
	return name(c.At) + ": " + part.Number(c.Admitted) + " admitted, " + part.Number(c.Refused) + " refused"
}

func hourName(t time.Time) string { return t.UTC().Format("2 Jan, 15:04") + " UTC" }

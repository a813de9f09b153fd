// Package plural writes numbers in sentences: with a comma between thousands, and with the singular or the plural of
// what is counted.
package plural

import "strconv"

// Count writes a number and what is counted: "1 second", "2 seconds", "1,000 entries".
func Count[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(int64(n)) + " " + many
}

// Number writes a number with a comma between thousands.
func Number(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

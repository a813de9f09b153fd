package console

import (
	"strconv"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/plural"
)

// cappedCount writes a number that was counted up to [keyporter.CountLimit].
func cappedCount(n int) string {
	switch {
	case n > keyporter.CountLimit:
		return "more than 1,000"
	case n == keyporter.CountLimit:
		return "1,000"
	}
	return strconv.Itoa(n)
}

// keyCount writes a number of keys, such as "3 keys", or "3 keys found" after a search.
func keyCount(n int, searched bool) string {
	text := plural.Count(n, "key", "keys")
	if n > keyporter.CountLimit {
		text = "more than 1,000 keys"
	}
	if searched {
		text += " found"
	}
	return text
}

// feedbackKeyCount writes a number of Feedback API keys; "" for none.
func feedbackKeyCount(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 Feedback API key"
	}
	return cappedCount(n) + " Feedback API keys"
}

// entryCount writes a number of entries of the Exclude List.
func entryCount(n int) string { return plural.Count(n, "entry", "entries") }

// useCount writes how often a key was used, such as "3 times"; "" for never.
func useCount(n int64) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "once"
	}
	return plural.Count(n, "time", "times")
}

// minutes writes a duration of minutes, or hours if it has many.
func minutes(d time.Duration) string {
	if d >= 3*time.Hour {
		return plural.Count(int(d.Round(time.Hour)/time.Hour), "hour", "hours")
	}
	return plural.Count(int(d.Round(time.Minute)/time.Minute), "minute", "minutes")
}

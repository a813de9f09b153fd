package part

import (
	"time"

	"keyporter/internal/plural"
)

const (
	dateFormat  = "2 Jan 2006"
	exactFormat = "2 Jan 2006, 15:04:05 MST"
)

// Relative says how long before now something was, in words, and from 30 days on names its date. A time that is up
// to a minute in the future is "just now": two computers' clocks differ. The zero time is "never".
func Relative(now, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	ago := now.Sub(t)
	switch {
	case ago < -time.Minute:
		return Day(t)
	case ago < time.Minute:
		return "just now"
	case ago < time.Hour:
		return plural.Count(int(ago/time.Minute), "minute", "minutes") + " ago"
	case ago < 24*time.Hour:
		return plural.Count(int(ago/time.Hour), "hour", "hours") + " ago"
	}
	days := daysBetween(t, now)
	switch {
	case days == 1:
		return "yesterday"
	case days < 30:
		return plural.Count(days, "day", "days") + " ago"
	}
	return Day(t)
}

// Day is a date in UTC, such as "22 Nov 2026".
func Day(t time.Time) string { return t.UTC().Format(dateFormat) }

// Moment is a time in UTC to the second, such as "22 Nov 2026, 14:03:07 UTC".
func Moment(t time.Time) string { return t.UTC().Format(exactFormat) }

// daysBetween counts the midnights in UTC from one time to a later one.
func daysBetween(from, to time.Time) int {
	day := func(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
	return int(day(to).Sub(day(from)) / (24 * time.Hour))
}

func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

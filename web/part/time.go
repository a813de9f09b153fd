package part

import (
	"time"

	"keyporter/plural"
)

const (
	dayFormat      = "2 Jan 2006"
	dateTimeFormat = "2 Jan 2006, 15:04:05 MST"
)

// Relative says how long before now a time is, and from 30 days on names its date. A time up to a minute in the future
// is "just now", because clocks differ. The zero time is "never".
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

// Until says how long after now a time is, such as "in 3 days", or before it, as [Relative] does.
func Until(now, t time.Time) string {
	left := t.Sub(now)
	switch {
	case left <= 0:
		return Relative(now, t)
	case left < time.Hour:
		return "within an hour"
	case left < 48*time.Hour:
		return "in " + plural.Count(int(left/time.Hour), "hour", "hours")
	}
	return "in " + plural.Count(int(left/(24*time.Hour)), "day", "days")
}

// Day returns the date in UTC, such as "22 Nov 2026".
func Day(t time.Time) string { return t.UTC().Format(dayFormat) }

// DateTime returns the time in UTC to the second, such as "22 Nov 2026, 14:03:07 UTC".
func DateTime(t time.Time) string { return t.UTC().Format(dateTimeFormat) }

// daysBetween returns the number of midnights in UTC from one time to a later one.
func daysBetween(from, to time.Time) int {
	day := func(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
	return int(day(to).Sub(day(from)) / (24 * time.Hour))
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }

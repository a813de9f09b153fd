package keyporter

import (
	"strconv"
	"time"
)

// An EndChoice is how the end of a key is chosen.
type EndChoice string

// The choices, by their values in the form.
const (
	EndNever  EndChoice = ""
	EndIn7    EndChoice = "7"
	EndIn30   EndChoice = "30"
	EndIn90   EndChoice = "90"
	EndIn365  EndChoice = "365"
	EndOnDate EndChoice = "date"
)

// An EndForm is what a member fills in for the end of a key.
type EndForm struct {
	Choice EndChoice
	Date   string // of EndOnDate, as 2026-11-30: the key ends at the end of that day
	// Offset is how many minutes the member's clock is behind UTC at the end of that day, which summer time changes; 0
	// without JavaScript. It comes from the browser and not from a time zone's name, because the browser knows zones,
	// and changes of them, that this program's table may not have.
	Offset int
	Shown  string // of a change, the [Key.EndVersion] that the form showed; "" if it does not matter
}

// maxEnd is how far in the future a key may end, in years.
const maxEnd = 10

// maxOffset is more than any time zone differs from UTC, in minutes.
const maxOffset = 15 * 60

// check returns the end, and adds what is wrong with the form.
func (f EndForm) check(now time.Time, invalid Invalid) Timestamp {
	day := 24 * time.Hour
	switch f.Choice {
	case EndNever:
		return 0
	case EndIn7:
		return NewTimestamp(now.Add(7 * day))
	case EndIn30:
		return NewTimestamp(now.Add(30 * day))
	case EndIn90:
		return NewTimestamp(now.Add(90 * day))
	case EndIn365:
		return NewTimestamp(now.Add(365 * day))
	case EndOnDate:
		return f.checkDate(now, invalid)
	}
	invalid.add("ends", "Choose when the key ends.")
	return 0
}

func (f EndForm) checkDate(now time.Time, invalid Invalid) Timestamp {
	date, err := time.Parse(time.DateOnly, f.Date)
	if err != nil || f.Offset > maxOffset || f.Offset < -maxOffset {
		invalid.add("end_date", "Type a date of the calendar, such as "+now.AddDate(0, 1, 0).Format(time.DateOnly)+".")
		return 0
	}
	end := date.AddDate(0, 0, 1).Add(time.Duration(f.Offset) * time.Minute)
	switch {
	case !end.After(now):
		invalid.add("end_date", "This day is over. Choose today or a later day.")
	case end.After(now.AddDate(maxEnd, 0, 1)):
		invalid.add("end_date", "A key can end within 10 years. Choose an earlier day.")
	}
	return NewTimestamp(end)
}

// EndVersion changes with the key's end. A form hands it on, so that it does not undo a change that it did not show.
func (k Key) EndVersion() string { return strconv.FormatInt(int64(k.Ends), 10) }

// sameEnd is how far apart the ends of two forms may be that were sent by repeated clicks.
const sameEnd = time.Minute

// checkChange decides whether the key's end is to be replaced by another one. It fails with [Invalid] for "" if
// somebody else has changed it since the form was shown.
func (f EndForm) checkChange(k Key, end Timestamp) (bool, error) {
	apart := end.Time().Sub(k.Ends.Time()).Abs()
	switch {
	case end == k.Ends, end != 0 && k.Ends != 0 && f.Choice != EndOnDate && apart < sameEnd:
		return false, nil
	case f.Shown != "" && f.Shown != k.EndVersion():
		return false, Invalid{"": "Somebody else changed this while the form was open: the key now " +
			endWords(k.Ends) + ". Save again to replace that."}
	}
	return true, nil
}

// endWords says when a key ends, for the audit log.
func endWords(end Timestamp) string {
	if end == 0 {
		return "never ends"
	}
	return "ends " + end.Time().Format("2 Jan 2006, 15:04 UTC")
}

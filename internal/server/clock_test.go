package server_test

import (
	"strings"
	"testing"
	"time"
)

// TestClockSetBack: operators see on their page that the clock was set back, and nobody else does.
func TestClockSetBack(t *testing.T) {
	now := start
	f := serve(t, engine.Copy(t, theModel.path), func() time.Time { return now })
	const page, sentence = "/operator/subscriptions", "The clock of this machine was set back by 12 minutes."
	operator := f.client(olga)
	f.ok(f.CheckClock(f.ctx))
	if strings.Contains(operator.get(page).body, "The clock") {
		t.Error("the page speaks of a clock that is right")
	}
	now = start.Add(time.Hour)
	f.ok(f.CheckClock(f.ctx))
	now = now.Add(-12 * time.Minute)
	f.ok(f.CheckClock(f.ctx))
	if got := operator.get(page); !strings.Contains(got.body, sentence) ||
		!strings.Contains(got.body, "1 Mar 2026, 12:48:00 UTC") {
		t.Errorf("the page does not say %q: %s", sentence, got.Status)
	}
	for _, path := range []string{f.at(""), f.at(keysBelow)} {
		if strings.Contains(f.client(ada).get(path).body, "The clock") {
			t.Errorf("%s speaks of the clock", path)
		}
	}
	if log := f.log.String(); !strings.Contains(log, "the clock of this machine was set back") {
		t.Errorf("the log says\n%s", log)
	}
}

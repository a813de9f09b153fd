package console

import (
	"net/http"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

func TestDeviceName(t *testing.T) {
	const webKit = "AppleWebKit/537.36 (KHTML, like Gecko)"
	for _, c := range []struct{ want, userAgent string }{
		{"Unknown browser", ""},
		{
			"Edge on Windows",
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + webKit + " Chrome/126.0 Safari/537.36 Edg/126.0",
		},
		{"Firefox on Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"},
		{"Safari on macOS", "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) " + webKit + " Version/17.5 Safari/605.1.15"},
		{"Chrome on Android", "Mozilla/5.0 (Linux; Android 14) " + webKit + " Chrome/126.0 Mobile Safari/537.36"},
		{
			"Safari on iPhone",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) " + webKit + " Mobile/15E148 Safari/604.1",
		},
		{"curl", "curl/8.5.0"},
		{"Some Program 1.0", "Some Program 1.0"},
	} {
		if got := deviceName(c.userAgent); got != c.want {
			t.Errorf("deviceName(%q) = %q, want %q", c.userAgent, got, c.want)
		}
	}
}

func TestKeyCount(t *testing.T) {
	for n, want := range map[int]string{
		0: "0 keys", 1: "1 key", 2: "2 keys", 999: "999 keys", 1000: "1,000 keys", 1001: "more than 1,000 keys",
	} {
		if got := keyCount(n, false); got != want {
			t.Errorf("keyCount(%d) = %q, want %q", n, got, want)
		}
	}
	if got := keyCount(1, true); got != "1 key found" {
		t.Errorf("one that was searched for is %q", got)
	}
}

func TestSecondsLeft(t *testing.T) {
	for wait, want := range map[time.Duration]int{
		time.Millisecond: 1, time.Second: 1, 1001 * time.Millisecond: 2, time.Minute: 60,
	} {
		if got := secondsLeft(&keyporter.TooManyTries{After: wait}); got != want {
			t.Errorf("a wait of %s is %d seconds, want %d", wait, got, want)
		}
	}
}

// TestFlashText checks that the flash messages with numbers have a text, and that a cookie of somebody else's has none.
func TestFlashText(t *testing.T) {
	for f, want := range map[flash]string{
		flashSaved: "Saved.", "": "", "unknown": "", "<b>": "",
		entriesAdded(0, 2): "Nothing was added: every line is on the list already.",
		entriesAdded(1, 0): "Added: 1 entry.",
		entriesAdded(3, 1): "Added: 3 entries. 1 line was on the list already, or twice in what you sent, and was " +
			"left out.",
		entriesDeleted(2): "Deleted: 2 entries.",
		"saved.1.1":       "", "entries-added.-1.0": "", "entries-added.01.0": "", "entries-deleted.9999999.0": "",
	} {
		if got := f.text(); got != want {
			t.Errorf("%q says %q, want %q", f, got, want)
		}
	}
	for f, text := range flashTexts {
		if f == flashNone || text == "" {
			t.Errorf("%q says %q", f, text)
		}
	}
}

// TestProblems checks that every status that the console answers with an error page has a text.
func TestProblems(t *testing.T) {
	for _, status := range []int{400, 403, 404, 405, 413, 429, 500, 503} {
		if view := problems[status]; view.Heading == "" || view.Text == "" {
			t.Errorf("the page of %d %s says %+v", status, http.StatusText(status), view)
		}
	}
}

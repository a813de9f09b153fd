package console

import (
	"net/http"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

func TestDevice(t *testing.T) {
	for agent, want := range map[string]string{
		"": "Unknown browser",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0": "Edge on Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0":                                                "Firefox on Linux",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15":    "Safari on macOS",
		"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36":              "Chrome on Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1":   "Safari on iPhone",
		"curl/8.5.0":       "curl",
		"Some Program 1.0": "Some Program 1.0",
	} {
		if got := device(agent); got != want {
			t.Errorf("device(%q) = %q, want %q", agent, got, want)
		}
	}
}

func TestCounts(t *testing.T) {
	for n, want := range map[int]string{0: "0 keys", 1: "1 key", 2: "2 keys", 999: "999 keys", 1000: "1,000 keys", 1001: "more than 1,000 keys"} {
		if got := total(n, false); got != want {
			t.Errorf("total(%d) = %q, want %q", n, got, want)
		}
	}
	if got := total(1, true); got != "1 key found" {
		t.Errorf("one that was searched for is %q", got)
	}
}

func TestRetryAfter(t *testing.T) {
	for wait, want := range map[time.Duration]string{time.Millisecond: "1", time.Second: "1", 1001 * time.Millisecond: "2", time.Minute: "60"} {
		if got := decimal(secondsLeft(&keyporter.TooManyTries{After: wait})); got != want {
			t.Errorf("a wait of %s is %q, want %q", wait, got, want)
		}
	}
}

// TestEveryNoteHasASentence, and every status that a page is answered with a text.
func TestEveryNoteHasASentence(t *testing.T) {
	for n, sentence := range sentences {
		if n == noteNone || sentence == "" {
			t.Errorf("the note %q says %q", n, sentence)
		}
	}
	for _, status := range []int{400, 403, 404, 405, 413, 429, 500, 503} {
		if view := problems[status]; view.Heading == "" || view.Text == "" {
			t.Errorf("the page of %d %s says %+v", status, http.StatusText(status), view)
		}
	}
}

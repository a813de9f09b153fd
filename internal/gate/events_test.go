package gate

import (
	"encoding/json"
	"strings"
	"testing"

	"keyporter/internal/exclude"
)

func TestReadEvents(t *testing.T) {
	many := func(n int) string { return `{"events":[` + strings.TrimSuffix(strings.Repeat("{},", n), ",") + `]}` }
	for _, c := range []struct {
		body, says string // says is "" for a valid body
		n          int
	}{
		{`{"events":[]}`, "", 0}, {`{"events":[{}]}`, "", 1}, {many(10_000), "", 10_000},
		{` { "events" : [ {"server":"dev1:3000","remoteIp":"10.0.0.1","visitorId":"ada","accountId":"acme"} , ` +
			`{"remoteIp":""}, {"server":null} ] } `, "", 3},
		{`{"events":[{"remoteIp":"::ffff:10.0.0.1"},{"remoteIp":"2001:db8::1"}]}`, "", 2},
		{many(10_001), "10000 events at most", 0},
		{"", "not valid JSON", 0}, {"{", "not valid JSON", 0}, {`{"events":[]}x`, "not valid JSON", 0},
		{`{"events":[]}{"events":[]}`, "not valid JSON", 0}, {`{"events":[{"server":"a"},]}`, "not valid JSON", 0},
		{"{\"events\":[{\"server\":\"\xff\"}]}", "not valid UTF-8", 0},
		{`[]`, "an object with one member", 0}, {`null`, "an object with one member", 0},
		{`"events"`, "an object with one member", 0}, {`{}`, "an object with one member", 0},
		{`{"Events":[]}`, "an object with one member", 0}, {`{"events":{}}`, "an object with one member", 0},
		{`{"events":null}`, "an object with one member", 0},
		{`{"events":[],"events":[]}`, "an object with one member", 0},
		{`{"events":[],"more":1}`, "an object with one member", 0},
		{`{"events":[1]}`, "Event 0 (counted from 0) is not an object", 0},
		{`{"events":[{},null]}`, "Event 1 (counted from 0) is not an object", 0},
		{`{"events":[[]]}`, "Event 0 (counted from 0) is not an object", 0},
		{`{"events":[{},{"server":1}]}`, "Event 1 (counted from 0): the fields server", 0},
		{`{"events":[{"server":["a"]}]}`, "are strings", 0}, {`{"events":[{"server":{"a":"b"}}]}`, "are strings", 0},
		{`{"events":[{"server":true}]}`, "are strings", 0},
		{`{"events":[{"server":1e999}]}`, "are strings", 0}, {`{"events":[1e999]}`, "is not an object", 0},
		{`{"events":-1e999}`, "an object with one member", 0}, {`1e999`, "an object with one member", 0},
		{`{"events":[{"server":"a","server":"b"}]}`, "twice", 0},
		{`{"events":[{"server":"a","\u0073erver":"b"}]}`, "twice", 0},
		{`{"events":[{"Server":"a"}]}`, "no others", 0}, {`{"events":[{"ip":"a"}]}`, "no others", 0},
		{`{"events":[{"remoteIp":"10.0.0.1"},{"remoteIp":"10.0.0.1:80"}]}`,
			"Event 1 (counted from 0): remoteIp is not an IP address", 0},
		{`{"events":[{"remoteIp":"fe80::1%eth0"}]}`, "not an IP address", 0},
		{`{"events":[{"remoteIp":"10.0.0.0/8"}]}`, "not an IP address", 0},
		{strings.Repeat("[", 33), "nested more than 32 deep", 0},
		{strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33), "nested more than 32 deep", 0},
		{strings.Repeat("[", 32) + strings.Repeat("]", 32), "an object with one member", 0},
		{`{"events":[{"visitorId":"` + strings.Repeat("v", 1024) + `"}]}`, "", 1},
		{`{"events":[{},{"visitorId":"` + strings.Repeat("v", 1025) + `"}]}`,
			"Event 1 (counted from 0): a field has at most 1024 bytes", 0},
		// 2,400 bytes in NFC
		{`{"events":[{"visitorId":"` + strings.Repeat("\U0001D160", 200) + `"}]}`,
			"Event 0 (counted from 0): a field has at most 1024 bytes", 0},
		{`{"events":[{"server":"` + strings.Repeat("[", 100) + `\"{"}]}`, "", 1},
	} {
		events, sentence := readEvents([]byte(c.body))
		if (sentence == "") != (c.says == "") || !strings.Contains(sentence, c.says) || len(events) != c.n {
			t.Errorf("%.80s: %d events, %q; want %d, %q", c.body, len(events), sentence, c.n, c.says)
		}
		for _, r := range sentence {
			if r > '~' {
				t.Errorf("%q cannot stand in a header", sentence)
			}
		}
	}
	const all = `{"events":[{"server":"s","remoteIp":"::ffff:10.0.0.1","visitorId":"v","accountId":"a"}]}`
	events, _ := readEvents([]byte(all))
	address, _ := exclude.ParseAddress("10.0.0.1")
	if want := (exclude.Event{Server: "s", RemoteIP: address, VisitorID: "v", AccountID: "a"}); len(events) != 1 ||
		events[0] != want {
		t.Errorf("the event is %v", events)
	}
}

func TestPaging(t *testing.T) {
	for query, want := range map[string]string{
		"": "", "limit=1": "", "limit=1000&after=dev*": "", "after=": "", "blacklist=only&x=y": "",
		"limit=0": "whole number", "limit=-1": "whole number", "limit=1001": "whole number",
		"limit=1.5": "whole number", "limit=": "whole number", "limit=+5": "whole number",
		"limit=05": "whole number", "limit=99999999999999999999": "whole number", "limit=1&limit=2": "once",
		"after=a&after=a": "once", "limit=%zz": "percent-encoding",
	} {
		if _, _, sentence := paging(query); (sentence == "") != (want == "") || !strings.Contains(sentence, want) {
			t.Errorf("%s: %q, want %q", query, sentence, want)
		}
	}
}

// FuzzReadEvents: a body is either refused with a sentence or read as encoding/json reads it.
func FuzzReadEvents(f *testing.F) {
	for _, body := range []string{`{"events":[{"server":"a"}]}`, `{"events":[{}],"a":1}`, `[[`,
		`{"events":[{"visitorId":"\ud800"}]}`, `{"events":[null]}`, `{"events":{"a":1}}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		events, sentence := readEvents(body)
		if sentence != "" {
			return
		}
		var read struct {
			Events []struct{ Server, VisitorID, AccountID string }
		}
		if err := json.Unmarshal(body, &read); err != nil || len(read.Events) != len(events) {
			t.Fatalf("%q: %d events, where encoding/json finds %d, %v", body, len(events), len(read.Events), err)
		}
		for i, e := range events {
			if r := read.Events[i]; e.Server != r.Server || e.VisitorID != r.VisitorID || e.AccountID != r.AccountID {
				t.Errorf("%q: event %d is %v, want %v", body, i, e, r)
			}
		}
	})
}

package gate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"keyporter/internal/exclude"
	"keyporter/internal/input"
)

const (
	maxEvents = 10_000 // in one request
	maxDepth  = 32     // of nested arrays and objects in a body
)

// readEvents reads {"events": [{…}, …]}. The sentence says what is wrong with the body, in ASCII and without
// quoting it.
func readEvents(body []byte) (events []exclude.Event, sentence string) {
	switch {
	case !utf8.Valid(body):
		return nil, "The body is not valid UTF-8."
	case tooDeep(body):
		return nil, fmt.Sprintf("The body is nested more than %d deep.", maxDepth)
	case !json.Valid(body):
		return nil, "The body is not valid JSON."
	}
	r := eventReader{json.NewDecoder(bytes.NewReader(body))}
	r.UseNumber() // some numbers are valid JSON and not a float64
	return r.body()
}

// tooDeep counts brackets outside of strings, whether or not the text is JSON.
func tooDeep(body []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// An eventReader reads valid JSON token by token, and refuses unknown and repeated names, which [json.Unmarshal] would
// accept.
type eventReader struct{ *json.Decoder }

// next returns a token: a json.Delim, a string, a number, a boolean, or nil.
func (r eventReader) next() json.Token {
	token, err := r.Token()
	if err != nil { // never: the text is valid
		panic(err)
	}
	return token
}

// maxField bounds a field of an event, in bytes: as it was sent, and in NFC, which can be three times as long. The work
// of matching grows with it.
const maxField = 1024

const wantedShape = `The body is an object with one member, "events": an array of objects.`

func (r eventReader) body() (events []exclude.Event, sentence string) {
	if r.next() != json.Delim('{') || r.next() != "events" || r.next() != json.Delim('[') {
		return nil, wantedShape
	}
	for r.More() {
		if len(events) == maxEvents {
			return nil, fmt.Sprintf("A request takes %d events at most. Send them in several requests.", maxEvents)
		}
		if r.next() != json.Delim('{') {
			return nil, fmt.Sprintf("Event %d (counted from 0) is not an object.", len(events))
		}
		event, sentence := r.event()
		if sentence != "" {
			return nil, fmt.Sprintf("Event %d (counted from 0): %s", len(events), sentence)
		}
		events = append(events, event)
	}
	r.next() // the array's end
	if r.More() {
		return nil, wantedShape
	}
	return events, ""
}

// event reads the members of an object, and its end.
func (r eventReader) event() (event exclude.Event, sentence string) {
	seen := map[string]bool{}
	for r.More() {
		name := r.next().(string)
		if seen[name] {
			return event, "a field is given twice."
		}
		seen[name] = true
		value := r.next()
		text, isText := value.(string)
		if len(text) > maxField || len(input.Normal(text)) > maxField {
			return event, fmt.Sprintf("a field has at most %d bytes.", maxField)
		}
		if !isText && value != nil {
			return event, "the fields server, remoteIp, visitorId and accountId are strings, or null for none."
		}
		switch exclude.Kind(name) {
		case exclude.Server:
			event.Server = text
		case exclude.Visitor:
			event.VisitorID = text
		case exclude.Account:
			event.AccountID = text
		case exclude.Address:
			address, ok := exclude.ParseAddress(text)
			if !ok && text != "" {
				return event, "remoteIp is not an IP address."
			}
			event.RemoteIP = address
		default:
			return event, "the fields are server, remoteIp, visitorId and accountId, and no others."
		}
	}
	r.next() // the object's end
	return event, ""
}

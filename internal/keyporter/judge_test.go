package keyporter_test

import (
	"hash/crc32"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

// withChecksum returns a well-formed token, which anybody can make up.
func withChecksum(text string) string {
	const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	check := make([]byte, 6)
	for i, sum := 5, crc32.ChecksumIEEE([]byte(text)); i >= 0; i-- {
		check[i] = base62[sum%62]
		sum /= 62
	}
	return text + string(check)
}

// forms are the three ways to present a token.
var forms = map[string]func(tokens ...string) keyporter.Presented{
	"X-Integration-Key": func(t ...string) keyporter.Presented { return keyporter.Presented{IntegrationKey: t} },
	"X-Pendo-Integration-Key": func(t ...string) keyporter.Presented {
		return keyporter.Presented{PendoIntegrationKey: t}
	},
	"Authorization": func(t ...string) keyporter.Presented {
		var all []string
		for _, token := range t {
			all = append(all, "Bearer "+token)
		}
		return keyporter.Presented{Authorization: all}
	},
}

// A refusalSuite has the tokens and the porter without a database of TestRefusalsInTheirOrder.
type refusalSuite struct {
	*fixture
	reader, writer, deleted, offReader string
	noDatabase                         *keyporter.Porter
}

func newRefusalSuite(t *testing.T) *refusalSuite {
	s := &refusalSuite{fixture: newFixture(t)}
	_, s.reader = s.key("reads", false)
	_, s.writer = s.key("writes", true)
	gone, deleted := s.key("gone", true)
	s.deleted = deleted
	s.ok(s.DeleteKey(s.ctx, s.actor(ada), s.acme, keyporter.IntegrationKey, gone.ID.String(), ""))
	owner := s.session(otto)
	_, off, err := s.CreateKey(s.ctx, owner.Actor(home), s.globex, keyporter.IntegrationKey,
		keyporter.KeyForm{Description: "off", Once: s.Once(owner, s.NewNonce(owner))})
	s.ok(err)
	s.offReader = off.Reveal()
	s.ok(s.SwitchFeature(s.ctx, owner.Actor(home), s.globex, false))
	// A process that has opened a file which another one serves cannot judge, nor can one that has closed its database
	// on PostgreSQL.
	attached, err := store.OpenAttached(s.ctx, s.path)
	s.ok(err)
	t.Cleanup(func() { attached.Close() })
	if engine.String() == "postgres" {
		s.ok(attached.Close())
	}
	s.noDatabase = keyporter.New(attached, keyporter.Options{})
	return s
}

// TestRefusalsInTheirOrder checks the order of the refusals: each call also has every mistake that is judged later.
func TestRefusalsInTheirOrder(t *testing.T) {
	s := newRefusalSuite(t)
	id := s.reader[6:18]
	secret := strings.Repeat("a", 32)
	damaged := s.offReader[:len(s.offReader)-1] + "-"
	feedback, application := withChecksum("kpfbk_"+id+"_"+secret), "kpapp_"+secret
	type refusal struct {
		name   string
		tokens []string
		method string
		blind  bool // the database cannot be asked
		want   keyporter.Code
	}
	table := []refusal{
		{"no token, blind", nil, "DELETE", true, keyporter.KeyMissing},
		{"one token twice", []string{s.reader, s.reader}, "GET", false, keyporter.KeyAmbiguous},
		{"two Feedback API keys, blind", []string{feedback, feedback}, "DELETE", true, keyporter.KeyAmbiguous},
		{"a Feedback API key, blind", []string{feedback}, "DELETE", true, keyporter.KeyWrongKind},
		{"an application key, blind", []string{application}, "DELETE", true, keyporter.KeyWrongKind},
		{"malformed, blind", []string{damaged}, "DELETE", true, keyporter.KeyInvalid},
		{"empty", []string{""}, "GET", false, keyporter.KeyInvalid},
		{"garbage", []string{"\x00\xff"}, "GET", false, keyporter.KeyInvalid},
		{"unknown", []string{withChecksum("kpint_000000000000_" + secret)}, "GET", false, keyporter.KeyInvalid},
		{"a wrong secret", []string{withChecksum("kpint_" + id + "_" + secret)}, "GET", false, keyporter.KeyInvalid},
		{"a wrong secret, feature off", []string{withChecksum("kpint_" + s.offReader[6:18] + "_" + secret)}, "DELETE",
			false, keyporter.KeyInvalid},
		{"another prefix", []string{withChecksum("acmeint_" + s.reader[6:len(s.reader)-6])}, "GET", false,
			keyporter.KeyInvalid},
		{"deleted", []string{s.deleted}, "GET", false, keyporter.KeyInvalid},
		{"a good key, blind", []string{s.writer}, "GET", true, keyporter.Unavailable},
		{"feature off and a write", []string{s.offReader}, "DELETE", false, keyporter.FeatureDisabled},
		{"a read-only key on a write", []string{s.reader}, "DELETE", false, keyporter.WriteAccessRequired},
		{"a read-only key on a read", []string{s.reader}, "GET", false, ""},
		{"a writing key on a write", []string{s.writer}, "DELETE", false, ""},
	}
	answers := map[keyporter.Code]keyporter.Verdict{}
	for form, present := range forms {
		for _, c := range table {
			p := s.Porter
			if c.blind {
				p = s.noDatabase
			}
			v := p.Judge(s.ctx, keyporter.Call{Presented: present(c.tokens...), Method: c.method, Path: "/",
				Address: "198.51.100.1"})
			if v.Code != c.want || v.OK() != (c.want == "") {
				t.Errorf("%s, %s: %q, want %q", form, c.name, v.Code, c.want)
			}
			if first, found := answers[v.Code]; v.Code == keyporter.KeyInvalid && found && v != first {
				t.Errorf("%s, %s differs from the others: %+v and %+v", form, c.name, v, first)
			}
			if !v.OK() && (v.SubscriptionID != "" || v.Write) {
				t.Errorf("%s, %s: the refusal is %+v", form, c.name, v)
			}
			answers[v.Code] = v
		}
	}
	if v := answers[""]; v.SubscriptionID != s.acme || v.KeyID.String() == "" {
		t.Errorf("an admitted call has the verdict %+v", v)
	}
}

func TestPresented(t *testing.T) {
	f := newFixture(t)
	_, token := f.key("a key", false)
	one := []string{token}
	for _, c := range []struct {
		name string
		p    keyporter.Presented
		want keyporter.Code
	}{
		{"nothing", keyporter.Presented{}, keyporter.KeyMissing},
		{"the same in two", keyporter.Presented{IntegrationKey: one, PendoIntegrationKey: one}, keyporter.KeyAmbiguous},
		{"the same in the other two", keyporter.Presented{PendoIntegrationKey: one,
			Authorization: []string{"Bearer " + token}}, keyporter.KeyAmbiguous},
		{"in all three", keyporter.Presented{IntegrationKey: one, PendoIntegrationKey: one,
			Authorization: []string{"Bearer " + token}}, keyporter.KeyAmbiguous},
		{"one next to an empty header", keyporter.Presented{IntegrationKey: one, PendoIntegrationKey: []string{""}},
			keyporter.KeyAmbiguous},
		{"one next to an empty Authorization", keyporter.Presented{IntegrationKey: one, Authorization: []string{""}},
			keyporter.KeyAmbiguous},
		{"two of another scheme", keyporter.Presented{Authorization: []string{"Basic a", "Basic b"}},
			keyporter.KeyAmbiguous},
		{"another scheme", keyporter.Presented{Authorization: []string{"Basic " + token}}, ""},
		{"another scheme with a token, and a token", keyporter.Presented{IntegrationKey: one,
			Authorization: []string{"Digest a, Bearer " + token}}, keyporter.KeyAmbiguous},
		{"another scheme next to a token", keyporter.Presented{IntegrationKey: one,
			Authorization: []string{"Basic abc"}}, ""},
		{"a scheme that begins alike", keyporter.Presented{Authorization: []string{"Bearertoken " + token}}, ""},
		{"no scheme", keyporter.Presented{Authorization: one}, ""},
		{"bearer in small letters", keyporter.Presented{Authorization: []string{"bearer " + token}}, ""},
		{"two spaces", keyporter.Presented{Authorization: []string{"Bearer  " + token}}, ""},
		{"spaces around", keyporter.Presented{Authorization: []string{" Bearer " + token + " "}}, ""},
		{"Bearer alone", keyporter.Presented{Authorization: []string{"Bearer"}}, keyporter.KeyInvalid},
		{"Bearer and a space", keyporter.Presented{Authorization: []string{"Bearer "}}, keyporter.KeyInvalid},
		{"an empty Authorization", keyporter.Presented{Authorization: []string{""}}, keyporter.KeyInvalid},
		{"an empty header", keyporter.Presented{PendoIntegrationKey: []string{""}}, keyporter.KeyInvalid},
		{"two in one header", keyporter.Presented{IntegrationKey: []string{token + ", " + token}},
			keyporter.KeyInvalid},
		{"two in one Authorization", keyporter.Presented{Authorization: []string{"Bearer " + token + " " + token}},
			keyporter.KeyAmbiguous},
	} {
		if v := f.Judge(f.ctx, keyporter.Call{Presented: c.p, Method: "GET", Path: "/"}); v.Code != c.want {
			t.Errorf("%s: %q, want %q", c.name, v.Code, c.want)
		}
	}
}

func TestReading(t *testing.T) {
	f := newFixtureWith(t, keyporter.Options{ReadPaths: []string{"POST /api/v1/aggregation", "PUT /x"}}, nil)
	_, token := f.key("a key", false)
	for _, c := range []struct {
		method, path string
		override     bool
		reads        bool
	}{
		{"GET", "/", false, true},
		{"HEAD", "/a/b", false, true},
		{"OPTIONS", "/", false, true},
		{"GET", "/", true, false},
		{"POST", "/api/v1/aggregation", false, true},
		{"POST", "/api/v1/aggregation", true, false},
		{"PUT", "/x", false, true},
		{"PUT", "/api/v1/aggregation", false, false},
		{"POST", "/x", false, false},
		{"POST", "/api/v1/aggregation/", false, false},
		{"POST", "/api/v1/aggregation/more", false, false},
		{"POST", "/api/v1/../v1/aggregation", false, false},
		{"POST", "/API/v1/aggregation", false, false},
		{"POST", "//api/v1/aggregation", false, false},
		{"POST", "/api/v1/%61ggregation", false, false},
		{"POST", "/", false, false},
		{"PATCH", "/", false, false},
		{"DELETE", "/", false, false},
		{"TRACE", "/", false, false},
		{"get", "/", false, false},
		{"PROPFIND", "/", false, false},
		{"", "/", false, false},
	} {
		call := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: c.method,
			Path: c.path, Override: c.override}
		if v := f.Judge(f.ctx, call); v.OK() != c.reads {
			t.Errorf("%s %s (override %v): %q", c.method, c.path, c.override, v.Code)
		}
	}
}

func TestVerify(t *testing.T) {
	f := newFixture(t)
	key, token := f.key("Zapier", true)
	call := func(token string) keyporter.Call {
		return keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: "GET",
			Path: "/api/v1/token/verify"}
	}
	v := f.Verify(f.ctx, call(token))
	if !v.OK() || v.Description != "Zapier" || v.KeyID != key.ID || v.Subscription.Name != "Acme" ||
		v.Subscription.ID != f.acme || !v.Write {
		t.Errorf("a valid key says %+v", v)
	}
	f.ok(f.store.Close())
	if v := f.Verify(f.ctx, call(token)); v.Code != keyporter.Unavailable || v.Description != "" {
		t.Errorf("without the database it says %+v", v)
	}
	if v := f.Verify(f.ctx, call("x")); v.Code != keyporter.KeyInvalid {
		t.Errorf("a malformed key says %+v", v)
	}
}

// TestMethodInQuery checks that a request whose query names a method is a write, however the name is written.
func TestMethodInQuery(t *testing.T) {
	f := newFixture(t)
	_, reads := f.key("reads", false)
	_, writes := f.key("writes", true)
	for query, write := range map[string]bool{
		"_method=DELETE": true, "a=b&_method=DELETE": true, "a=b;_method=PUT;c": true, "_method": true,
		"_method=":         true,
		"%5Fmethod=DELETE": true, "%5fme%74hod=x": true, "%255Fmethod=DELETE": true, "_METHOD=x": true,
		"_method[]=x":      true,
		"_method%5B0%5D=x": true, "%zz&_method=x": true, "+_method=x": true, "%20_method": true, ".method=x": true,
		"_method%00x=1": true, "_method=GET": true, "a%26_method=x": false, strings.Repeat("%25", 1) +
			strings.Repeat("25", 9) + "5Fmethod": true,
		"": false, "method=DELETE": false, "_methods=x": false, "a=_method": false, "my_method=x": false,
		"a=_method=b": false, "_": false, "&;&": false,
	} {
		for _, c := range []struct {
			token string
			want  keyporter.Code
		}{{reads, map[bool]keyporter.Code{true: keyporter.WriteAccessRequired}[write]}, {writes, ""}} {
			call := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{c.token}}, Method: "GET",
				Path: "/", Query: query}
			if v := f.Judge(f.ctx, call); v.Code != c.want {
				t.Errorf("%q: %q, want %q", query, v.Code, c.want)
			}
		}
	}
}

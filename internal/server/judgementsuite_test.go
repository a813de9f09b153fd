package server_test

import (
	"hash/crc32"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
	"keyporter/internal/server"
	"keyporter/internal/store"
)

// sealed makes a well-formed token of what anybody can know.
func withChecksum(text string) string {
	const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	check := make([]byte, 6)
	for i, sum := 5, crc32.ChecksumIEEE([]byte(text)); i >= 0; i-- {
		check[i] = base62[sum%62]
		sum /= 62
	}
	return text + string(check)
}

// A judgementSuite holds the keys, tokens and applications of the judgement tests.
type judgementSuite struct {
	*fixture
	readerID, reader, writerID, writer    string
	deleted, off, withdrawn               string
	blind                                 http.Handler // the same server without access to the database
	unknown, wrongSecret, malformed, typo string
	web, ios, foreign                     string // IDs of applications: the default one, another, a foreign one
}

func newJudgementSuite(t *testing.T) *judgementSuite {
	c := &judgementSuite{fixture: newFixture(t)}
	c.readerID, c.reader = c.key("reads", false)
	c.writerID, c.writer = c.key("writes", true)
	var id string
	id, c.deleted = c.key("gone", true)
	c.ok(c.DeleteKey(c.ctx, c.actor(ada), c.acme, keyporter.IntegrationKey, id, ""))
	all, err := c.Applications(c.ctx, c.actor(ada), c.acme)
	c.ok(err)
	other, err := c.CreateApplication(c.ctx, c.actor(ada), c.acme,
		keyporter.ApplicationForm{Name: "Phone", Platform: keyporter.IOS,
			Once: c.Once(c.sessions[ada], c.NewNonce(c.sessions[ada]))})
	c.ok(err)
	theirs, err := c.Applications(c.ctx, c.actor(otto), c.globex)
	c.ok(err)
	c.web, c.ios, c.foreign = all[0].ID.String(), other.ID.String(), theirs[0].ID.String()
	c.off = c.keyOf(otto, c.globex)
	c.ok(c.SwitchFeature(c.ctx, c.actor(otto), c.globex, false))
	vendor, err := c.FirstSubscription(c.ctx, c.actor(olga))
	c.ok(err)
	c.ok(c.SetFeatureAvailable(c.ctx, c.actor(olga), vendor, true))
	c.ok(c.SwitchFeature(c.ctx, c.actor(olga), vendor, true))
	c.withdrawn = c.keyOf(olga, vendor)
	c.ok(c.SetFeatureAvailable(c.ctx, c.actor(olga), vendor, false))
	secret := strings.Repeat("a", 32)
	c.unknown, c.wrongSecret = withChecksum("kpint_000000000000_"+secret), withChecksum("kpint_"+c.writerID+"_"+secret)
	c.malformed = c.writer[:40]
	c.typo = c.writer[:len(c.writer)-1] + map[bool]string{true: "1", false: "0"}[strings.HasSuffix(c.writer, "0")]
	// A process that opened a file attached cannot judge, nor can one that has closed its PostgreSQL database.
	beside, err := store.OpenAttached(c.ctx, c.path)
	c.ok(err)
	t.Cleanup(func() { beside.Close() })
	if engine.String() == "postgres" {
		c.ok(beside.Close())
	}
	c.blind, err = server.New(server.Options{Config: settings(t), Porter: keyporter.New(beside, keyporter.Options{}),
		Ready: beside.Ready, Log: slog.New(slog.DiscardHandler)})
	c.ok(err)
	return c
}

func (c *judgementSuite) keyOf(who, subscription string) string {
	c.t.Helper()
	form := keyporter.KeyForm{Description: "a key", Write: true,
		Once: c.Once(c.sessions[who], c.NewNonce(c.sessions[who]))}
	_, token, err := c.CreateKey(c.ctx, c.sessions[who].Actor(home), subscription, keyporter.IntegrationKey, form)
	c.ok(err)
	return token.Reveal()
}

// A judgementCase is a request and the answer to it, which is the same for every endpoint and header.
type judgementCase struct {
	name, method, target string
	tokens               []string
	more                 http.Header // apart from the token
	code                 string      // "" for a yes
	blind                bool
	scope                scope
}

// A scope is what a yes says about applications and the Exclude List; "" stands for the default.
type scope struct{ applications, blacklist string }

// override returns an empty header that may override the method.
func override(name string) http.Header { return http.Header{name: {""}} }

func (c *judgementSuite) cases() []judgementCase {
	secret := strings.Repeat("a", 32)
	one := func(token string) []string { return []string{token} }
	const read, write, aggregation = "GET", "DELETE", "/api/v1/aggregation"
	both := c.web + "," + c.ios
	if len(c.web) > len(c.ios) || len(c.web) == len(c.ios) && c.web > c.ios {
		both = c.ios + "," + c.web
	}
	reads := func(name, query, code string, want scope) judgementCase {
		return judgementCase{name: name, method: read, target: "/x?" + query, tokens: one(c.reader), code: code,
			scope: want}
	}
	const unknown, invalid = "application_unknown", "blacklist_invalid"
	return append([]judgementCase{
		reads("one application", "appId="+c.ios, "", scope{applications: c.ios}),
		reads("the default one by name", "from=1&appId="+c.web+"&to=2", "", scope{applications: c.web}),
		reads("two, repeated", "appId="+c.ios+"&appId="+c.web+"&appId="+c.ios, "", scope{applications: both}),
		reads("two, with commas", "appId="+c.web+","+c.ios+","+c.web, "", scope{applications: both}),
		reads("two, with escaped commas", "appId="+c.ios+"%2C"+c.web, "", scope{applications: both}),
		reads("an escaped name", "%61ppId="+c.ios, "", scope{applications: c.ios}),
		reads("all", "expand=*", "", scope{applications: "*"}),
		reads("all, escaped and twice", "expand=%2A&expand=*", "", scope{applications: "*"}),
		reads("another name", "appid="+c.foreign+"&AppId=x&blacklists=x&expanded=x", "", scope{}),
		reads("the list ignored", "blacklist=ignore", "", scope{blacklist: "ignore"}),
		reads("the list alone", "expand=*&blacklist=only", "", scope{applications: "*", blacklist: "only"}),
		reads("the list applied, twice", "blacklist=apply&blacklist=apply", "", scope{}),
		reads("somebody else's", "appId="+c.foreign, unknown, scope{}),
		reads("one's own and somebody else's", "appId="+c.web+","+c.foreign, unknown, scope{}),
		reads("nobody's", "appId=1", unknown, scope{}),
		reads("an empty ID", "appId=", unknown, scope{}),
		reads("an empty ID behind a comma", "appId="+c.web+",", unknown, scope{}),
		reads("a float", "appId="+c.web+".0", unknown, scope{}),
		reads("an exponent", "appId=1e3", unknown, scope{}),
		reads("a negative", "appId=-"+c.web, unknown, scope{}),
		reads("a sign", "appId=%2B"+c.web, unknown, scope{}),
		reads("a leading zero", "appId=0"+c.web, unknown, scope{}),
		reads("zero", "appId=0", unknown, scope{}),
		reads("2^53", "appId=9007199254740992", unknown, scope{}),
		reads("over 64 bits", "appId=99999999999999999999", unknown, scope{}),
		reads("other digits", "appId=%D9%A1", unknown, scope{}),
		reads("broken escapes", "appId=%zz", unknown, scope{}),
		reads("all and one", "expand=*&appId="+c.web, unknown, scope{}),
		reads("another expand", "expand=all", unknown, scope{}),
		reads("a bad list", "blacklist=off", invalid, scope{}),
		reads("a bad list in capitals", "blacklist=Apply", invalid, scope{}),
		reads("an empty list", "blacklist", invalid, scope{}),
		reads("lists that contradict", "blacklist=apply&blacklist=only", invalid, scope{}),
		reads("both are bad", "blacklist=x&appId=x", unknown, scope{}),
		{name: "a bad ID with a deleted key", method: read, target: "/?appId=x", tokens: one(c.deleted),
			code: "key_invalid"},
		{name: "a bad ID on a write", method: write, target: "/?appId=x", tokens: one(c.reader),
			code: "write_access_required"},
		{name: "one application, blind", method: read, target: "/?appId=" + c.web, tokens: one(c.reader),
			code: "unavailable", blind: true},
	}, []judgementCase{
		{"no token", write, "/", nil, nil, "key_missing", false, scope{}},
		{"no token, blind", write, "/", nil, nil, "key_missing", true, scope{}},
		{"a token in the URL alone", read, "/?X-Integration-Key=" + c.writer, nil, nil, "key_missing", false, scope{}},
		{"the same twice", read, "/", []string{c.writer, c.writer}, nil, "key_ambiguous", false, scope{}},
		{"two different ones", write, "/", []string{c.writer, c.deleted}, nil, "key_ambiguous", false, scope{}},
		{"two malformed ones, blind", write, "/", []string{"x", "y"}, nil, "key_ambiguous", true, scope{}},
		{"an application key", write, "/", one("kpapp_" + secret), nil, "key_wrong_kind", false, scope{}},
		{"a Feedback API key, blind", write, "/", one(withChecksum("kpfbk_" + c.readerID + "_" + secret)), nil,
			"key_wrong_kind", true, scope{}},
		{"an empty header", read, "/", one(""), nil, "key_invalid", false, scope{}},
		{"malformed", read, "/", one(c.malformed), nil, "key_invalid", false, scope{}},
		{"malformed, blind", write, "/", one(c.malformed), nil, "key_invalid", true, scope{}},
		{"a wrong check", read, "/", one(c.typo), nil, "key_invalid", false, scope{}},
		{"unknown", read, "/", one(c.unknown), nil, "key_invalid", false, scope{}},
		{"a wrong secret", read, "/", one(c.wrongSecret), nil, "key_invalid", false, scope{}},
		{"deleted", read, "/", one(c.deleted), nil, "key_invalid", false, scope{}},
		{"a good key, blind", read, "/", one(c.writer), nil, "unavailable", true, scope{}},
		{"feature off", read, "/", one(c.off), nil, "feature_disabled", false, scope{}},
		{"feature withdrawn", read, "/", one(c.withdrawn), nil, "feature_disabled", false, scope{}},
		{"a read-only key on a write", write, "/", one(c.reader), nil, "write_access_required", false, scope{}},
		{"a read-only key on a method nobody knows", "PROPFIND", "/", one(c.reader), nil, "write_access_required",
			false, scope{}},
		{"a read-only key with an override", read, "/", one(c.reader), override("X-Http-Method-Override"),
			"write_access_required", false, scope{}},
		{"a read-only key with another override", read, "/", one(c.reader), override("X-Http-Method"),
			"write_access_required", false, scope{}},
		{"a read-only key with a third override", "POST", aggregation, one(c.reader), override("X-Method-Override"),
			"write_access_required", false, scope{}},
		{"a read-only key on a read", read, "/x?y=z", one(c.reader), nil, "", false, scope{}},
		{"a read-only key on a path that reads", "POST", aggregation + "?x", one(c.reader), nil, "", false, scope{}},
		{"a read-only key below a path that reads", "POST", aggregation + "/x", one(c.reader), nil,
			"write_access_required", false, scope{}},
		{"a read-only key on a path that reads, written otherwise", "POST", "/api/v1/%61ggregation", one(c.reader), nil,
			"write_access_required", false, scope{}},
		{"a writing key on a read", "HEAD", "/", one(c.writer), nil, "", false, scope{}},
		{"a writing key on a write", write, "/", one(c.writer), nil, "", false, scope{}},
		{"a writing key with an override", read, "/", one(c.writer), override("X-Http-Method-Override"), "", false,
			scope{}},
	}...)
}

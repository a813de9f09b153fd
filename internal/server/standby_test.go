package server_test

import (
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
	"keyporter/internal/storetest"
)

// TestStandbyBehindPooler: while the pooler leads to a standby, which may lack the latest deletions, a node neither
// admits nor refuses, shows no page and is not ready.
func TestStandbyBehindPooler(t *testing.T) {
	if engine.String() == "sqlite" {
		t.Skip("a file has no standby")
	}
	primary := storetest.OwnServer(t)
	model := engine.Copy(t, theModel.path)
	if err := store.Move(t.Context(), model, primary.Address(), func(store.MoveProgress) {}); err != nil {
		t.Fatal(err)
	}
	standby, pooler := primary.Standby(t), storetest.NewPooler(t, primary)
	now := func() time.Time { return start }
	a, b := serve(t, pooler.Address(), now), serve(t, primary.Address(), now)
	s := standbySuite{fixture: a, page: a.client(ada)}
	id, key := a.key("to be deleted", true)
	_, feedback := a.feedbackKey(vic, "feedback")
	s.key, s.feedback, s.unknown = key, feedback, withChecksum("kpint_000000000000_"+noSecret)
	s.check("on the primary", false)

	db := engine.OpenRaw(t, standby.Address())
	awaitReplay(t, engine.OpenRaw(t, primary.Address()), db)
	_, err := db.Exec(`SELECT pg_wal_replay_pause()`)
	a.ok(err)
	pooler.SwitchTo(t, standby)
	b.ok(b.DeleteKey(b.ctx, b.actor(ada), b.acme, keyporter.IntegrationKey, id, "to be deleted"))
	s.check("on the standby", true)

	pooler.SwitchTo(t, primary)
	_, s.key = a.key("another", true)
	s.check("on the primary again", false)
}

// noSecret is a well-formed secret that no key has.
var noSecret = strings.Repeat("a", 32)

// A standbySuite sends one node all kinds of requests whose answer depends on the database.
type standbySuite struct {
	*fixture
	page                   *client
	key, feedback, unknown string
}

func (s standbySuite) check(when string, unavailable bool) {
	s.t.Helper()
	integration := func(token string) http.Header { return http.Header{"X-Integration-Key": {token}} }
	noFeedback := http.Header{"Auth-Token": {withChecksum("kpfbk_000000000000_" + noSecret)}}
	for name, c := range map[string]struct {
		target  string
		headers http.Header
		want    int
	}{
		"the gate":                          {"/gate", described(s.key, "POST", "/"), 200},
		"the gate, with an unknown key":     {"/gate", described(s.unknown, "POST", "/"), 401},
		"verifying a key":                   {"/api/v1/token/verify", integration(s.key), 200},
		"verifying an unknown key":          {"/api/v1/token/verify", integration(s.unknown), 403},
		"verifying a Feedback API key":      {feedbackVerify, http.Header{"Auth-Token": {s.feedback}}, 200},
		"verifying an unknown Feedback key": {feedbackVerify, noFeedback, 403},
		"the applications":                  {"/api/v1/application", integration(s.key), 200},
		"the exclude list":                  {"/api/v1/blacklist", integration(s.key), 200},
		"readiness":                         {"/readyz", nil, 200},
	} {
		if unavailable {
			c.want = 503
		}
		if got := gateAsk(s.fixture, c.target, proxy, c.headers); got.StatusCode != c.want {
			s.t.Errorf("%s, %s is answered %s, want %d", when, name, got.Status, c.want)
		}
	}
	if got := s.page.get("/account"); (got.StatusCode == 503) != unavailable {
		s.t.Errorf("%s, a page is answered %s", when, got.Status)
	}
	owns, err := s.store.OwnsApplications(s.ctx, s.acme, []keyporter.ApplicationID{1})
	if errors.Is(err, keyporter.ErrUnavailable) != unavailable {
		s.t.Errorf("%s, the owner of applications: %v, %v", when, owns, err)
	}
}

// awaitReplay returns when the standby has replayed the primary's log.
func awaitReplay(t *testing.T, primary, standby *sql.DB) {
	t.Helper()
	var written string
	if err := primary.QueryRow(`SELECT CAST(pg_current_wal_lsn() AS TEXT)`).Scan(&written); err != nil {
		t.Fatal(err)
	}
	for end, done := time.Now().Add(20*time.Second), false; !done; {
		err := standby.QueryRow(`SELECT pg_last_wal_replay_lsn() >= CAST($1 AS pg_lsn)`, written).Scan(&done)
		if err != nil || time.Now().After(end) {
			t.Fatalf("the standby lags behind, %v", err)
		}
	}
}

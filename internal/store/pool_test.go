package store

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/storetest"
)

// TestCallersDeadlineResetsNoConns checks that idle connections are not closed when a caller's short deadline passes,
// which says nothing about them, and none is closed. Where the deadline that the store set passes, that pool's are
// closed, and where it is a judgement's, those of all pools.
func TestCallersDeadlineResetsNoConns(t *testing.T) {
	t.Parallel()
	e := storetest.Postgres(t)
	address := e.Empty(t)
	s, err := Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	pools := [3]*sql.DB{s.engine.gatePool, s.engine.readers, s.engine.writer}
	closed := func() (n [3]int64) {
		for i, pool := range pools {
			n[i] = pool.Stats().MaxIdleClosed
		}
		return n
	}
	for _, c := range []struct {
		name string
		fail func() error
		want [3]bool
	}{
		{"a caller's", func() error {
			defer e.BlockWriters(t, address)()
			brief, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			return s.Write(brief, keyporter.Tx.LockInstallation)
		}, [3]bool{}},
		{"a page's", func() error { return s.Read(t.Context(), slow) }, [3]bool{false, true, false}},
		{"a judgement's", func() error {
			return s.engine.wrapError(ranOut(t), s.engine.gatePool,
				context.DeadlineExceeded)
		}, [3]bool{true, true, true}},
	} {
		for _, pool := range pools {
			s.engine.dialect.(*postgres).pools[pool].resetAt.Store(0)
			fill(t, pool)
		}
		before := closed()
		if err := c.fail(); !errors.Is(err, keyporter.ErrUnavailable) {
			t.Errorf("the end of %s time: %v", c.name, err)
		}
		after := closed()
		for i, want := range c.want {
			if emptied := after[i] > before[i]; emptied != want {
				t.Errorf("the end of %s time empties pool %d of judges, readers and writers: %v", c.name, i, emptied)
			}
		}
	}
}

// fill leaves two idle connections in the pool.
func fill(t *testing.T, pool *sql.DB) {
	t.Helper()
	for range 2 {
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
}

// slow asks for longer than a page may take.
func slow(t keyporter.Tx) error {
	_, err := t.(*tx).execRows(`SELECT pg_sleep(60)`)
	return err
}

// ranOut is a context whose time, which the store gave, is over.
func ranOut(t *testing.T) context.Context {
	ctx, cancel := context.WithDeadlineCause(t.Context(), time.Now(), errSlow)
	t.Cleanup(cancel)
	<-ctx.Done()
	return ctx
}

package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"keyporter/internal/storetest"
)

// TestStoppedWhileItWaits: while serve waits for another process that changes the schema, or for a server that does not
// answer, it logs that, and it stops without an error when it is told to.
func TestStoppedWhileItWaits(t *testing.T) {
	e := storetest.Postgres(t)
	locked := e.Empty(t)
	conn, err := e.OpenRaw(t, locked).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// the store's migration lock
	if _, err := conn.ExecContext(t.Context(), `SELECT pg_advisory_lock($1)`, int64(0x6b6579706f727465)); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // which accepts no connection
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for name, address := range map[string]string{"locked": locked, "silent": "postgres://" + silent.Addr().String() +
		"/keys?sslmode=disable"} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithCancel(context.Background())
			defer stop()
			said := &watched{}
			ended := make(chan error, 1)
			go func() {
				ended <- run(ctx, []string{"serve", "--listen", "127.0.0.1:0", "--database", address}, nil, nil, said,
					said)
			}()
			err := pollFor(startTime, func() error {
				if len(ended) > 0 || strings.Contains(said.String(), "still being opened") {
					return nil
				}
				return errors.New("it says nothing")
			})
			stop()
			if err := errors.Join(err, <-ended); err != nil || !strings.Contains(said.String(), "still being opened") {
				t.Errorf("%v: %s", err, said)
			}
		})
	}
}

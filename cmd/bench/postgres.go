package main

import (
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/labstack/echo/v4"

	"keyporter/internal/store"
)

// postgresServer is the environment variable with the address of a PostgreSQL in which databases may be created.
const postgresServer = "KEYPORTER_TEST_POSTGRES"

// postgres measures the list page and the gate on PostgreSQL, with the keys that were used on SQLite.
func (b *bench) postgres(small, large *dataset) error {
	server := os.Getenv(postgresServer)
	if server == "" {
		fmt.Printf("\nPostgreSQL is left out: %s names no server; make bench starts one\n", postgresServer)
		return nil
	}
	movedSmall, err := b.move(server, "bench_small", small)
	if err != nil {
		return err
	}
	movedLarge, err := b.move(server, "bench_large", large)
	if err != nil {
		return err
	}
	fmt.Println("\nOn PostgreSQL, on the same machine")
	if err := b.lists(movedSmall, movedLarge); err != nil {
		return err
	}
	for what, s := range map[string]*dataset{"1,000 keys": movedSmall, fmt.Sprintf("%d keys", b.many): movedLarge} {
		if err := b.postgresGate(what, s); err != nil {
			return err
		}
	}
	return b.nodes(movedSmall)
}

// move copies a database into a new one on the server.
func (b *bench) move(server, name string, from *dataset) (*dataset, error) {
	db, err := sql.Open("pgx", server)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if _, err := db.ExecContext(b.ctx, "CREATE DATABASE "+name); err != nil {
		return nil, err
	}
	at, err := url.Parse(server)
	if err != nil {
		return nil, err
	}
	at.Path = "/" + name
	moved := *from
	moved.path = at.String()
	if err := store.Move(b.ctx, from.path, moved.path, func(store.MoveProgress) {}); err != nil {
		return nil, err
	}
	after, err := sql.Open("pgx", moved.path)
	if err != nil {
		return nil, err
	}
	defer after.Close()
	_, err = after.ExecContext(b.ctx, "ANALYZE") // as autovacuum would do some time later
	return &moved, err
}

// postgresGate compares the gate with a handler that runs one prepared SELECT by primary key.
func (b *bench) postgresGate(what string, s *dataset) error {
	gate, err := b.serve(s)
	if err != nil {
		return err
	}
	defer gate.stop()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	bare, err := start(b.ctx, self, "bare-select", s.path)
	if err != nil {
		return err
	}
	defer bare.stop()
	rates, err := b.compare(s, []string{bare.address}, []string{gate.address})
	if err != nil {
		return err
	}
	fmt.Printf(" /gate, %s\n", what)
	rates[0].print("bare handler with one SELECT, requests a second", "%.0f")
	rates[1].print("/gate, requests a second", "%.0f")
	rates[1].over(rates[0]).print("ratio", "%.2f")
	return nil
}

// nodes compares two nodes on one database with one of them alone.
func (b *bench) nodes(s *dataset) error {
	var nodes []string
	for range 2 {
		node, err := b.serve(s)
		if err != nil {
			return err
		}
		defer node.stop()
		nodes = append(nodes, node.address)
	}
	rates, err := b.compare(s, nodes[:1], nodes)
	if err != nil {
		return err
	}
	fmt.Println(" /gate, 1,000 keys, two nodes over one database")
	rates[0].print("one node, requests a second", "%.0f")
	rates[1].print("two nodes, requests a second", "%.0f")
	rates[1].over(rates[0]).print("ratio", "%.2f")
	return nil
}

// compare loads two sets of servers, alternating between them, and returns the requests per second of each.
func (b *bench) compare(s *dataset, sets ...[]string) ([2]figures, error) {
	c := gateCase{tokens: s.tokens, status: http.StatusOK}
	var rates [2]figures
	for round := range b.rounds + 1 {
		for i, set := range sets {
			got, err := load(set, c, b.length)
			if err != nil {
				return rates, err
			}
			if round > 0 { // the first round warms up
				rates[i] = append(rates[i], got.rate)
			}
		}
	}
	return rates, nil
}

// serveSelect serves an Echo handler that reads one row and answers as the gate does, without judging, to compare the
// gate on PostgreSQL with.
func serveSelect(address string) {
	db, err := sql.Open("pgx", address)
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	query, err := db.Prepare("SELECT subscription_id, write_access, hash FROM integration_keys WHERE id = $1")
	if err != nil {
		panic(err)
	}
	e := echo.New()
	e.Any("/gate", func(c echo.Context) error {
		id := strings.Split(c.Request().Header.Get("X-Integration-Key"), "_")[1]
		var subscription string
		var write bool
		var hash []byte
		if err := query.QueryRowContext(c.Request().Context(), id).Scan(&subscription, &write, &hash); err != nil {
			return err
		}
		h := c.Response().Header()
		h.Set("Keyporter-Key-Id", id)
		h.Set("Keyporter-Subscription-Id", subscription)
		h.Set("Keyporter-Write-Access", fmt.Sprint(write))
		h.Set("Keyporter-Application-Ids", "*")
		h.Set("Keyporter-Blacklist", "apply")
		h.Set("Cache-Control", "no-store")
		return c.NoContent(http.StatusOK)
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(os.Stderr, "serving address=%s\n", l.Addr())
	http.Serve(l, e)
}

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

const connections = 32

// serveBare is what the gate is measured against: an Echo handler that answers what the gate answers, without judging.
func serveBare() {
	e := echo.New()
	e.Any("/gate", func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Keyporter-Key-Id", "4fT9aQ0bZ7Lm")
		h.Set("Keyporter-Subscription-Id", "Hq7Vd2Lk9TfA")
		h.Set("Keyporter-Write-Access", "false")
		h.Set("Keyporter-Application-Ids", "*")
		h.Set("Keyporter-Blacklist", "apply")
		h.Set("Cache-Control", "no-store")
		return c.NoContent(http.StatusOK)
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	slog.New(slog.NewTextHandler(os.Stderr, nil)).Info("serving", "address", l.Addr().String())
	http.Serve(l, e)
}

// gate measures /gate next to the bare handler.
func (b *bench) gate(small, _ *seeded) error {
	fmt.Printf("/gate, %d connections, 1,000 keys in use; %s a round\n", connections, b.length)
	gate, err := b.serve(small)
	if err != nil {
		return err
	}
	defer gate.stop()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	bare, err := start(b.ctx, self, "bare")
	if err != nil {
		return err
	}
	defer bare.stop()
	requests := gateRequests(small.tokens)
	var bareRate, gateRate, bareTail, gateTail figures
	for round := range b.rounds + 1 {
		one, err := load(bare.address, requests, b.length)
		if err != nil {
			return err
		}
		other, err := load(gate.address, requests, b.length)
		if err != nil {
			return err
		}
		if round > 0 { // the first round warms up
			bareRate, gateRate = append(bareRate, one.rate), append(gateRate, other.rate)
			bareTail, gateTail = append(bareTail, one.tail), append(gateTail, other.tail)
		}
	}
	bareRate.print("bare Echo handler, requests a second", "%.0f")
	gateRate.print("/gate, requests a second", "%.0f")
	gateRate.over(bareRate).print("ratio", "%.2f")
	bareTail.print("bare Echo handler, 99th percentile, ms", "%.2f")
	gateTail.print("/gate, 99th percentile, ms", "%.2f")
	resident, err := gate.resident()
	fmt.Printf("  %-58s%.1f\n", "/gate, resident memory after the load, MB", resident)
	return err
}

func gateRequests(tokens []string) [][]byte {
	var all [][]byte
	for _, token := range tokens {
		all = append(all, []byte("GET /gate HTTP/1.1\r\nHost: gate\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Uri: /api/v1/report\r\nX-Integration-Key: "+token+"\r\n\r\n"))
	}
	return all
}

// A loaded is what one round of load gave.
type loaded struct {
	rate float64 // requests a second
	tail float64 // 99th percentile of the time to an answer, in milliseconds
}

// load sends requests on all connections for the given time, each connection one after the other, and expects every
// answer to be a 200.
func load(address string, requests [][]byte, length time.Duration) (loaded, error) {
	var all []time.Duration
	var failed error
	var mu sync.Mutex
	var workers sync.WaitGroup
	end := time.Now().Add(length)
	for worker := range connections {
		workers.Go(func() {
			times, err := drive(address, requests, worker*len(requests)/connections, end)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, times...)
			if err != nil {
				failed = err
			}
		})
	}
	workers.Wait()
	if failed != nil || len(all) == 0 {
		return loaded{}, fmt.Errorf("load on %s: %w", address, failed)
	}
	slices.Sort(all)
	return loaded{rate: float64(len(all)) / length.Seconds(), tail: milliseconds(all[len(all)*99/100])}, nil
}

func drive(address string, requests [][]byte, next int, end time.Time) ([]time.Duration, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	times := make([]time.Duration, 0, 1<<16)
	for begin := time.Now(); begin.Before(end); {
		if _, err := conn.Write(requests[next%len(requests)]); err != nil {
			return times, err
		}
		next++
		if err := readEmptyAnswer(answers); err != nil {
			return times, err
		}
		now := time.Now()
		times = append(times, now.Sub(begin))
		begin = now
	}
	return times, nil
}

// readEmptyAnswer reads one answer without a body.
func readEmptyAnswer(r *bufio.Reader) error {
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
			return fmt.Errorf("answered %q", line)
		}
		if len(bytes.TrimSpace(line)) == 0 {
			return nil
		}
	}
}

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A loadResult is the result of one round of load.
type loadResult struct {
	rate         float64 // requests a second
	middle, tail float64 // 50th and 99th percentile of the time to an answer, in milliseconds
}

// load sends requests for the given time, one after the other on each connection, and fails for an answer of another
// status than the case's. The connections are distributed over the servers.
func load(servers []string, c gateCase, length time.Duration) (loadResult, error) {
	var all []time.Duration
	var failed error
	var mu sync.Mutex
	var workers sync.WaitGroup
	end := time.Now().Add(length)
	for worker := range connections {
		workers.Go(func() {
			times, err := drive(servers[worker%len(servers)], c, worker, end)
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
		return loadResult{}, fmt.Errorf("load on %s: %w", servers, failed)
	}
	slices.Sort(all)
	at := func(percent int) float64 { return milliseconds(all[len(all)*percent/100]) }
	return loadResult{rate: float64(len(all)) / length.Seconds(), middle: at(50), tail: at(99)}, nil
}

// drive sends requests on one connection until end, and returns the time of each. It starts at another token than the
// other workers and goes through them with a stride that is a prime, so that all together use all tokens.
func drive(address string, c gateCase, worker int, end time.Time) ([]time.Duration, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	times := make([]time.Duration, 0, 1<<14)
	var request []byte
	status := []byte("HTTP/1.1 " + strconv.Itoa(c.status) + " ")
	next := worker * len(c.tokens) / connections
	for begin := time.Now(); begin.Before(end); {
		request = append(request[:0],
			"GET /gate HTTP/1.1\r\nHost: gate\r\nX-Forwarded-Method: GET\r\n"+
				"X-Forwarded-Uri: /api/v1/report\r\nX-Integration-Key: "...)
		request = append(request, c.tokens[next%len(c.tokens)]...)
		request = append(request, "\r\n\r\n"...)
		next += 7919
		if _, err := conn.Write(request); err != nil {
			return times, err
		}
		if err := readAnswer(answers, status); err != nil {
			return times, err
		}
		now := time.Now()
		times = append(times, now.Sub(begin))
		begin = now
	}
	return times, nil
}

// readAnswer reads one answer and its body, and fails if it does not begin with the status line.
func readAnswer(r *bufio.Reader, status []byte) error {
	length := 0
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimSpace(line)
		if first && !bytes.HasPrefix(line, status) {
			return fmt.Errorf("answered %q", line)
		}
		if len(line) == 0 {
			_, err := io.CopyN(io.Discard, r, int64(length))
			return err
		}
		if name, value, _ := bytes.Cut(line, []byte(": ")); string(name) == "Content-Length" {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		}
	}
}

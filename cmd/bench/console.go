package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// size measures the size of the binary, and the start and memory of a server with 1,000 keys.
func (b *bench) size(small *dataset) error {
	fmt.Println("Size and start, 1,000 keys")
	info, err := os.Stat(b.binary)
	if err != nil {
		return err
	}
	fmt.Printf("  %-58s%.1f MB\n", "binary, stripped", float64(info.Size())/1e6)
	var starts, memory figures
	for range b.rounds {
		begin := time.Now()
		p, err := b.serve(small)
		if err != nil {
			return err
		}
		if err := p.ready(); err != nil {
			return err
		}
		starts = append(starts, milliseconds(time.Since(begin)))
		resident, err := p.resident()
		if err != nil {
			return err
		}
		memory = append(memory, resident)
		p.stop()
	}
	starts.print("start to ready, ms", "%.0f")
	memory.print("resident memory, idle, MB", "%.1f")
	fmt.Println()
	return nil
}

// loading measures the start and memory of a server with very many keys.
func (b *bench) loading(large *dataset) error {
	fmt.Printf("Start, %d keys\n", b.many)
	var opened, memory figures
	for range b.rounds {
		begin := time.Now()
		p, err := b.serve(large)
		if err != nil {
			return err
		}
		if err := p.ready(); err != nil {
			return err
		}
		opened = append(opened, time.Since(begin).Seconds())
		resident, err := p.resident()
		if err != nil {
			return err
		}
		memory = append(memory, resident)
		p.stop()
	}
	opened.print("start to ready, copy of all keys loaded, s", "%.2f")
	memory.print("resident memory, idle, MB", "%.0f")
	fmt.Println()
	return nil
}

// requestsPerRound is how many times a page is requested in one round; the round's figure is the mean.
const requestsPerRound = 40

// lists measures the list page of both databases, alternating between them.
func (b *bench) lists(small, large *dataset) error {
	fmt.Printf("List page, milliseconds; %d keys next to 1,000\n", b.many)
	var ask [2]func(query string) (time.Duration, error)
	for i, s := range []*dataset{small, large} {
		p, err := b.serve(s)
		if err != nil {
			return err
		}
		defer p.stop()
		client, err := p.signIn()
		if err != nil {
			return err
		}
		ask[i] = asker(client, "http://"+p.address+"/s/"+s.subscription+"/settings/integrations/integration-keys")
	}
	for _, c := range []struct {
		what         string
		small, large string
		times        int
	}{
		{"first page", "", "", requestsPerRound},
		{"filter Never used", "?status=never", "?status=never", requestsPerRound},
		{"search by key ID", "?q=" + small.lastID, "?q=" + large.lastID, requestsPerRound},
		{"search in descriptions, many found", "?q=nightly", "?q=nightly", requestsPerRound},
		{"search in descriptions, none found", "?q=zebra", "?q=zebra", 2},
	} {
		var few, many figures
		for round := range b.rounds + 1 {
			one, err := repeat(ask[0], c.small, c.times)
			if err != nil {
				return err
			}
			other, err := repeat(ask[1], c.large, c.times)
			if err != nil {
				return err
			}
			if round > 0 { // the first round warms up
				few, many = append(few, one), append(many, other)
			}
		}
		few.print(c.what+", 1,000 keys", "%.2f")
		many.print(fmt.Sprintf("%s, %d keys", c.what, b.many), "%.2f")
		many.over(few).print("ratio", "%.2f")
	}
	fmt.Println()
	return nil
}

// asker returns a function that requests the list page with a query and returns how long the answer took.
func asker(client *http.Client, page string) func(string) (time.Duration, error) {
	return func(query string) (time.Duration, error) {
		begin := time.Now()
		text, err := fetch(client, page+query)
		if err == nil && !strings.Contains(text, "Integration Keys") {
			err = fmt.Errorf("%s is not the list", page)
		}
		return time.Since(begin), err
	}
}

// repeat returns the mean time of so many requests, in milliseconds.
func repeat(ask func(string) (time.Duration, error), query string, times int) (float64, error) {
	var all time.Duration
	for range times {
		took, err := ask(query)
		if err != nil {
			return 0, err
		}
		all += took
	}
	return milliseconds(all) / float64(times), nil
}

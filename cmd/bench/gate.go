package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"keyporter/internal/token"
)

const (
	connections        = 32
	deletionsPerSecond = 20
)

// A gateCase is a kind of load on the gate.
type gateCase struct {
	what     string
	server   *dataset
	tokens   []string
	status   int
	deletion bool // keys are deleted at the same time
}

func (b *bench) gates(small, deleting, large *dataset) error {
	fmt.Printf("/gate, %d connections, %s a round; "+
		"next to a bare Echo handler with the same status, headers and body\n",
		connections, b.length)
	many := fmt.Sprintf("%d keys", b.many)
	for _, c := range []gateCase{
		{"1,000 keys, all in use", small, small.tokens, http.StatusOK, false},
		{many + ", uniformly in use", large, large.tokens, http.StatusOK, false},
		{"unknown but well-formed keys", small, unknownTokens(100_000), http.StatusUnauthorized, false},
		{"malformed keys", small, malformed(small.tokens), http.StatusUnauthorized, false},
		{fmt.Sprintf("1,000 keys, %d deletions a second", deletionsPerSecond), deleting, deleting.tokens, http.StatusOK,
			true},
	} {
		if err := b.gate(c); err != nil {
			return fmt.Errorf("%s: %w", c.what, err)
		}
	}
	return nil
}

// unknownTokens returns n well-formed tokens that no key has.
func unknownTokens(n int) []string {
	all := make([]string, n)
	for i := range all {
		id, _ := token.ParseKeyID(fmt.Sprintf("%012d", i))
		minted, _ := token.Mint("kp", token.Integration, id)
		all[i] = minted.Reveal()
	}
	return all
}

// malformed returns the tokens with another last character, so that their check is wrong.
func malformed(tokens []string) []string {
	all := make([]string, len(tokens))
	for i, token := range tokens {
		last := "0"
		if strings.HasSuffix(token, "0") {
			last = "1"
		}
		all[i] = token[:len(token)-1] + last
	}
	return all
}

func (b *bench) gate(c gateCase) error {
	gate, err := b.serve(c.server)
	if err != nil {
		return err
	}
	defer gate.stop()
	bare, err := b.startBare(gate, c)
	if err != nil {
		return err
	}
	defer bare.stop()
	deleter := &deleter{process: gate, keys: c.server}
	if c.deletion {
		if err := deleter.signIn(); err != nil {
			return err
		}
	}
	before, err := gate.resident()
	if err != nil {
		return err
	}
	var rates, tails, middles [2]figures // of the bare handler and of the gate
	for round := range b.rounds + 1 {
		for i, p := range []*process{bare, gate} {
			stop := deleter.start(c.deletion && p == gate)
			got, err := load([]string{p.address}, c, b.length)
			if err := errors.Join(err, stop()); err != nil {
				return err
			}
			if round > 0 { // the first round warms up
				rates[i], middles[i], tails[i] = append(rates[i], got.rate), append(middles[i], got.middle),
					append(tails[i], got.tail)
			}
		}
	}
	after, err := gate.resident()
	if err != nil {
		return err
	}
	fmt.Printf(" %s\n", c.what)
	rates[0].print("bare handler, requests a second", "%.0f")
	rates[1].print("/gate, requests a second", "%.0f")
	rates[1].over(rates[0]).print("ratio", "%.2f")
	middles[0].print("bare handler, 50th percentile, ms", "%.2f")
	middles[1].print("/gate, 50th percentile, ms", "%.2f")
	tails[0].print("bare handler, 99th percentile, ms", "%.2f")
	tails[1].print("/gate, 99th percentile, ms", "%.2f")
	tails[1].over(tails[0]).print("ratio of the 99th percentiles", "%.2f")
	fmt.Printf("  %-58s%.0f to %.0f\n", "/gate, resident memory before and after, MB", before, after)
	if c.deletion {
		fmt.Printf("  %-58s%d, %d\n", "keys deleted; accepted once the answer had come", deleter.deleted,
			deleter.accepted)
	}
	return nil
}

// A deleter deletes spare keys through the console during a load, and presents each key right after the answer.
type deleter struct {
	process  *process
	keys     *dataset
	client   *http.Client
	form     string // the session's form token
	deleted  int
	accepted int // of the deleted keys, those that were accepted afterwards
}

func (d *deleter) signIn() (err error) {
	if d.client, err = d.process.signIn(); err != nil {
		return err
	}
	text, err := fetch(d.client, "http://"+d.process.address+"/account")
	if err != nil {
		return err
	}
	d.form = formToken.FindStringSubmatch(text)[1]
	d.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return nil
}

// start begins to delete keys if enabled, and returns the function that ends it.
func (d *deleter) start(enabled bool) (stop func() error) {
	if !enabled {
		return func() error { return nil }
	}
	end := make(chan struct{})
	var failed error
	var work sync.WaitGroup
	work.Go(func() {
		tick := time.NewTicker(time.Second / deletionsPerSecond)
		defer tick.Stop()
		for failed == nil {
			select {
			case <-end:
				return
			case <-tick.C:
				failed = d.deleteOne()
			}
		}
	})
	return func() error { close(end); work.Wait(); return failed }
}

func (d *deleter) deleteOne() error {
	if len(d.keys.spare) == 0 {
		return errors.New("no spare keys are left")
	}
	token := d.keys.spare[0]
	d.keys.spare = d.keys.spare[1:]
	id := strings.Split(token, "_")[1]
	page := "http://" + d.process.address + "/s/" + d.keys.subscription + "/settings/integrations/integration-keys/" +
		id + "/delete"
	answer, err := d.client.PostForm(page, url.Values{"csrf": {d.form}})
	if err != nil {
		return err
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("deletion: %s", answer.Status)
	}
	request, err := http.NewRequest(http.MethodGet, "http://"+d.process.address+"/api/v1/token/verify", nil)
	if err != nil {
		return err
	}
	request.Header.Set("X-Integration-Key", token)
	if answer, err = http.DefaultClient.Do(request); err != nil {
		return err
	}
	answer.Body.Close()
	d.deleted++
	if answer.StatusCode == http.StatusOK {
		d.accepted++
	}
	return nil
}

// startBare starts a bare handler with the gate's answer in this case.
func (b *bench) startBare(gate *process, c gateCase) (*process, error) {
	request, err := http.NewRequest(http.MethodGet, "http://"+gate.address+"/gate", nil)
	if err != nil {
		return nil, err
	}
	request.Header = http.Header{"X-Forwarded-Method": {"GET"}, "X-Forwarded-Uri": {"/"},
		"X-Integration-Key": c.tokens[:1]}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != c.status {
		return nil, fmt.Errorf("the gate answered %s", answer.Status)
	}
	file, err := recordAnswer(b.folder, answer)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(b.ctx, self, "bare", file)
}

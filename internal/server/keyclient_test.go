package server_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
)

// limitedKey returns a key that may be used from 192.0.2.0/24 alone, and was refused from 203.0.113.9.
func (f *fixture) limitedKey() (id, token string) {
	f.t.Helper()
	id, token = f.key("a key", true)
	f.ok(f.ChangeAddresses(f.ctx, f.actor(ada), f.acme, id, keyporter.AddressForm{Text: "192.0.2.0/24"}))
	f.mustAsk(token, "203.0.113.9", http.StatusForbidden)
	return id, token
}

// mustAsk asks the gate about a client's request.
func (f *fixture) mustAsk(token, address string, status int) {
	f.t.Helper()
	h := described(token, "GET", "/")
	h["X-Forwarded-For"], h["User-Agent"] = []string{address}, []string{"export/1"}
	if got := ask(f, "GET", "/gate", proxy, h); got.StatusCode != status {
		f.t.Errorf("a request from %q is answered %s", address, got.Status)
	}
}

// has fails unless a page has all the pieces of HTML.
func (a *answer) has(t *testing.T, what string, pieces ...string) {
	t.Helper()
	for _, piece := range pieces {
		if !strings.Contains(a.body, piece) {
			t.Errorf("%s: %s, without %q", what, a.Status, piece)
		}
	}
}

// TestAllowRefusedAddress: a click on the key's page allows the address that was refused, and the audit log has it.
func TestAllowRefusedAddress(t *testing.T) {
	f := newFixture(t)
	id, token := f.limitedKey()
	page := f.at(keysBelow + "/" + id)
	client := f.client(tom)
	shown := client.get(page)
	shown.has(t, "the page", "Refused addresses", `aria-label="Allow 203.0.113.9"`, "export/1")
	form, _ := shown.form(page + "/addresses/allow")
	if form.Get("address") != "203.0.113.9" {
		t.Fatalf("the form is %v", form)
	}
	for range 2 { // a repeated click
		got := client.send(page+"/addresses/allow", form)
		if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != page {
			t.Errorf("the answer is %s, to %q", got.Status, got.Header.Get("Location"))
		}
	}
	client.get(page).has(t, "the page after it", "192.0.2.0/24\n203.0.113.9", "The address is allowed.")
	if strings.Contains(client.get(page).body, "Allow 203.0.113.9") {
		t.Error("the page still offers to allow the address")
	}
	f.mustAsk(token, "203.0.113.9", http.StatusOK)
	client.get(page).has(t, "the page after a use", "Used from")
	if log := f.client(ada).get(f.at("/audit-log")).body; strings.Count(log, "192.0.2.0/24, 203.0.113.9") != 1 {
		t.Errorf("the audit log is %s", log)
	}
}

// TestAllowOnAnOldPage: a click on a page that is out of date does not undo what another admin has decided.
func TestAllowOnAnOldPage(t *testing.T) {
	f := newFixture(t)
	id, token := f.limitedKey()
	page := f.at(keysBelow + "/" + id)
	client := f.client(tom)
	form, _ := client.get(page).form(page + "/addresses/allow")
	change := func(text string) {
		f.ok(f.ChangeAddresses(f.ctx, f.actor(ada), f.acme, id, keyporter.AddressForm{Text: text}))
	}
	change("198.51.100.1")
	got := client.send(page+"/addresses/allow", form)
	if got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("the answer is %s", got.Status)
	}
	got.has(t, "the answer", "Somebody else changed this", "allowed from 198.51.100.1.",
		"198.51.100.1\n203.0.113.9</textarea>")
	f.mustAsk(token, "203.0.113.9", http.StatusForbidden)
	change("")
	if got := client.send(page+"/addresses/allow", form); got.StatusCode != http.StatusSeeOther {
		t.Errorf("with a key that is not limited any more: %s", got.Status)
	}
	f.mustAsk(token, "198.51.100.77", http.StatusOK) // and is not limited to the one address

	next, _ := got.form(page + "/addresses")
	next.Set("allowed_addresses", "203.0.113.9")
	if got := client.send(page+"/addresses", next); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("the form is out of date too: %s", got.Status)
	}
}

// TestAllowTooMany: the 51st address gets the sentence that the form has for it, and so does what is no address.
func TestAllowTooMany(t *testing.T) {
	f := newFixture(t)
	id, token := f.limitedKey()
	page := f.at(keysBelow + "/" + id)
	full := ""
	for i := range keyporter.MaxAddresses {
		full += " 192.0.2." + strconv.Itoa(i)
	}
	f.ok(f.ChangeAddresses(f.ctx, f.actor(ada), f.acme, id, keyporter.AddressForm{Text: full}))
	client := f.client(tom)
	form, _ := client.get(page).form(page + "/addresses/allow")
	for address, want := range map[string]string{
		"203.0.113.9": "Use at most 50 addresses and blocks; you typed 51.",
		"":            "“” is no address.", "0.0.0.0/0": "“0.0.0.0/0” is no address.", token: "is no address.",
	} {
		form.Set("address", address)
		got := client.send(page+"/addresses/allow", form)
		got.has(t, address, want, "192.0.2.49\n")
		if got.StatusCode != http.StatusUnprocessableEntity || strings.Contains(got.body, token) {
			t.Errorf("%q: %s", address, got.Status)
		}
	}
	f.mustAsk(token, "203.0.113.9", http.StatusForbidden)
}

// TestRefusedAddressThatIsNotKnown: nothing can be allowed that the proxy does not name.
func TestRefusedAddressThatIsNotKnown(t *testing.T) {
	f := newFixture(t)
	id, token := f.key("a key", true)
	page := f.at(keysBelow + "/" + id)
	client := f.client(tom)
	body := client.get(page).body
	if strings.Contains(body, "Refused addresses") || strings.Contains(body, "Used from") {
		t.Error("a key without clients has lists of them")
	}
	f.ok(f.ChangeAddresses(f.ctx, f.actor(ada), f.acme, id, keyporter.AddressForm{Text: "192.0.2.7"}))
	client.get(page).has(t, "the page", "No request was refused for its address in the last 48 hours.")
	f.mustAsk(token, "", http.StatusForbidden)
	got := client.get(page)
	got.has(t, "the page", "Refused addresses", "Not known")
	if strings.Contains(got.body, "addresses/allow") {
		t.Error("an address that is not known can be allowed")
	}
}

// TestRefusedAddressIsNotForged: what the page offers to allow is who the proxy says it was, and not whom the client
// claims to be.
func TestRefusedAddressIsNotForged(t *testing.T) {
	f := newFixture(t)
	id, token := f.limitedKey()
	f.mustAsk(token, "192.0.2.7, 203.0.113.10", http.StatusForbidden)
	f.mustAsk(token, "198.51.100.1, 203.0.113.11, 127.0.0.1", http.StatusForbidden)
	body := f.client(tom).get(f.at(keysBelow + "/" + id)).body
	for address, want := range map[string]int{
		"203.0.113.9": 1, "203.0.113.10": 1, "203.0.113.11": 1, "192.0.2.7": 0, "198.51.100.1": 0, "127.0.0.1": 0,
	} {
		if n := strings.Count(body, `aria-label="Allow `+address+`"`); n != want {
			t.Errorf("%s can be allowed with %d buttons", address, n)
		}
	}
}

// TestListLeavesOutRecentAddresses: the form names who used the key lately, and says after it is saved, and before it
// is saved again, whom a list leaves out. What leaves nobody out is not warned of.
func TestListLeavesOutRecentAddresses(t *testing.T) {
	f := newFixture(t)
	id, token := f.key("a key", true)
	page := f.at(keysBelow + "/" + id)
	f.mustAsk(token, "192.0.2.7", http.StatusOK)
	f.mustAsk(token, "198.51.100.7", http.StatusOK)
	client := f.client(tom)
	const leftOut, recent = "Not among them, but in use in the last 7 days: ", "In use in the last 7 days: "
	save := func(list string) *answer {
		form, _ := client.get(page + "/addresses").form(page + "/addresses")
		form.Set("allowed_addresses", list)
		if got := client.send(page+"/addresses", form); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%q is answered %s", list, got.Status)
		}
		return client.get(page)
	}
	client.get(page+"/addresses").has(t, "the form", recent, ">192.0.2.7</code>", ">198.51.100.7</code>")
	saved := save("192.0.2.7")
	saved.has(t, "the page", `aria-label="Allow 198.51.100.7"`)
	saved.mustHold(t, "the page", "They leave out addresses that used the key in the last 7 days",
		leftOut+"198.51.100.7 ")
	f.mustAsk(token, "198.51.100.7", http.StatusForbidden)
	if n := strings.Count(client.get(page).body, `aria-label="Allow 198.51.100.7"`); n != 1 {
		t.Errorf("the page has %d buttons for an address that was used and refused", n)
	}
	client.get(page+"/addresses").mustHold(t, "the form", leftOut+"198.51.100.7 ")
	body := save("192.0.2.7\n198.51.100.0/24").body
	if strings.Contains(body, "eave out") || strings.Contains(body, leftOut) {
		t.Error("the page warns of nothing")
	}
}

// TestUseMyAddressInANewKey: the button adds the browser's address to what was typed, and creates nothing.
func TestUseMyAddressInANewKey(t *testing.T) {
	f := newFixture(t)
	client := f.client(tom)
	path := f.at(keysBelow)
	form, _ := client.get(path + "/new").form(path)
	form.Set("description", "my key")
	form.Set("write_access", "on")
	form.Set("note", "nightly")
	form.Set("allowed_addresses", "192.0.2.7")
	form.Set("add", "mine")
	got := client.send(path, form)
	got.has(t, "the answer", `value="my key"`, "192.0.2.7\n127.0.0.1</textarea>", "nightly</textarea>",
		`<details class="more" open>`)
	if got.StatusCode != http.StatusOK || strings.Contains(client.get(path).body, "my key") {
		t.Errorf("the answer is %s, or a key was created", got.Status)
	}
	next, _ := got.form(path)
	if next.Get("write_access") != "on" {
		t.Error("the access was forgotten")
	}
	next.Set("allowed_addresses", "127.0.0.1")
	if got := client.send(path, next); got.StatusCode != http.StatusCreated {
		t.Errorf("the form is then answered %s", got.Status)
	}
}

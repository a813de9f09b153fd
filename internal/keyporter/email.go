package keyporter

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// domains is how the domain of an address is read: UTS 46 with the rules of host names, and no empty label.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.CheckJoiners(true), idna.StrictDomainName(true),
	idna.VerifyDNSLength(true))

// checkNewEmail says what is wrong with an address that [input.CleanEmail] accepted and that no account has yet: what
// cannot be seen, a domain that is none, and letters of scripts that look alike in one word. Accounts that exist go on
// signing in.
func checkNewEmail(email string) string {
	for _, r := range email {
		if unicode.In(r, unicode.C, unicode.Z, unicode.Variation_Selector,
			unicode.Other_Default_Ignorable_Code_Point) {
			return "An email address cannot have spaces or characters that cannot be seen. Type it, rather than " +
				"paste it."
		}
	}
	local, domain, _ := strings.Cut(email, "@")
	ascii, err := domains.ToASCII(domain)
	if err != nil || strings.HasSuffix(ascii, ".") {
		return "What follows the @ is not a domain, such as example.com."
	}
	readable, _ := domains.ToUnicode(ascii)
	for _, word := range append(strings.Split(readable, "."), local) {
		if mixesScripts(word) {
			return "This address mixes letters of several alphabets, which can look alike. Type it, rather than " +
				"paste it."
		}
	}
	if norm.NFKC.String(local) != norm.NFC.String(local) {
		return "This address has a letter or a sign in a special form, such as a wide one. " +
			"Type it, rather than paste it."
	}
	return ""
}

// mixesScripts reports whether a word has Latin letters and those of a script that looks like it, or letters of both
// Cyrillic and Greek. Scripts that are written together with Latin and do not look like it may stand next to it.
func mixesScripts(word string) bool {
	has := func(in func(r rune) bool) bool {
		return strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) && in(r) })
	}
	latin := has(func(r rune) bool { return unicode.Is(unicode.Latin, r) })
	other := has(func(r rune) bool {
		return !unicode.In(r, unicode.Latin, unicode.Common, unicode.Inherited,
			unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Hangul)
	})
	cyrillic := has(func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
	greek := has(func(r rune) bool { return unicode.Is(unicode.Greek, r) })
	return latin && other || cyrillic && greek
}

// foldEmail returns the form in which addresses are compared: the part before the @ in NFKC with Unicode's full case
// folding, the domain as IDNA writes it in ASCII. So composed and decomposed letters, wide letters, capitals, and the
// two spellings of a domain are one address; ß and ss as well, which costs the second of two such mailboxes an
// account.
func foldEmail(email string) string {
	local, domain, found := strings.Cut(strings.TrimSpace(email), "@")
	local = norm.NFKC.String(cases.Fold().String(norm.NFKC.String(local)))
	if !found {
		return local
	}
	ascii, err := domains.ToASCII(domain)
	if err != nil { // only in an address from before domains were checked
		ascii = norm.NFKC.String(cases.Fold().String(norm.NFKC.String(domain)))
	}
	return local + "@" + strings.TrimSuffix(ascii, ".")
}

// oldFoldEmail is how addresses were compared before foldEmail. Accounts whose addresses foldEmail makes equal are
// still stored by it.
func oldFoldEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// emailForms returns the forms by which an address can be stored, the narrower one first: so that each of two
// accounts whose addresses count as one is found by its own spelling.
func emailForms(email string) []string {
	return slices.Compact([]string{oldFoldEmail(email), foldEmail(email)})
}

// userByEmail returns the user with the address. It fails with [ErrNotFound].
func userByEmail(tx Tx, email string) (User, error) {
	return byEmail(email, tx.UserByEmail)
}

// memberByEmail finds the member or invited of a subscription who has the address. It fails with [ErrNotFound].
func memberByEmail(tx Tx, subscription, email string) (Member, error) {
	return byEmail(email, func(folded string) (Member, error) { return tx.MemberByEmail(subscription, folded) })
}

func byEmail[T any](email string, find func(folded string) (T, error)) (found T, err error) {
	for _, form := range emailForms(email) {
		if found, err = find(form); !errors.Is(err, ErrNotFound) {
			break
		}
	}
	return found, err
}

// A StoredEmail is an address as the store has it, of a user or of a member. No two users have the same Folded, and no
// two members of one subscription.
type StoredEmail struct {
	ID             string
	SubscriptionID string // "" for a user
	Email, Folded  string
}

type emailRows interface {
	// UserEmails lists the addresses of all users, the oldest account first.
	UserEmails() ([]StoredEmail, error)
	SetUserEmailForm(id, folded string) error
	// MemberEmails lists the addresses of all members and invited, the oldest invitation first.
	MemberEmails() ([]StoredEmail, error)
	SetMemberEmailForm(id, folded string) error
}

// RefoldEmails brings addresses that an earlier version stored into the form in which they are compared now. Accounts
// whose addresses count as one now each keep their own sign-in; the log lists them. One of them gets the common form,
// so that no further account can be made with it.
func (p *Porter) RefoldEmails(ctx context.Context) error {
	var users, members []StoredEmail
	var same [][]StoredEmail
	find := func(tx Tx) (err error) {
		users, members, same, err = findRefolded(tx)
		return err
	}
	if err := p.store.Read(ctx, find); err != nil {
		return err
	}
	for _, s := range same {
		var who []string
		for _, e := range s {
			who = append(who, e.Email+" (user ID "+e.ID+")")
		}
		p.options.Log.Warn("accounts whose email addresses count as one: they stay apart, and each signs in with its "+
			"own spelling", "accounts", who)
	}
	if len(users)+len(members) == 0 {
		return nil
	}
	subscriptions := map[string]bool{} // those that are locked, so that nobody is invited to them meanwhile
	for _, e := range members {
		subscriptions[e.SubscriptionID] = true
	}
	return p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockInstallation(); err != nil { // so that nobody makes an account meanwhile
			return err
		}
		for _, id := range slices.Sorted(maps.Keys(subscriptions)) {
			if err := tx.LockSubscription(id); err != nil {
				return err
			}
		}
		if err := find(tx); err != nil { // again: another node may have changed them before the locks were held
			return err
		}
		for _, e := range users {
			if err := tx.SetUserEmailForm(e.ID, e.Folded); err != nil {
				return err
			}
		}
		for _, e := range members {
			if !subscriptions[e.SubscriptionID] { // invited meanwhile by an earlier version: left to the next start
				continue
			}
			if err := tx.SetMemberEmailForm(e.ID, e.Folded); err != nil {
				return err
			}
		}
		return nil
	})
}

// findRefolded returns the users' and the members' addresses that change, in their new form, and the users' addresses
// that count as one.
func findRefolded(tx Tx) (users, members []StoredEmail, same [][]StoredEmail, err error) {
	if users, err = tx.UserEmails(); err != nil {
		return nil, nil, nil, err
	}
	if members, err = tx.MemberEmails(); err != nil {
		return nil, nil, nil, err
	}
	users, same = refolded(users)
	members, _ = refolded(members)
	return users, members, same, nil
}

// refolded returns the addresses whose stored form has to change, with the new form, and the groups of addresses that
// have the same form. Of such a group the first gets that form unless one has it; the others keep the narrower form by
// which they are stored.
func refolded(all []StoredEmail) (changed []StoredEmail, same [][]StoredEmail) {
	type key struct{ subscription, folded string }
	alike := map[key][]StoredEmail{}
	for _, e := range all {
		for _, form := range slices.Compact([]string{e.Folded, foldEmail(e.Email)}) {
			k := key{e.SubscriptionID, form}
			alike[k] = append(alike[k], e)
		}
	}
	for _, e := range all {
		form := foldEmail(e.Email)
		others := alike[key{e.SubscriptionID, form}]
		switch {
		case len(others) > 1:
			if others[0].ID != e.ID {
				continue
			}
			same = append(same, others)
			if !slices.ContainsFunc(others, func(o StoredEmail) bool { return o.Folded == form }) {
				e.Folded = form
				changed = append(changed, e)
			}
		case form != e.Folded:
			e.Folded = form
			changed = append(changed, e)
		}
	}
	return changed, same
}

package keyporter

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"keyporter/internal/exclude"
	"keyporter/internal/token"
	"keyporter/plural"
)

// MaxAddresses is how many addresses and blocks a key may be limited to.
const MaxAddresses = 50

// Addresses are the addresses from which a key may be used. They are never changed after they were parsed, and are not
// empty: the nil pointer stands for anywhere.
type Addresses struct {
	blocks []netip.Prefix // masked, IPv4 as such, ascending, each once
	text   string
}

// Contains reports whether a key may be used from an address. The zero Addr stands for an address that is not known.
func (a *Addresses) Contains(address netip.Addr) bool {
	if a == nil {
		return true
	}
	address = address.Unmap().WithZone("")
	for _, block := range a.blocks {
		if block.Contains(address) {
			return true
		}
	}
	return false
}

// LeftOut returns those of the addresses from which a key may not be used.
func (a *Addresses) LeftOut(addresses []netip.Addr) []netip.Addr {
	return slices.DeleteFunc(slices.Clone(addresses), a.Contains)
}

// String returns the addresses and blocks with spaces between them; "" for anywhere.
func (a *Addresses) String() string {
	if a == nil {
		return ""
	}
	return a.text
}

// List returns the addresses and blocks, a block as 192.0.2.0/24.
func (a *Addresses) List() []string { return strings.Fields(a.String()) }

// ParseAddresses parses addresses and CIDR blocks that stand in lines, with white space or commas between them. If some
// of the text is neither, it returns a sentence for each, in lines of its own.
func ParseAddresses(text string) (_ *Addresses, sentences string) {
	const shown = 5 // mistakes
	var blocks []netip.Prefix
	var wrong []string
	number := 0
	for line := range strings.Lines(text) {
		number++
		for _, word := range strings.FieldsFunc(line, isBetweenAddresses) {
			block, mistake := parseBlock(word)
			if mistake != "" {
				wrong = append(wrong, fmt.Sprintf("Line %d: %s", number, mistake))
			}
			blocks = append(blocks, block)
		}
	}
	if n := len(wrong); n > 0 {
		sentences = strings.Join(wrong[:min(n, shown)], "\n")
		if n > shown {
			sentences += "\n" + plural.Count(n-shown, "more is wrong.", "more are wrong.")
		}
		return nil, sentences
	}
	slices.SortFunc(blocks, compareBlocks)
	blocks = slices.Compact(blocks)
	if n := len(blocks); n > MaxAddresses {
		return nil, fmt.Sprintf("Use at most %s; you typed %s.",
			plural.Count(MaxAddresses, "address or block", "addresses and blocks"), plural.Number(int64(n)))
	}
	return newAddresses(blocks), ""
}

func isBetweenAddresses(r rune) bool {
	return r == ',' || r == ';' || r <= ' ' || r == '\u00a0' || r == '\ufeff'
}

// newAddresses keeps the blocks, which are in their order.
func newAddresses(blocks []netip.Prefix) *Addresses {
	if len(blocks) == 0 {
		return nil
	}
	var list []string
	for _, block := range blocks {
		if block.IsSingleIP() {
			list = append(list, block.Addr().String())
		} else {
			list = append(list, block.String())
		}
	}
	return &Addresses{blocks: blocks, text: strings.Join(list, " ")}
}

func compareBlocks(a, b netip.Prefix) int {
	if order := a.Addr().Compare(b.Addr()); order != 0 {
		return order
	}
	return a.Bits() - b.Bits()
}

// parseBlock parses an address or a CIDR block. The address of a block may be any within it.
func parseBlock(text string) (_ netip.Prefix, mistake string) {
	if address, ok := exclude.ParseAddress(text); ok {
		return netip.PrefixFrom(address, address.BitLen()), ""
	}
	block, err := netip.ParsePrefix(text)
	if err == nil && block.Addr().Is4In6() {
		if block.Bits() < 96 {
			return block, quoteTyped(text) + " is larger than all of IPv4. Write IPv4 blocks as in 192.0.2.0/24."
		}
		block = netip.PrefixFrom(block.Addr().Unmap(), block.Bits()-96)
	}
	switch {
	case err != nil && strings.Contains(text, "%"):
		return block, quoteTyped(text) + " has a zone, which means something on one machine only. Leave %… out."
	case err != nil:
		return block, quoteTyped(text) + " is no address or block, such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32."
	case block.Bits() == 0:
		return block, quoteTyped(text) + " is every address. Leave the field empty to allow all."
	}
	return block.Masked(), ""
}

// quoteTyped returns what was typed, shortened, and without a token in it.
func quoteTyped(text string) string {
	const limit = 45 // the longest IPv6 address and a block's length
	text = token.Mask(strings.ToValidUTF8(text, "\uFFFD"))
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "…"
	}
	return "“" + text + "”"
}

// An AddressForm is what a member fills in for the allowed addresses of a key.
type AddressForm struct {
	Text  string // as [ParseAddresses] takes it
	Shown string // the [Key.AddressVersion] that the form showed; "" if it does not matter
}

// check returns the addresses, and adds what is wrong with the form.
func (f AddressForm) check(invalid Invalid) *Addresses {
	addresses, sentences := ParseAddresses(f.Text)
	if sentences != "" {
		invalid.add("allowed_addresses", sentences)
	}
	return addresses
}

// AddressVersion changes with the key's allowed addresses. A form hands it on, so that it does not undo a change that
// it did not show.
func (k Key) AddressVersion() string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(k.Addresses.String())))[:16]
}

// ChangeAddresses limits an integration key to addresses, or to none in particular. It applies to every judgement that
// begins after it returned. It needs integration key access, and fails with [Invalid] for "allowed_addresses", also by
// the key policy, and for "" if somebody else has changed the addresses since the form was shown.
func (p *Porter) ChangeAddresses(ctx context.Context, a Actor, subscription, id string, form AddressForm) error {
	invalid := Invalid{}
	addresses := form.check(invalid)
	return p.replaceAddresses(ctx, a, subscription, id, form.Shown, func(*Addresses) (*Addresses, error) {
		return addresses, invalid.errorOrNil()
	})
}

// AllowAddress adds an address to the allowed ones of an integration key. It changes nothing if the address is allowed
// already: a key that may be used from anywhere is not limited. It fails like [Porter.ChangeAddresses]; shown is the
// [Key.AddressVersion] of the page on which the address was.
func (p *Porter) AllowAddress(ctx context.Context, a Actor, subscription, id, address, shown string) error {
	parsed, err := netip.ParseAddr(address)
	return p.replaceAddresses(ctx, a, subscription, id, shown, func(now *Addresses) (*Addresses, error) {
		if err != nil {
			return nil, Invalid{"allowed_addresses": quoteTyped(address) + " is no address."}
		}
		if now.Contains(parsed) {
			return now, nil
		}
		invalid := Invalid{}
		added := AddressForm{Text: now.text + " " + parsed.WithZone("").String()}.check(invalid)
		return added, invalid.errorOrNil()
	})
}

// replaceAddresses gives a key the addresses that change returns for those that it has.
func (p *Porter) replaceAddresses(ctx context.Context, a Actor, subscription, id, shown string,
	change func(now *Addresses) (*Addresses, error)) error {
	return p.changeKey(ctx, a, subscription, id, ActionChangedAddresses, func(tx Tx, key Key) error {
		addresses, err := change(key.Addresses)
		if err != nil || addresses.String() == key.Addresses.String() {
			return err
		}
		if shown != "" && shown != key.AddressVersion() {
			return Invalid{"": "Somebody else changed this while the form was open: the key is now " +
				addressWords(key.Addresses) + ". Save again to replace that."}
		}
		s, err := tx.Subscription(subscription)
		if err != nil {
			return err
		}
		key.Addresses = addresses
		needed := Invalid{}
		if s.KeyPolicy.checkAddresses(key, needed); len(needed) > 0 {
			return needed
		}
		return p.updateKey(tx, a, key, ActionChangedAddresses, key.Description+", "+addressWords(addresses))
	})
}

// addressWords says from where a key may be used, for the audit log.
func addressWords(a *Addresses) string {
	if a == nil {
		return "allowed from anywhere"
	}
	return "allowed from " + strings.ReplaceAll(a.text, " ", ", ")
}

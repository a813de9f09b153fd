package main

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"

	"keyporter/internal/exclude"
)

// A worstCase is a full Exclude List, and events that match as many of its entries as possible except for the last text
// between wildcards, which is called a piece here.
type worstCase struct {
	name   string
	list   *exclude.List
	events []exclude.Event
}

// longText is the greatest length of a field of an event, in bytes.
const longText = 1024

// worstCases returns what is known to make an index of patterns slow. No event is excluded.
func worstCases() []worstCase {
	cases := []worstCase{
		sharedLongest(), wrongOrder(longText), wrongOrder(64), nested(), sharedEnds(), repeated(), periodic(),
		insideEnd(), manyPieces(),
	}
	for _, end := range []string{"", ":443"} {
		cases = append(cases, servers(end))
	}
	return append(cases, addresses())
}

func visitors(name string, patterns []string, texts ...string) worstCase {
	event := func(text string) exclude.Event { return exclude.Event{VisitorID: text} }
	return worstOf(name, exclude.Visitor, patterns, event, texts)
}

// worstOf makes a list of the first patterns, as many as a list may have. Where the list's bounds on patterns with
// three and with two pieces are reached, it uses two pieces, or one that no event contains.
func worstOf(name string, kind exclude.Kind, patterns []string, event func(string) exclude.Event,
	texts []string) worstCase {
	c := worstCase{name: name}
	var entries []exclude.Entry
	for i, pattern := range patterns[:min(len(patterns), exclude.MaxEntries)] {
		texts := strings.Split(strings.Trim(pattern, "*"), "*")
		switch {
		case i >= exclude.MaxPairs && len(texts) > 1:
			pattern = "*" + texts[0] + "~*"
		case i >= exclude.MaxSequences && len(texts) > 2:
			pattern = "*" + texts[0] + "*" + texts[1] + "*~"
		}
		entries = append(entries, exclude.Entry{Kind: kind, Pattern: pattern})
	}
	for _, text := range texts {
		c.events = append(c.events, event(text))
	}
	c.list = exclude.NewList(entries)
	return c
}

// randomText returns a text that is the same in each run.
func randomText(n int, letters string, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 1))
	text := make([]byte, n)
	for i := range text {
		text[i] = letters[r.IntN(len(letters))]
	}
	return string(text)
}

// parts returns n distinct substrings of a text.
func parts(text string, n int) []string {
	var all []string
	known := map[string]bool{}
	for length := 3; len(all) < n && length <= len(text); length++ {
		for i := 0; i+length <= len(text) && len(all) < n; i++ {
			if part := text[i : i+length]; !known[part] {
				known[part] = true
				all = append(all, part)
			}
		}
	}
	return all
}

// pairs formats each combination of the first and the second texts.
func pairs(format string, first, second []string) []string {
	var patterns []string
	for _, a := range first {
		for _, b := range second {
			patterns = append(patterns, fmt.Sprintf(format, a, b))
		}
	}
	return patterns
}

const lower, upper = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

func sharedLongest() worstCase {
	x, y, long := randomText(300, lower, 1), randomText(300, upper, 2), strings.Repeat("longest", 20)
	patterns := pairs("*%s*"+long+"*%s*", parts(x, 100), parts(y, 100))
	return visitors("one longest piece", patterns, y+long+x+long+strings.Repeat("-", 144))
}

func wrongOrder(n int) worstCase {
	x, y := randomText(n/2, lower, 3), randomText(n/2, upper, 4)
	each := 100
	if n > 64 {
		each = n/2 - 3
	}
	firsts, seconds := parts(x, each), parts(y, each)
	var patterns []string
	for i := range exclude.MaxEntries {
		patterns = append(patterns, "*"+firsts[i%len(firsts)]+"*"+seconds[(i/len(firsts)*7+i)%len(seconds)]+"*")
	}
	return visitors(fmt.Sprintf("wrong order, %d bytes", n), patterns, y+x)
}

func nested() worstCase {
	var as, bs []string
	for i := range 100 {
		as, bs = append(as, strings.Repeat("a", i+1)), append(bs, strings.Repeat("b", i+1))
	}
	return visitors("nested pieces", pairs("*%s*%s*", as, bs),
		strings.Repeat("b", longText/2)+strings.Repeat("a", longText/2))
}

func sharedEnds() worstCase {
	x, y := randomText(200, lower, 5), randomText(200, upper, 6)
	patterns := pairs("begin*%s*%s*end", parts(x, 100), parts(y, 100))
	return visitors("one beginning and one end", patterns, "begin"+y+x+"--"+x+"end")
}

// repeated has patterns whose pieces occur in the text many times, except that the last one only occurs too early. The
// first patterns have the greatest number of pieces.
func repeated() worstCase {
	blocks := []string{randomText(160, lower, 7), randomText(160, upper, 8)}
	pieces := [][]string{parts(blocks[0], 1000), parts(blocks[1], 1000)}
	r := rand.New(rand.NewPCG(9, 1))
	piece := func(block int) string { return pieces[block][r.IntN(len(pieces[block]))] + "*" }
	var patterns []string
	for i := range exclude.MaxEntries {
		if i >= exclude.MaxSequences {
			patterns = append(patterns, "*"+piece(1)+piece(0))
			continue
		}
		pattern, inner := "*", exclude.MaxWildcards-2
		for j := range inner {
			pattern += piece(j * 2 / inner)
		}
		patterns = append(patterns, pattern+"!*end")
	}
	return visitors("pieces that repeat", patterns, strings.Repeat(blocks[0], 3)+"!"+strings.Repeat(blocks[1], 2)+"end")
}

// periodic has patterns with the greatest number of pieces, which occur everywhere in the text.
func periodic() worstCase {
	text := strings.Repeat(randomText(60, lower, 13), 17)
	all := parts(text, 5000)
	r := rand.New(rand.NewPCG(14, 1))
	var patterns []string
	for i := range exclude.MaxEntries {
		pattern := "*"
		if i < exclude.MaxSequences {
			for range exclude.MaxWildcards - 2 {
				pattern += all[r.IntN(len(all)/10)] + "*"
			}
		}
		patterns = append(patterns, pattern+all[r.IntN(len(all))]+"*"+text[i%60:][:100]+"-")
	}
	return visitors("a text that repeats", patterns, text)
}

// insideEnd has patterns with a common end. Their pieces occur within that end and not before it: as many different
// pieces in a text as a list can have.
func insideEnd() worstCase {
	end := randomText(200, lower, 11)
	var patterns []string
	for _, piece := range parts(end, exclude.MaxEntries) {
		patterns = append(patterns, "*"+piece+"*"+end)
	}
	return visitors("pieces within the end", patterns, randomText(longText-len(end), upper, 12)+end)
}

// manyPieces has as many bytes in its pieces as a list can have, and events that contain as many of them as possible.
func manyPieces() worstCase {
	var patterns, texts []string
	for i := range exclude.MaxEntries {
		patterns = append(patterns, "*"+randomText(251, lower, uint64(100+i))+"*Z")
	}
	for i := range 1000 {
		var text strings.Builder
		for j := range 4 {
			text.WriteString(patterns[(i*4+j)%len(patterns)][1:252])
		}
		texts = append(texts, text.String())
	}
	return visitors("2.5 MB of pieces", patterns, texts...)
}

func servers(end string) worstCase {
	x, y := randomText(500, lower, 9), randomText(500, "0123456789-", 10)
	return worstOf("server"+end, exclude.Server, pairs("*%s*%s*", parts(x, 100), parts(y, 100)),
		func(text string) exclude.Event { return exclude.Event{Server: text} },
		[]string{y + strings.ToUpper(x) + end})
}

func addresses() worstCase {
	text := "1234:5678:9abc:def0:1357:9bdf:2468:ace1"
	all := parts(text, 200)
	var patterns []string
	for i := range exclude.MaxEntries {
		a, b, c := all[i%len(all)], all[(i/len(all)*3+i)%len(all)], all[(i/len(all)*11+i*7)%len(all)]
		patterns = append(patterns, "*"+a+"*"+b+"*"+c+"*f1")
	}
	return worstOf("address", exclude.Address, patterns, func(text string) exclude.Event {
		return exclude.Event{RemoteIP: netip.MustParseAddr(text)}
	}, []string{text})
}

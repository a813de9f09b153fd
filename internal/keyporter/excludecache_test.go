package keyporter

import (
	"fmt"
	"strings"
	"testing"
)

// TestKeptListsAreBounded: by their number, and by the memory that they take; the newest is kept.
func TestKeptListsAreBounded(t *testing.T) {
	large := NewExcludeList([]ExcludeEntry{{Kind: ExcludeVisitor, Pattern: strings.Repeat("x", keptBytes/40)}})
	for _, list := range []*ExcludeList{NewExcludeList(nil), large} {
		var lists excludeLists
		for i := range 200 {
			subscription := fmt.Sprint(i % 100)
			lists.keep(subscription, "1", list)
			bytes := 0
			for _, kept := range lists.kept {
				bytes += kept.bytes
			}
			if len(lists.kept) > keptLists || bytes > keptBytes || bytes != lists.bytes || lists.find(subscription, "1") != list {
				t.Fatalf("%d lists take %d bytes", len(lists.kept), bytes)
			}
		}
	}
}

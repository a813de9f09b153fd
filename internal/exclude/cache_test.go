package exclude

import (
	"fmt"
	"strings"
	"testing"
)

// TestCacheIsBounded by the number of lists and by the memory that they take, and has the newest one.
func TestCacheIsBounded(t *testing.T) {
	large := NewList([]Entry{{Kind: Visitor, Pattern: strings.Repeat("x", maxCachedBytes/40)}})
	for _, list := range []*List{NewList(nil), large} {
		var cache Cache
		for i := range 200 {
			subscription := fmt.Sprint(i % 100)
			cache.Add(subscription, "1", list)
			bytes := 0
			for _, cached := range cache.lists {
				bytes += cached.bytes
			}
			if len(cache.lists) > maxCachedLists || bytes > maxCachedBytes || bytes != cache.bytes ||
				cache.Find(subscription, "1") != list {
				t.Fatalf("%d lists take %d bytes", len(cache.lists), bytes)
			}
		}
	}
}

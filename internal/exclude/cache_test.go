package exclude

import (
	"fmt"
	"strings"
	"testing"
)

// TestCacheIsBounded checks that the number of lists and their memory are limited, and that the newest list is kept.
func TestCacheIsBounded(t *testing.T) {
	small := NewList([]Entry{{Kind: Visitor, Pattern: "x"}})
	large := NewList([]Entry{{Kind: Visitor, Pattern: strings.Repeat("x", maxCachedBytes/40)}})
	for _, list := range []*List{small, large} {
		var cache Cache
		for i := range 200 {
			subscription, version := fmt.Sprint(i/2%75), fmt.Sprint(i)
			cache.Add(subscription, version, list)
			bytes := 0
			for _, cached := range cache.lists {
				bytes += cached.bytes
			}
			if len(cache.lists) > maxCachedLists || bytes > maxCachedBytes || bytes != cache.bytes {
				t.Fatalf("%d lists take %d bytes, by the cache's count %d", len(cache.lists), bytes, cache.bytes)
			}
			if cache.Find(subscription, version) != list || cache.Find(subscription, fmt.Sprint(i-1)) != nil {
				t.Fatalf("after %d lists the newest version is not the only one", i)
			}
		}
	}
}

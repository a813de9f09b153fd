package keyporter

import (
	"crypto/rand"
	"fmt"
	"time"
)

// newEventID returns an ID that sorts by time, and within the same time in the order of the calls; in any collation,
// because it is hexadecimal digits alone.
func (p *Porter) newEventID(at time.Time) string {
	var tail [4]byte
	rand.Read(tail[:])
	return fmt.Sprintf("%016x%08x%x", at.UnixNano(), p.eventCount.Add(1), tail)
}

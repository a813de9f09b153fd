package keyporter

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestPauseEnds with its context, also after work so quick that there is nothing to rest from: who works on in pieces
// stops there.
func TestPauseEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	if err := pauseAfter(ctx, 0); err != nil {
		t.Error(err)
	}
	cancel()
	for _, took := range []time.Duration{0, time.Hour} {
		if err := pauseAfter(ctx, took); !errors.Is(err, context.Canceled) {
			t.Errorf("after %s: %v", took, err)
		}
	}
}

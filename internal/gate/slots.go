package gate

import (
	"context"
	"sync"
	"time"
)

const (
	matchesAtOnce  = 2 // requests of the whole process whose events are matched at the same time
	matchesWaiting = 4 // requests of one subscription that wait until its earlier one is done
	matchWait      = time.Second
)

// matchSlots bounds how many requests match events at the same time: one of each subscription, and few of the
// process. So what one subscription's list and events cost leaves processors to the others.
type matchSlots struct {
	wait          time.Duration
	all           chan struct{} // a value for each request that is worked on
	mu            sync.Mutex
	subscriptions map[string]*subscriptionSlot // those with a request that is worked on or waits
}

type subscriptionSlot struct {
	busy  chan struct{} // has a value while a request is worked on
	users int           // that are worked on or wait
}

func newMatchSlots() *matchSlots {
	return &matchSlots{
		wait: matchWait, all: make(chan struct{}, matchesAtOnce), subscriptions: map[string]*subscriptionSlot{},
	}
}

// acquire waits for a slot for a subscription, and returns what gives it back. It reports false if too many wait
// already, if none becomes free in time, and when the context ends.
func (m *matchSlots) acquire(ctx context.Context, subscription string) (release func(), ok bool) {
	slot := m.join(subscription)
	if slot == nil {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, m.wait)
	defer cancel()
	if !push(ctx, slot.busy) {
		m.leave(subscription)
		return nil, false
	}
	if !push(ctx, m.all) {
		<-slot.busy
		m.leave(subscription)
		return nil, false
	}
	return func() {
		<-m.all
		<-slot.busy
		m.leave(subscription)
	}, true
}

func push(ctx context.Context, slots chan struct{}) bool {
	select {
	case slots <- struct{}{}:
		return true
	default:
	}
	select {
	case slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (m *matchSlots) join(subscription string) *subscriptionSlot {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.subscriptions[subscription]
	if s == nil {
		s = &subscriptionSlot{busy: make(chan struct{}, 1)}
		m.subscriptions[subscription] = s
	}
	if s.users == 1+matchesWaiting {
		return nil
	}
	s.users++
	return s
}

func (m *matchSlots) leave(subscription string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.subscriptions[subscription]
	if s.users--; s.users == 0 {
		delete(m.subscriptions, subscription)
	}
}

package gate

import (
	"context"
	"sync"
	"time"
)

const (
	matchesAtOnce  = 2 // requests of the whole process whose events are matched at the same time
	matchesWaiting = 4 // requests of one subscription that may wait for its earlier one
	matchWait      = time.Second
)

// matchSlots bounds how many requests match events at the same time: one of each subscription, and [matchesAtOnce] of
// the process. So one subscription's list and events leave processors to the others.
type matchSlots struct {
	wait          time.Duration // the longest wait for a slot
	process       chan struct{} // holds a value for each request that has a slot
	mu            sync.Mutex
	subscriptions map[string]*subscriptionSlot // those with a request that has a slot or waits
}

type subscriptionSlot struct {
	taken chan struct{} // holds a value while a request has the slot
	users int           // requests that have the slot or wait for it
}

func newMatchSlots() *matchSlots {
	return &matchSlots{
		wait: matchWait, process: make(chan struct{}, matchesAtOnce), subscriptions: map[string]*subscriptionSlot{},
	}
}

// acquire waits for a slot for a subscription, and returns the function that releases it. It reports false if too many
// requests wait already, if no slot becomes free in time, and when the context ends.
func (m *matchSlots) acquire(ctx context.Context, subscription string) (release func(), ok bool) {
	slot := m.join(subscription)
	if slot == nil {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, m.wait)
	defer cancel()
	if !send(ctx, slot.taken) {
		m.leave(subscription)
		return nil, false
	}
	if !send(ctx, m.process) {
		<-slot.taken
		m.leave(subscription)
		return nil, false
	}
	return func() {
		<-m.process
		<-slot.taken
		m.leave(subscription)
	}, true
}

// send waits until the channel has room for a value, and reports false when the context ends first.
func send(ctx context.Context, slots chan struct{}) bool {
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

// join counts a request for the subscription, or returns nil if too many wait.
func (m *matchSlots) join(subscription string) *subscriptionSlot {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.subscriptions[subscription]
	if s == nil {
		s = &subscriptionSlot{taken: make(chan struct{}, 1)}
		m.subscriptions[subscription] = s
	}
	if s.users == 1+matchesWaiting {
		return nil
	}
	s.users++
	return s
}

// leave undoes join.
func (m *matchSlots) leave(subscription string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.subscriptions[subscription]
	if s.users--; s.users == 0 {
		delete(m.subscriptions, subscription)
	}
}

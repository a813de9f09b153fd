package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"keyporter/internal/keyporter"
)

const (
	// writeTime bounds a transaction that writes, its tries and its wait for a turn or a lock included.
	writeTime = 10 * time.Second
	// writeTries is how often a transaction is tried that has to make way for another.
	writeTries = 8
	// writePause is the longest pause before the second try; each one after may be twice as long as the one before.
	writePause = 5 * time.Millisecond
)

// Write runs fn in one transaction and makes it durable. Where the database rolls it back in favour of another one, fn runs
// again: it must leave nothing behind but what it does to the transaction, and what it sets anew each time.
//
// Write keeps to the caller's deadline but does not end when the caller's context is cancelled, because a browser that
// goes away must not decide how far a deed gets. A fault of the database comes as [keyporter.ErrUnavailable], and then
// nothing was done; but for a connection that is lost while it commits, which is [keyporter.ErrInDoubt].
func (s *Store) Write(ctx context.Context, fn func(keyporter.Tx) error) error {
	ctx, cancel := writeContext(ctx)
	defer cancel()
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer s.giveTurn()
	err := s.tryWrite(ctx, fn)
	for tries := 1; tries < writeTries && s.engine.again(err); tries++ {
		select {
		case <-time.After(rand.N(writePause << (tries - 1))):
		case <-ctx.Done():
			return s.engine.failed(ctx, s.engine.writer, err)
		}
		err = s.tryWrite(ctx, fn)
	}
	return s.engine.failed(ctx, s.engine.writer, err)
}

func (s *Store) tryWrite(ctx context.Context, fn func(keyporter.Tx) error) error {
	if err := s.engine.there(); err != nil {
		return err
	}
	transaction, err := s.engine.begin(ctx, s.engine.writer, s.engine.write)
	if err != nil {
		return err
	}
	defer transaction.Rollback()
	t := &tx{ctx: ctx, sql: transaction}
	if err := fn(t); err != nil {
		return err
	}
	if len(t.changes) > 0 && s.copy == nil && !s.engine.shared {
		return errors.New("keys cannot be changed while another process owns the database")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err = transaction.Commit()
	if err != nil && s.engine.doubtful(err) {
		err = fmt.Errorf("%w: %w", keyporter.ErrInDoubt, err)
	}
	if len(t.changes) == 0 || s.copy == nil {
		return err
	}
	if err != nil {
		s.copy.forget() // whether it was committed is not known
		return err
	}
	s.copy.apply(t.changes)
	return nil
}

func writeContext(ctx context.Context) (context.Context, context.CancelFunc) {
	whole := context.WithoutCancel(ctx)
	until := time.Now().Add(writeTime)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(until) {
		return context.WithDeadline(whole, deadline)
	}
	return context.WithDeadlineCause(whole, until, errSlow)
}

// takeTurn waits until nobody else in this process writes, where the database takes one writer at a time.
func (s *Store) takeTurn(ctx context.Context) error {
	if s.turn == nil {
		return nil
	}
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", keyporter.ErrUnavailable, ctx.Err())
	}
}

func (s *Store) giveTurn() {
	if s.turn != nil {
		<-s.turn
	}
}

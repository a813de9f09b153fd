package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"keyporter/internal/keyporter"
)

const (
	// writeTimeout bounds a transaction that writes, its tries and its wait for the writer slot or a lock included.
	writeTimeout = 10 * time.Second
	// writeTries is how often a transaction is tried that the database rolls back in favour of another one.
	writeTries = 8
	// writePause is the longest pause before the second try; each one after may be twice as long as the one before.
	writePause = 5 * time.Millisecond
)

// Write runs fn in one transaction and makes it durable. Where the database rolls the transaction back in favour of
// another one, fn runs again: it must have no effects other than those on the transaction, and must set every variable
// that it assigns to on each run.
//
// Write keeps the caller's deadline, but a client's disconnect does not cancel the transaction. An error of the
// database is [keyporter.ErrUnavailable], and then nothing was changed; except that a connection that is lost during
// the commit is [keyporter.ErrCommitUnknown].
func (s *Store) Write(ctx context.Context, fn func(keyporter.Tx) error) error {
	ctx, cancel := writeContext(ctx)
	defer cancel()
	if err := s.engine.acquireWriter(ctx); err != nil {
		return err
	}
	defer s.engine.releaseWriter()
	err := s.tryWrite(ctx, fn)
	for tries := 1; tries < writeTries && s.engine.retryable(err); tries++ {
		select {
		case <-time.After(rand.N(writePause << (tries - 1))):
		case <-ctx.Done():
			return s.engine.wrapError(ctx, s.engine.writer, err)
		}
		err = s.tryWrite(ctx, fn)
	}
	return s.engine.wrapError(ctx, s.engine.writer, err)
}

func (s *Store) tryWrite(ctx context.Context, fn func(keyporter.Tx) error) error {
	if err := s.engine.checkFile(); err != nil {
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
	committed, err := s.keys.prepare(t, t.changes)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err = transaction.Commit()
	committed(err)
	if err != nil && s.engine.commitUnknown(err) {
		err = fmt.Errorf("%w: %w", keyporter.ErrCommitUnknown, err)
	}
	return err
}

func writeContext(ctx context.Context) (context.Context, context.CancelFunc) {
	whole := context.WithoutCancel(ctx)
	until := time.Now().Add(writeTimeout)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(until) {
		return context.WithDeadline(whole, deadline)
	}
	return context.WithDeadlineCause(whole, until, errSlow)
}

// acquireWriter waits until no other goroutine of this process writes, where the database takes one writer at a time.
func (e *engine) acquireWriter(ctx context.Context) error {
	if e.writerSlot == nil {
		return nil
	}
	select {
	case e.writerSlot <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", keyporter.ErrUnavailable, ctx.Err())
	}
}

func (e *engine) releaseWriter() {
	if e.writerSlot != nil {
		<-e.writerSlot
	}
}

package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"keyporter/internal/keyporter"
)

// readOnlyServer is true on a standby, and on a server that was told to only read. A caller has to learn it with
// the same statement or in the same transaction: a pooler may give the next one to another server. It does not ask for
// transaction_read_only, which is always on in a transaction that only reads.
const readOnlyServer = `(pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on')`

var errReadOnlyServer = fmt.Errorf("%w: the server only reads, as a standby does, and may answer with the past",
	keyporter.ErrUnavailable)

// beginReading has no arguments, so that both statements go to the server at once: the check of its role costs no round
// trip.
const beginReading = `BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SELECT ` + readOnlyServer

// beginRead checks the role of the server within the transaction, which a pooler keeps on one server.
func (*postgres) beginRead(ctx context.Context, pool *sql.DB) (statements, func(), error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	end := func() {
		execSimple(ctx, conn, `ROLLBACK`)
		conn.Close()
	}
	answer, err := execSimple(ctx, conn, beginReading)
	if err == nil && answer != "f" {
		err = errReadOnlyServer
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	return conn, end, nil
}

// execSimple sends statements without arguments at once and returns the first value of the last one's first row, as
// text. A connection on which they fail is not used again.
func execSimple(ctx context.Context, conn *sql.Conn, query string) (answer string, err error) {
	failed := conn.Raw(func(driven any) error {
		var results []*pgconn.Result
		if results, err = driven.(*stdlib.Conn).Conn().PgConn().Exec(ctx, query).ReadAll(); err != nil {
			return driver.ErrBadConn
		}
		if last := results[len(results)-1]; len(last.Rows) > 0 {
			answer = string(last.Rows[0][0])
		}
		return nil
	})
	if err == nil {
		err = failed
	}
	return answer, err
}

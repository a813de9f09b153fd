package main

import (
	"context"
	"fmt"

	"keyporter/internal/config"
	"keyporter/internal/store"
	"keyporter/plural"
)

const moveUsage = `Copy a whole installation into another, empty database.

Stop keyporter serve first. The source is not changed; keys, sessions and passwords go on working with the target.

Example:
  keyporter move --from data/keyporter.db --to postgres://keyporter@db.example.com/keyporter`

func move(ctx context.Context, args []string, e env) error {
	f := config.NewFlags("move", moveUsage, e.getenv, e.stdout)
	from := f.String("from", "", "the database to copy: a path or a postgres:// URL")
	to := f.String("to", "", "the empty database to copy it to: a path or a postgres:// URL")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *from == "" || *to == "" {
		return fmt.Errorf("%w: move needs --from and --to", config.ErrUsage)
	}
	for flag, address := range map[string]string{"from": *from, "to": *to} {
		if err := config.CheckDatabase(flag, address); err != nil {
			return err
		}
	}
	tables, rows := 0, int64(0)
	err := store.Move(ctx, *from, *to, func(m store.MoveProgress) {
		switch {
		case m.Verified:
			tables, rows = tables+1, rows+m.Rows
			fmt.Fprintf(e.stdout, "%-20s%s, verified\n", m.Table, plural.Count(m.Rows, "row", "rows"))
		case m.Rows%100_000 == 0:
			fmt.Fprintf(e.stdout, "%-20s%s\n", m.Table, plural.Count(m.Rows, "row", "rows"))
		}
	})
	if err != nil {
		return fmt.Errorf("nothing was moved: %w", err)
	}
	fmt.Fprintf(e.stdout, "Moved %s in %s. %s is as it was.\n",
		plural.Count(rows, "row", "rows"), plural.Count(tables, "table", "tables"), store.RedactedURL(*from))
	return nil
}

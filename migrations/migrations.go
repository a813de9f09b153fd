// Package migrations holds the SQL migrations of the schema. Each is one file that both engines run, and none is
// changed after its release. Migrations in Go have their numbers in the same sequence; they are in internal/store.
package migrations

import "embed"

// FS holds the files in the form that goose reads.
//
//go:embed *.sql
var FS embed.FS

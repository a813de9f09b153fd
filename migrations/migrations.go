// Package migrations holds the schema's history: one portable file each, forward only.
package migrations

import "embed"

// FS holds the files in the form that goose reads.
//
//go:embed *.sql
var FS embed.FS

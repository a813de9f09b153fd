package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"keyporter/internal/config"
	"keyporter/internal/store"
)

// release and commit are set when the binary is linked; see the Makefile.
var (
	release = "development"
	commit  = "unknown"
)

const versionUsage = `Print the versions of Keyporter, of Go and of SQLite.

Example:
  keyporter version`

func version(ctx context.Context, args []string, e env) error {
	f := config.NewFlags("version", versionUsage, e.getenv, e.stdout)
	if err := f.Parse(args); err != nil {
		return err
	}
	sqlite, err := store.Version(ctx)
	if err != nil {
		return err
	}
	if info, ok := debug.ReadBuildInfo(); ok && commit == "unknown" {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = s.Value
			}
		}
	}
	fmt.Fprintf(e.stdout, "keyporter %s\ncommit    %s\ngo        %s\nsqlite    %s\n",
		release, commit, runtime.Version(), sqlite)
	return nil
}

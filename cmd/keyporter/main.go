// Keyporter is the console for a product's integration keys and the gate that judges API requests by them.
//
// The command serve runs both. The others are demo, setup, reset-password, operator, move, version and help; each is in
// one file of this package.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"keyporter/internal/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	os.Exit(exitCode(run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr), os.Stderr))
}

// exitCode is 0 for success, 1 for a failure and 2 for wrong usage. An error is printed in one line.
func exitCode(err error, stderr io.Writer) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, config.ErrUsage):
		fmt.Fprintln(stderr, "keyporter:", oneLine(err))
		return 2
	}
	fmt.Fprintln(stderr, "keyporter:", oneLine(err))
	return 1
}

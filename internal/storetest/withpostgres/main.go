// Withpostgres starts a PostgreSQL server, runs a command with the server's address in KEYPORTER_TEST_POSTGRES, and
// stops the server.
//
//	go run ./internal/storetest/withpostgres go test ./...
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"keyporter/internal/storetest"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: withpostgres COMMAND ARGS...")
		os.Exit(2)
	}
	// An interrupt reaches the command, which ends, and then the server is stopped in order.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := runWithPostgres(interrupts, os.Args[1:])
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		os.Exit(max(ended.ExitCode(), 1))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func runWithPostgres(interrupts <-chan os.Signal, args []string) error {
	folder, err := os.MkdirTemp("", "keyporter-postgres-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	server, err := storetest.NewServer(folder)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	defer server.Stop()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), storetest.Variable+"="+server.Address())
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			return err
		case s := <-interrupts:
			cmd.Process.Signal(s)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Ada is the first user of every site, and all users have this password.
const (
	ada      = "ada@example.com"
	password = "seven lanterns drift past noon"
)

// scratch is a folder for what all tests share. TestMain removes it.
var scratch string

// binary builds keyporter once, as users run it and without the race detector, and returns its path.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "bin", "keyporter")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
})

// binaryCmd returns a command that runs the binary without any KEYPORTER_ variable.
func binaryCmd(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "KEYPORTER_") })
	return cmd
}

// prepare runs a command, which must succeed, and returns its output.
func prepare(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	cmd, errs := binaryCmd(t, args...), &bytes.Buffer{}
	cmd.Stdin, cmd.Stderr = strings.NewReader(stdin), errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("keyporter %s: %v\n%s", strings.Join(args, " "), err, errs)
	}
	return string(out)
}

// setUp sets up a database with Ada as its first user.
func setUp(t *testing.T, database string) {
	t.Helper()
	prepare(t, password+"\n", "setup", "--database", database, "--subscription", "Acme",
		"--email", ada, "--name", "Ada Lindqvist", "--password-stdin")
}

// A site is a running Keyporter with its own database.
type site struct {
	t      *testing.T
	url    string
	output *watched
}

// newSite sets up a database and serves it with the binary.
func newSite(t *testing.T) *site {
	t.Helper()
	return serveSite(t, "serve", "--database", newDatabase(t))
}

// newSiteInProcess sets up a database and serves it in the test's own process, where the race detector sees it.
func newSiteInProcess(t *testing.T) *site {
	t.Helper()
	s, ended := &site{t: t, output: &watched{}}, make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	args := []string{"serve", "--database", newDatabase(t), "--listen", "127.0.0.1:0"}
	go func() { ended <- run(ctx, args, nil, strings.NewReader(""), s.output, s.output) }()
	s.await(args[0], cancel, ended)
	return s
}

// newDatabase returns the path of a database that was set up.
func newDatabase(t *testing.T) string {
	t.Helper()
	database := filepath.Join(t.TempDir(), "keyporter.db")
	setUp(t, database)
	return database
}

// serveSite runs a command of the binary that serves, until the test ends.
func serveSite(t *testing.T, args ...string) *site {
	t.Helper()
	s, ended := &site{t: t, output: &watched{}}, make(chan error, 1)
	cmd := binaryCmd(t, append(args, "--listen", "127.0.0.1:0")...)
	cmd.Stdout, cmd.Stderr = s.output, s.output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { ended <- cmd.Wait() }()
	s.await(args[0], func() { cmd.Process.Signal(syscall.SIGTERM) }, ended)
	return s
}

// startTime is how long a command that serves may take until it does.
const startTime = time.Minute

var servingAt = regexp.MustCompile(`msg=serving address=(\S+)`)

// await waits until the command serves, and stops it when the test ends. What the command returns is sent to ended,
// which has a buffer.
func (s *site) await(command string, stop func(), ended chan error) {
	s.t.Helper()
	s.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			s.t.Errorf("keyporter %s: %v", command, err)
		}
		if text := s.output.String(); strings.Contains(text, "level=ERROR") || strings.Contains(text, "panic") {
			s.t.Errorf("the server logged an error:\n%s", text)
		}
	})
	err := pollFor(startTime, func() error {
		found := servingAt.FindStringSubmatch(s.output.String())
		if found != nil {
			s.url = "http://" + found[1]
			return nil
		}
		select {
		case err := <-ended:
			ended <- err
			s.t.Fatalf("keyporter %s ended: %v: %s", command, err, s.output)
		default:
		}
		return fmt.Errorf("keyporter %s does not serve: %s", command, s.output)
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// A watched is a buffer that can be read while it is written.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

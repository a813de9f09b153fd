package storetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Server is a PostgreSQL of Debian's package, with its data in a folder of its own. It listens on a socket there
// alone.
type Server struct {
	folder  string
	user    *syscall.Credential // nil for who runs us
	process *os.Process
	ended   chan error
}

// NewServer makes a cluster in the folder. PostgreSQL does not run as root: where we are root, another user does it.
// Text is ordered as people order it, and not as bytes, so that tests see where we rely on one order or the other.
func NewServer(folder string) (*Server, error) {
	s := &Server{folder: folder}
	err := s.chownForPostgres()
	if err != nil {
		return nil, err
	}
	initdb, err := s.command("initdb", "--pgdata", s.data(), "--username", "postgres", "--auth", "trust", "--no-sync",
		"--encoding", "UTF8", "--locale-provider", "icu", "--icu-locale", "en")
	if err != nil {
		return nil, err
	}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	return s, nil
}

// Standby starts a server that follows this one by streaming replication. It is gone when the test ends.
func (s *Server) Standby(t *testing.T) *Server {
	t.Helper()
	folder, err := os.MkdirTemp("", "keyporter-standby-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	standby := &Server{folder: folder}
	if err := standby.chownForPostgres(); err != nil {
		t.Fatal(err)
	}
	base, err := standby.command("pg_basebackup", "--pgdata", standby.data(), "--host", s.folder, "--username",
		"postgres",
		"--write-recovery-conf", "--checkpoint", "fast", "--no-sync")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := base.CombinedOutput(); err != nil {
		t.Fatalf("pg_basebackup: %v: %s", err, out)
	}
	t.Cleanup(func() { standby.Stop() })
	if err := standby.Start(); err != nil {
		t.Fatal(err)
	}
	return standby
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

// Address is that of a database which is always there.
func (s *Server) Address() string {
	return "postgres:///postgres?user=postgres&host=" + s.folder
}

func (s *Server) chownForPostgres() error {
	if os.Getuid() != 0 {
		return nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(who.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(who.Gid)
	if err != nil {
		return err
	}
	s.user = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(s.folder, uid, gid)
}

func (s *Server) command(name string, args ...string) (*exec.Cmd, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(found) == 0 {
		if found, err = filepath.Glob("/usr/sbin/" + name); err != nil || len(found) == 0 {
			return nil, fmt.Errorf("there is no %s: install Debian's packages postgresql and pgbouncer", name)
		}
	}
	cmd := exec.Command(slices.Max(found), args...)
	cmd.Dir = s.folder
	// A group of its own: an interrupt is for us, who then stop it in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.user, Setpgid: true}
	return cmd, nil
}

// Start starts the server and returns when it answers. What is written is not forced to the disk: the data go with the
// test.
func (s *Server) Start(settings ...string) error {
	args := []string{"-D", s.data(), "-c", "listen_addresses=", "-c", "unix_socket_directories=" + s.folder, "-c",
		"fsync=off", "-c", "max_connections=300"}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	cmd, err := s.command("postgres", args...)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(s.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	s.process, s.ended = cmd.Process, make(chan error, 1)
	go func() { s.ended <- cmd.Wait() }()
	for {
		conn, err := pgx.Connect(context.Background(), s.Address())
		if err == nil {
			return conn.Close(context.Background())
		}
		select {
		case err := <-s.ended:
			text, _ := os.ReadFile(log.Name())
			return fmt.Errorf("postgres ended: %w: %s", err, text)
		case <-time.After(10 * time.Millisecond): // and ask again
		}
	}
}

// Stop ends the server at once, as a crash does, and returns when it is down.
func (s *Server) Stop() error {
	if s.process == nil {
		return nil
	}
	if err := s.process.Signal(syscall.SIGQUIT); err != nil {
		return err
	}
	s.process = nil
	<-s.ended // with an error, as it was told to
	return nil
}

// OwnServer starts a PostgreSQL of the test's own, which it may stop. It is gone when the test ends.
func OwnServer(t *testing.T, settings ...string) *Server {
	t.Helper()
	Postgres(t)                                            // or not at all
	folder, err := os.MkdirTemp("", "keyporter-postgres-") // short enough for a socket's address
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	s, err := NewServer(folder)
	if err == nil {
		err = s.Start(settings...)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop() })
	return s
}

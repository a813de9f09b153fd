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

// A Server is a PostgreSQL server of Debian's package, with its data and its socket in one folder. It does not listen
// on TCP.
type Server struct {
	folder  string
	user    *syscall.Credential // nil for the user of this process
	process *os.Process
	ended   chan error
}

// NewServer initialises a server's data in the folder; call [Server.Start] next. PostgreSQL refuses to run as root: if
// the process is root, the server runs as the user postgres. The databases sort text as English speakers do rather than
// by bytes, so that tests find code that relies on either order. It fails if Debian's package is not installed, or with
// the output of initdb.
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

// Standby starts a server that follows this one by streaming replication. It is stopped and deleted when the test ends.
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

// Address returns the address of the database postgres, which every server has.
func (s *Server) Address() string {
	return "postgres:///postgres?user=postgres&host=" + s.folder
}

// chownForPostgres gives the folder to the user who runs the server, if this process is root.
func (s *Server) chownForPostgres() error {
	if os.Getuid() != 0 {
		return nil
	}
	postgres, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(postgres.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(postgres.Gid)
	if err != nil {
		return err
	}
	s.user = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(s.folder, uid, gid)
}

// command returns a command of the newest PostgreSQL that is installed, or of pgbouncer.
func (s *Server) command(name string, args ...string) (*exec.Cmd, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(found) == 0 {
		if found, err = filepath.Glob("/usr/sbin/" + name); err != nil || len(found) == 0 {
			return nil, fmt.Errorf("there is no %s: install Debian's packages postgresql and pgbouncer", name)
		}
	}
	cmd := exec.Command(slices.Max(found), args...)
	cmd.Dir = s.folder
	// A process group of its own, so that an interrupt from the terminal does not reach it: withpostgres stops it in
	// order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.user, Setpgid: true}
	return cmd, nil
}

// Start starts the server with settings such as "max_connections=50", and returns when it answers. It fails with the
// server's log if the server ends. fsync is off, because no test survives a crash of the machine.
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
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Stop ends the server at once, as a crash does, and returns when it has ended. It does nothing if the server does not
// run.
func (s *Server) Stop() error {
	if s.process == nil {
		return nil
	}
	if err := s.process.Signal(syscall.SIGQUIT); err != nil {
		return err
	}
	s.process = nil
	<-s.ended // with an error, because a signal ended it
	return nil
}

// OwnServer starts a server for the test alone, which may stop it. It is stopped and deleted when the test ends.
// Without PostgreSQL it skips the test.
func OwnServer(t *testing.T, settings ...string) *Server {
	t.Helper()
	Postgres(t)                                            // skips the test without PostgreSQL
	folder, err := os.MkdirTemp("", "keyporter-postgres-") // a socket's path has at most 107 bytes
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

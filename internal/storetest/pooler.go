package storetest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres returns the engine of PostgreSQL, for tests of what SQLite does not have. It skips the test if [Variable] is
// [Off].
func Postgres(t testing.TB) Engine {
	t.Helper()
	engines, err := Engines()
	if err != nil {
		t.Fatal(err)
	}
	if len(engines) == 1 {
		t.Skip(Variable + " is " + Off)
	}
	return engines[1]
}

// Pooled returns the engine of PostgreSQL behind pgbouncer in transaction mode, which gives each transaction one of
// three connections that is free.
func Pooled(t testing.TB) Engine {
	t.Helper()
	u, err := url.Parse(Postgres(t).(cluster).address)
	if err != nil {
		t.Fatal(err)
	}
	return newPooler(t, "host="+u.Query().Get("host")).cluster
}

// Pooled starts a pooler before the proxy, and returns the address of the database through both.
func (p *FaultyProxy) Pooled(t testing.TB) string {
	t.Helper()
	at := p.listener.Addr().(*net.TCPAddr)
	return newPooler(t, fmt.Sprintf("host=%s port=%d", at.IP, at.Port)).at(strings.TrimPrefix(p.database, "/"))
}

// A Pooler is a pgbouncer in transaction mode before a server, which can be exchanged for another one.
type Pooler struct {
	cluster
	settings string // the path of the settings file
	users    string // the path of the list of users
	process  *exec.Cmd
}

// NewPooler starts a pooler before the server. It is stopped when the test ends.
func NewPooler(t testing.TB, server *Server) *Pooler {
	t.Helper()
	return newPooler(t, "host="+server.folder)
}

// Address returns the address of the database postgres, through the pooler.
func (p *Pooler) Address() string { return p.address }

// SwitchTo makes the pooler use another server, without closing its clients' connections, and returns when it does.
func (p *Pooler) SwitchTo(t testing.TB, server *Server) {
	t.Helper()
	if err := p.configure("host=" + server.folder); err != nil {
		t.Fatal(err)
	}
	if err := p.process.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), p.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for end := time.Now().Add(10 * time.Second); ; {
		var folder string
		err := conn.QueryRow(t.Context(), `SELECT current_setting('unix_socket_directories')`).Scan(&folder)
		if err != nil || time.Now().After(end) {
			t.Fatalf("the pooler uses the server in %s, %v", folder, err)
		}
		if folder == server.folder {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// configure writes the settings file. Server is what the file says of the server: its host and, unless it is the
// default, its port.
func (p *Pooler) configure(server string) error {
	return os.WriteFile(p.settings, fmt.Appendf(nil, `[databases]
* = %s
[pgbouncer]
unix_socket_dir = %s
listen_addr =
auth_type = trust
auth_file = %s
pool_mode = transaction
default_pool_size = 3
max_client_conn = 500
`, server, filepath.Dir(p.settings), p.users), 0o644)
}

// newPooler starts a pooler for the server, which is written as for configure.
func newPooler(t testing.TB, server string) *Pooler {
	t.Helper()
	folder, err := os.MkdirTemp("", "keyporter-pooler-") // not in t.TempDir, which PostgreSQL's user cannot enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	s := &Server{folder: folder}
	if err := s.chownForPostgres(); err != nil {
		t.Fatal(err)
	}
	p := &Pooler{
		cluster:  cluster{"postgres:///postgres?user=postgres&port=6432&host=" + folder},
		settings: filepath.Join(folder, "pgbouncer.ini"), users: filepath.Join(folder, "users"),
	}
	if err := p.configure(server); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.users, []byte("\"postgres\" \"\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if p.process, err = s.command("pgbouncer", "--quiet", p.settings); err == nil {
		err = p.process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.process.Process.Kill(); p.process.Wait() })
	p.await(t)
	return p
}

// await returns when the pooler accepts connections.
func (p *Pooler) await(t testing.TB) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; {
		conn, err := pgx.Connect(context.Background(), p.address)
		if err == nil {
			conn.Close(context.Background())
			return
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

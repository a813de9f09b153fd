package storetest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres returns the engine for tests of what SQLite does not have.
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

// Pooled is PostgreSQL behind Debian's pgbouncer in transaction mode, which gives each transaction whatever connection is
// free, out of three.
func Pooled(t testing.TB) Engine {
	t.Helper()
	u, err := url.Parse(Postgres(t).(cluster).address)
	if err != nil {
		t.Fatal(err)
	}
	return newPooler(t, "host="+u.Query().Get("host"))
}

// Pooled returns the address of the hose's database through the hose and a pooler before it.
func (h *Hose) Pooled(t testing.TB) string {
	t.Helper()
	at := h.listener.Addr().(*net.TCPAddr)
	return newPooler(t, fmt.Sprintf("host=%s port=%d", at.IP, at.Port)).at(strings.TrimPrefix(h.database, "/"))
}

// newPooler starts a pooler for the server, as its settings name it. It ends with the test.
func newPooler(t testing.TB, server string) cluster {
	t.Helper()
	folder, err := os.MkdirTemp("", "keyporter-pooler-") // which another user may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	s := &Server{folder: folder}
	if err := s.giveAway(); err != nil {
		t.Fatal(err)
	}
	settings, users := filepath.Join(folder, "pgbouncer.ini"), filepath.Join(folder, "users")
	err = os.WriteFile(settings, fmt.Appendf(nil, `[databases]
* = %s
[pgbouncer]
unix_socket_dir = %s
listen_addr =
auth_type = trust
auth_file = %s
pool_mode = transaction
default_pool_size = 3
max_client_conn = 500
`, server, folder, users), 0o644)
	if err == nil {
		err = os.WriteFile(users, []byte("\"postgres\" \"\"\n"), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd, err := s.command("pgbouncer", "--quiet", settings)
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	pooled := cluster{"postgres:///postgres?user=postgres&port=6432&host=" + folder}
	for end := time.Now().Add(10 * time.Second); ; {
		conn, err := pgx.Connect(context.Background(), pooled.address)
		if err == nil {
			conn.Close(context.Background())
			return pooled
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond) // and ask again
	}
}

package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

// childWrites is another process: it opens a database, writes keys one after another, and says each on standard output
// once it is acknowledged. With a limit it cannot make files larger than that many bytes, as if the disk were full.
func childWrites(path string) {
	ctx := context.Background()
	s, err := store.Open(ctx, path)
	if err == nil {
		err = seed(ctx, s)
	}
	if err == nil && os.Getenv("KEYPORTER_TEST_FULL") != "" {
		info, _ := os.Stat(path + "-wal")
		limit := uint64(info.Size()) + 64<<10
		err = errors.Join(err, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}))
	}
	for n := 0; err == nil; n++ {
		if err = s.Write(ctx, func(tx keyporter.Tx) error { return insertKey(tx, newKey(n, n%2 == 0)) }); err == nil {
			fmt.Println("acknowledged", n)
		}
		if err != nil {
			_, found, grantErr := s.Grant(ctx, keyID(n))
			fmt.Println("refused", n, errors.Is(err, keyporter.ErrUnavailable), found, grantErr)
		}
	}
	fmt.Println("ended with", err)
}

func child(t *testing.T, path string, environ ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), "KEYPORTER_TEST_CHILD="+path), environ...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd, bufio.NewScanner(out)
}

// checkKeys checks that keys up to n are in the database and judged as before.
func checkKeys(t *testing.T, path string, n int) {
	t.Helper()
	s := open(t, path)
	for i := range n {
		if g, found, err := s.Grant(t.Context(), keyID(i)); !found || err != nil || g.Write != (i%2 == 0) {
			t.Fatalf("key %d, which was acknowledged: %+v, %v, %v", i, g, found, err)
		}
	}
	if _, found, err := s.Grant(t.Context(), keyID(n+2)); found || err != nil {
		t.Errorf("key %d, which was never written: %v, %v", n+2, found, err)
	}
}

// TestReadOnly checks that a database that may only be read is refused at the start and not changed.
func TestReadOnly(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	if err := errors.Join(seed(t.Context(), s), s.Close()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err == nil {
		err = errors.Join(os.Chmod(path, 0o444), os.Chmod(filepath.Dir(path), 0o555), os.Chmod(path+".lock", 0o666))
	}
	for folder := filepath.Dir(filepath.Dir(path)); folder != os.TempDir() &&
		len(folder) > 1; folder = filepath.Dir(folder) {
		err = errors.Join(err, os.Chmod(folder, 0o711))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(filepath.Dir(path), 0o700) })
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "KEYPORTER_TEST_CHILD="+path)
	if os.Getuid() == 0 { // root may write everything, so another user opens it
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.CombinedOutput()
	said := string(out)
	if err != nil || strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "ended with") ||
		!strings.Contains(said, path+": permission denied") {
		t.Errorf("%v: %s", err, said)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the file was changed: %v", err)
	}
}

func TestKilled(t *testing.T) {
	path := newPath(t)
	cmd, lines := child(t, path)
	n := 0
	for n < 50 && lines.Scan() {
		if lines.Text() != fmt.Sprint("acknowledged ", n) {
			t.Fatal(lines.Text())
		}
		n++
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // what it acknowledged before it was killed
		if strings.HasPrefix(lines.Text(), "acknowledged") {
			n++
		}
	}
	cmd.Wait()
	checkKeys(t, path, n)
}

// TestFullDisk checks that writes fail with [keyporter.ErrUnavailable], that the gate does not judge by what failed,
// and that acknowledged writes stay.
func TestFullDisk(t *testing.T) {
	path := newPath(t)
	cmd, lines := child(t, path, "KEYPORTER_TEST_FULL=yes")
	n, last := 0, ""
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "acknowledged") {
			n++
		} else if strings.HasPrefix(lines.Text(), "refused") {
			last = lines.Text()
		}
	}
	cmd.Wait()
	if want := fmt.Sprintf("refused %d true false <nil>", n); last != want || n == 0 {
		t.Errorf("after %d keys the child says %q, want %q", n, last, want)
	}
	checkKeys(t, path, n)
}

package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"keyporter/internal/storetest"
)

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	var err error
	if scratch, err = os.MkdirTemp("", "keyporter-test-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(scratch)
	defer stopChromium()
	return m.Run()
}

// The scripts in testdata/script use the command line as people do. Besides the usual commands of testscript they have
// those below.
func TestScripts(t *testing.T) {
	p := scripts(t)
	p.Dir = "testdata/script"
	testscript.Run(t, p)
}

// TestScriptsOnPostgres runs the scripts for PostgreSQL, and some of the others, each with its own database.
func TestScriptsOnPostgres(t *testing.T) {
	e := storetest.Postgres(t)
	for _, file := range []string{"postgres/nodes.txtar", "script/operator.txtar", "script/reset-password.txtar",
		"script/setup-link.txtar"} {
		p := scripts(t, "KEYPORTER_DATABASE="+e.Empty(t)+"&password=hidden")
		p.Files = []string{filepath.Join("testdata", file)}
		testscript.Run(t, p)
	}
}

func scripts(t *testing.T, environ ...string) testscript.Params {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return testscript.Params{
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", filepath.Dir(path)+":"+e.Getenv("PATH"))
			e.Values[outsideKey] = &outside{servers: map[string]*process{}}
			e.Vars = append(e.Vars, environ...)
			return nil
		},
		Deadline:            time.Now().Add(4 * startTime),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "refused": refused, "serve": startServe, "link": awaitLink, "halt": haltServe,
			"visit": visit, "submit": submit,
			"verify": verifyKey, "newpassword": newPassword, "people": awaitPeople, "sql": runSQL, "mode": checkMode,
			"local": checkLocal, "join": joinSubscription, "userid": findUserID, "member": findMember,
		},
	}
}

type outsideType struct{}

// outsideKey is the key of a script's servers and its browser.
var outsideKey outsideType

type outside struct {
	servers map[string]*process
	browser *client
}

func (o *outside) server(ts *testscript.TestScript, name string) *process {
	if o.servers[name] == nil {
		ts.Fatalf("no server %s was started", name)
	}
	return o.servers[name]
}

func of(ts *testscript.TestScript) *outside { return ts.Value(outsideKey).(*outside) }

// exits CODE ARGS… runs keyporter and fails unless it exits with the code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec("keyporter", args[1:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("keyporter %q exits with %d, not %d", args[1:], code, want)
	}
}

// refused CODE ARGS… is exits, and fails unless there is one line on standard error and nothing on standard output.
func refused(ts *testscript.TestScript, neg bool, args []string) {
	exits(ts, neg, args)
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("keyporter %q prints to standard output: %q", args[1:], out)
	}
	line := ts.ReadFile("stderr")
	if !strings.HasPrefix(line, "keyporter: ") || strings.Count(line, "\n") != 1 || !strings.HasSuffix(line, "\n") {
		ts.Fatalf("keyporter %q does not say in one line what is wrong: %q", args[1:], line)
	}
}

// A process is a running keyporter.
type process struct {
	cmd    *exec.Cmd
	output *watched
	out    watched
	ended  chan error
}

var addressLine = regexp.MustCompile(`(?:msg=serving address=|"msg":"serving","address":")([^ "]+)`)

// serve NAME ARGS… starts `keyporter serve ARGS…` on a free port, or `keyporter ARGS…` if ARGS begins with a
// word. It waits until the process serves, and sets $ADDRESS and $URL.
func startServe(ts *testscript.TestScript, neg bool, args []string) {
	p := launch(ts, args)
	var address string
	ts.Check(pollFor(startTime, func() error {
		found := addressLine.FindStringSubmatch(p.output.String())
		if found == nil {
			return fmt.Errorf("it does not serve: %s", p.output)
		}
		address = found[1]
		return nil
	}))
	ts.Setenv("ADDRESS", address)
	ts.Setenv("URL", "http://"+address)
	of(ts).browser = newClient("http://" + address)
}

func launch(ts *testscript.TestScript, args []string) *process {
	if len(args) < 1 {
		ts.Fatalf("usage: serve NAME ARGS...")
	}
	ts.Check(ts.Exec("env", "-0"))
	environ := strings.Split(strings.Trim(ts.ReadFile("stdout"), "\x00"), "\x00")
	path, err := binary()
	ts.Check(err)
	all := append([]string{"serve"}, args[1:]...)
	if len(args) > 1 && !strings.HasPrefix(args[1], "-") {
		all = args[1:]
	}
	if ts.Getenv("KEYPORTER_LISTEN") == "" {
		all = append(all, "--listen", "127.0.0.1:0")
	}
	p := &process{cmd: exec.Command(path, all...), output: &watched{}, ended: make(chan error, 1)}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = ts.MkAbs("."), environ, &p.out, p.output
	ts.Check(p.cmd.Start())
	go func() { p.ended <- p.cmd.Wait() }()
	ts.Defer(func() { p.cmd.Process.Kill() })
	of(ts).servers[args[0]] = p
	return p
}

// link NAME waits for the set-up link of a server, and sets $LINK to it and $LINKPATH to its path and query.
func awaitLink(ts *testscript.TestScript, neg bool, args []string) {
	p := of(ts).server(ts, args[0])
	plain := regexp.MustCompile(`(?m)^  (https?://[^/\s]+)(/setup\?token=\S+)$`)
	ts.Check(poll(func() error {
		found := plain.FindStringSubmatch(p.output.String())
		if found == nil {
			return fmt.Errorf("there is no set-up link in %s", p.output)
		}
		ts.Setenv("LINK", found[1]+found[2])
		ts.Setenv("LINKPATH", found[2])
		return nil
	}))
}

// halt NAME [INT] stops a server with SIGTERM, or SIGINT, fails unless it exits with 0, and writes its output to
// NAME.stdout and NAME.stderr.
func haltServe(ts *testscript.TestScript, neg bool, args []string) {
	p := of(ts).server(ts, args[0])
	signal := syscall.SIGTERM
	if len(args) > 1 && args[1] == "INT" {
		signal = syscall.SIGINT
	}
	ts.Check(p.cmd.Process.Signal(signal))
	if err := <-p.ended; err != nil {
		ts.Fatalf("%s ended with %v: %s", args[0], err, p.output)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".stdout"), []byte(p.out.String()), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".stderr"), []byte(p.output.String()), 0o600))
}

// local LINK fails unless the link is on localhost, with the port of the server that was started last.
func checkLocal(ts *testscript.TestScript, neg bool, args []string) {
	_, port, _ := strings.Cut(ts.Getenv("ADDRESS"), ":")
	if want := "http://localhost:" + port + "/"; !strings.HasPrefix(args[0], want) {
		ts.Fatalf("%s does not begin with %s", args[0], want)
	}
}

// people NAME waits until the demo prints who can sign in, and sets $PASSWORD and $FOLDER, the folder of its database.
func awaitPeople(ts *testscript.TestScript, neg bool, args []string) {
	p := of(ts).server(ts, args[0])
	ts.Check(poll(func() error {
		found := demoPassword.FindStringSubmatch(p.out.String())
		if found == nil {
			return errNoPassword
		}
		ts.Setenv("PASSWORD", found[1])
		return nil
	}))
	ts.Setenv("FOLDER", filepath.Dir(demoDatabase.FindStringSubmatch(p.output.String())[1]))
}

// sql FILE STATEMENT runs a statement on a database file.
func runSQL(ts *testscript.TestScript, neg bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.Exec(args[1])
	ts.Check(errors.Join(err, db.Close()))
}

// mode PERMISSIONS FILES… fails unless the files have exactly these permissions.
func checkMode(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args[1:] {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if mode := fmt.Sprintf("%04o", info.Mode().Perm()); mode != args[0] {
			ts.Fatalf("%s has the permissions %s, not %s", filepath.Base(name), mode, args[0])
		}
	}
}

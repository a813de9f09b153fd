// Demo runs `keyporter demo`, and in front of its gate the example product behind nginx, until it is told to stop:
//
//	go build -o bin/product ./docs/examples/product && go run ./docs/examples/demo bin/keyporter bin/product
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// Parts of what `keyporter demo` prints.
var (
	demoApplication = regexp.MustCompile(`^  ([1-9][0-9]*) `)
	demoKey         = regexp.MustCompile(`kpint_\w+`)
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: demo KEYPORTER PRODUCT [flags of keyporter demo]")
		os.Exit(2)
	}
	os.Exit(run(os.Args[1], os.Args[2], os.Args[3:]))
}

// run returns Keyporter's exit code.
func run(binary, product string, args []string) int {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	keyporter := child(exec.Command(binary, append([]string{"demo"}, args...)...))
	out, err := keyporter.StdoutPipe()
	if err == nil {
		err = keyporter.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		return 1
	}
	go func() {
		for s := range stop {
			keyporter.Process.Signal(s)
		}
	}()
	end := func() {}
	defer func() { end() }()
	var ids []string
	key := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		fmt.Println(lines.Text())
		if found := demoApplication.FindStringSubmatch(lines.Text()); found != nil {
			ids = append(ids, found[1])
		}
		if key == "" && len(ids) == 2 {
			if key = demoKey.FindString(lines.Text()); key != "" {
				end = try(product, key, ids)
			}
		}
	}
	keyporter.Wait()
	return max(keyporter.ProcessState.ExitCode(), 0)
}

// child puts a program into a process group of its own, so that Ctrl-C in a terminal does not reach it: it gets one
// signal, from this program.
func child(cmd *exec.Cmd) *exec.Cmd {
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// start starts a program, waits until it listens, and returns a function that stops it.
func start(cmd *exec.Cmd, address string) (end func(), err error) {
	free, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	free.Close()
	if err := child(cmd).Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return func() { cmd.Process.Signal(syscall.SIGTERM); <-ended }, nil
		}
		select {
		case err := <-ended:
			return nil, fmt.Errorf("%s ended: %w", cmd.Path, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// try starts the product, and nginx in front of it, and prints how to send it a request. It returns a function that
// stops both.
func try(product, key string, ids []string) (end func()) {
	api := exec.Command(product, "-applications", strings.Join(ids, ","))
	api.Env = append(os.Environ(), "PRODUCT_KEY="+key)
	endAPI, err := start(api, "127.0.0.1:9000")
	if err != nil {
		fmt.Println("\nThe example API is not started:", err)
		return func() {}
	}
	endNginx, err := startNginx()
	if err != nil {
		fmt.Println("\nThe example API has no nginx in front:", err)
		return endAPI
	}
	fmt.Printf("\nAn example API listens behind nginx and the gate:\n\n  KEY=%s\n", key)
	fmt.Println("  curl -H \"X-Integration-Key: $KEY\" 'http://127.0.0.1:8000/v1/events?expand=*'")
	return func() { endNginx(); endAPI() }
}

// startNginx runs nginx with the documented file, and its temporary files in a new folder.
func startNginx() (end func(), err error) {
	binary, err := exec.LookPath("nginx")
	if err != nil {
		if binary, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			return nil, fmt.Errorf("install nginx, as in: sudo apt-get install nginx-light")
		}
	}
	text, err := os.ReadFile("docs/examples/proxies/nginx.conf")
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "keyporter-nginx-")
	if err != nil {
		return nil, err
	}
	settings := "http {\n    access_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		settings += "    " + kind + "_temp_path " + filepath.Join(folder, kind) + ";\n"
	}
	file := filepath.Join(folder, "nginx.conf")
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), "http {\n", settings, 1)), 0o600); err != nil {
		return nil, err
	}
	globals := "daemon off; master_process off; pid " + filepath.Join(folder, "pid") + ";"
	nginx := exec.Command(binary, "-p", folder, "-c", file, "-e", "stderr", "-g", globals)
	endNginx, err := start(nginx, "127.0.0.1:8000")
	if err != nil {
		return nil, err
	}
	return func() { endNginx(); os.RemoveAll(folder) }, nil
}

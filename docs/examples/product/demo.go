package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// What `keyporter demo` prints of itself.
var (
	demoApplication = regexp.MustCompile(`^  ([1-9][0-9]*) `)
	demoKey         = regexp.MustCompile(`kpint_\w+`)
	demoAddress     = regexp.MustCompile(`^Open (\S+) `)
)

// demo runs `keyporter demo` and, in front of its gate, this API behind nginx, until it is told to stop. It returns
// Keyporter's exit code.
func demo(binary string, args []string) int {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	keyporter := exec.Command(binary, append([]string{"demo"}, args...)...)
	keyporter.Stderr = os.Stderr
	keyporter.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it is told to stop once, by us
	out, err := keyporter.StdoutPipe()
	if err == nil {
		err = keyporter.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "product:", err)
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
	key, address := "", ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		fmt.Println(lines.Text())
		if found := demoApplication.FindStringSubmatch(lines.Text()); found != nil {
			ids = append(ids, found[1])
		}
		if found := demoAddress.FindStringSubmatch(lines.Text()); found != nil {
			address = found[1]
		}
		if key == "" && len(ids) == 2 {
			if key = demoKey.FindString(lines.Text()); key != "" {
				end = try(address, key, ids)
			}
		}
	}
	keyporter.Wait()
	return max(keyporter.ProcessState.ExitCode(), 0)
}

// try puts the API and nginx before the gate, and says how to ask it. It returns what ends both.
func try(keyporter, key string, ids []string) (end func()) {
	l, err := net.Listen("tcp", "127.0.0.1:9000")
	if err != nil {
		fmt.Println("\nThe example API is not started:", err)
		return func() {}
	}
	server := newServer(keyporter, key, ids[0], ids[1])
	go server.Serve(l)
	endNginx, err := startNginx()
	if err != nil {
		fmt.Println("\nThe example API has no nginx in front:", err)
		return func() { server.Close() }
	}
	fmt.Printf("\nAn example API stands behind nginx and the gate:\n\n  KEY=%s\n  curl -H \"X-Integration-Key: $KEY\" 'http://127.0.0.1:8000/v1/events?expand=*'\n", key)
	return func() { endNginx(); server.Close() }
}

// startNginx runs nginx with the documented file, and its temporary files in a folder of its own.
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
	own := "http {\n    access_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		own += "    " + kind + "_temp_path " + filepath.Join(folder, kind) + ";\n"
	}
	file := filepath.Join(folder, "nginx.conf")
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), "http {\n", own, 1)), 0o600); err != nil {
		return nil, err
	}
	pid := "pid " + filepath.Join(folder, "pid") + ";"
	nginx := exec.Command(binary, "-p", folder, "-c", file, "-e", "stderr", "-g", "daemon off; master_process off; "+pid)
	nginx.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	said, err := nginx.StderrPipe()
	if err == nil {
		err = nginx.Start()
	}
	if err != nil {
		return nil, err
	}
	go io.Copy(os.Stderr, said)
	return func() {
		nginx.Process.Signal(syscall.SIGTERM)
		nginx.Wait()
		os.RemoveAll(folder)
	}, nil
}

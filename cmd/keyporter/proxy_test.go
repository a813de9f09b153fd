package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// A proxy stands in front of an API and asks the gate about each request.
type proxy struct {
	name string
	// start runs the proxy in front of the API until the test ends, and returns its address.
	start func(t *testing.T, gate, api string) string
}

func proxies() []proxy {
	return []proxy{{"nginx", startNginx}, {"caddy", startCaddy}, {"the example without a proxy", startExample}}
}

// An api is the server behind a proxy. It answers with the request's headers and its Host, and counts.
type api struct {
	*httptest.Server
	calls atomic.Int64
}

func newAPI(t *testing.T) *api {
	a := &api{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.calls.Add(1)
		if r.URL.Path == "/broken" {
			w.WriteHeader(http.StatusInternalServerError)
			io.WriteString(w, "the API's own fault")
			return
		}
		r.Header.Set("Host", r.Host)
		json.NewEncoder(w).Encode(r.Header)
	}))
	t.Cleanup(a.Close)
	return a
}

// edited writes a documented file in which each first text of a pair is replaced by the second, and returns its path.
func edited(t *testing.T, file string, addresses ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "examples", "proxies", file))
	if err != nil {
		t.Fatal(err)
	}
	config := string(text)
	for i := 0; i < len(addresses); i += 2 {
		if !strings.Contains(config, addresses[i]) {
			t.Fatalf("%s does not name %s", file, addresses[i])
		}
		config = strings.ReplaceAll(config, addresses[i], addresses[i+1])
	}
	path := filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func needsPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("this starts nginx and Caddy: make test runs it")
	}
}

// freeAddress returns an address that is free. It is for programs that cannot choose a port and report it.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// startProgram runs a program until the test ends. It returns when the program listens.
func startProgram(t *testing.T, address string, cmd *exec.Cmd) {
	t.Helper()
	output := &watched{}
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v; run make test, which installs it", err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	})
	err := poll(func() error {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd.Path, err, output)
	}
}

func startNginx(t *testing.T, gate, api string) string { return startNginxWith(t, gate, api) }

// startNginxWith runs nginx with the documented file, with more pairs of texts to replace.
func startNginxWith(t *testing.T, gate, api string, exchanged ...string) string {
	address, folder := freeAddress(t), t.TempDir()
	own := "http {"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		own += "\n " + kind + "_temp_path " + filepath.Join(folder, kind) + ";"
	}
	addresses := []string{"127.0.0.1:8000", address, "127.0.0.1:8080", gate, "127.0.0.1:9000", api, "http {", own}
	config := edited(t, "nginx.conf", append(addresses, exchanged...)...)
	startProgram(t, address, exec.Command("nginx", "-p", folder, "-c", config, "-e", "stderr", "-g",
		"daemon off; master_process off; pid "+filepath.Join(folder, "pid")+";"))
	return address
}

func startCaddy(t *testing.T, gate, api string) string {
	address := freeAddress(t)
	config := edited(t, "Caddyfile", ":8000", strings.TrimPrefix(address, "127.0.0.1"), "127.0.0.1:8080", gate,
		"127.0.0.1:9000", api)
	cmd := exec.Command("caddy", "run", "--adapter", "caddyfile", "--config", config)
	folder := t.TempDir()
	cmd.Env = append(os.Environ(), "HOME="+folder, "XDG_CONFIG_HOME="+folder, "XDG_DATA_HOME="+folder)
	startProgram(t, address, cmd)
	return address
}

// startExample runs the example that asks the gate without a proxy. It is itself the API.
func startExample(t *testing.T, gate, _ string) string {
	binary := filepath.Join(t.TempDir(), "api")
	if out, err := exec.Command("go", "build", "-o", binary, "../../docs/examples/api").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(binary, "-listen", "127.0.0.1:0", "-gate", "http://"+gate)
	output := &watched{}
	cmd.Stderr = output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Signal(syscall.SIGTERM); cmd.Wait() })
	address := ""
	err := poll(func() error {
		found := regexp.MustCompile(`listening on http://(\S+)`).FindStringSubmatch(output.String())
		if found == nil {
			return io.EOF
		}
		address = found[1]
		return nil
	})
	if err != nil {
		t.Fatal(output)
	}
	return address
}

// TestProxiesWithoutGate: while the gate does not answer, every proxy refuses, and the API is not asked.
func TestProxiesWithoutGate(t *testing.T) {
	needsPrograms(t)
	for _, p := range proxies() {
		t.Run(p.name, func(t *testing.T) {
			api := newAPI(t)
			address := p.start(t, freeAddress(t), strings.TrimPrefix(api.URL, "http://"))
			request, err := http.NewRequest("GET", "http://"+address+"/x", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("X-Integration-Key", "kpint_anything")
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusServiceUnavailable && answer.StatusCode != http.StatusBadGateway {
				t.Errorf("answered %d", answer.StatusCode)
			}
			if n := api.calls.Load(); n != 0 {
				t.Errorf("the API was asked %d times", n)
			}
		})
	}
}

// TestNginxPassesOnErrors: an error of the API is not replaced by the answer for a gate that does not answer.
func TestNginxPassesOnErrors(t *testing.T) {
	needsPrograms(t)
	s := newSite(t)
	reads, _ := s.newFormClient().newKey("reads", false)
	api := newAPI(t)
	address := startNginx(t, strings.TrimPrefix(s.url, "http://"), strings.TrimPrefix(api.URL, "http://"))
	request, err := http.NewRequest("GET", "http://"+address+"/broken", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Integration-Key", reads)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusInternalServerError || string(body) != "the API's own fault" {
		t.Errorf("answered %d %q, %v", answer.StatusCode, body, err)
	}
}

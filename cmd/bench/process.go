package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process is a server that is being measured.
type process struct {
	cmd     *exec.Cmd
	address string
}

var addressInLog = regexp.MustCompile(`address=(\S+)`)

// start runs a server and waits until it logs the address on which it listens.
func start(ctx context.Context, name string, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, name, args...)}
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	// Variables that are set for this program are not for the server, which refuses those that it does not know.
	p.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "KEYPORTER_") })
	out, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(out)
	said := ""
	for p.address == "" {
		line, err := lines.ReadString('\n')
		if said += line; err != nil {
			return nil, fmt.Errorf("%s did not start: %s", name, said)
		}
		if found := addressInLog.FindStringSubmatch(line); found != nil {
			p.address = found[1]
		}
	}
	go io.Copy(io.Discard, lines)
	return p, nil
}

func (b *bench) serve(s *dataset) (*process, error) {
	return start(b.ctx, b.binary, "serve", "--listen", "127.0.0.1:0", "--database", s.path)
}

func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.cmd.Wait()
}

// resident returns the resident memory in MiB.
func (p *process) resident() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kB, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kB / 1024, err
		}
	}
	return 0, fmt.Errorf("no VmRSS")
}

// ready requests /readyz, without pause, until it succeeds.
func (p *process) ready() error {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		answer, err := http.Get("http://" + p.address + "/readyz")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
	}
	return fmt.Errorf("%s is not ready", p.address)
}

var formToken = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// signIn returns a client with the cookies of a session.
func (p *process) signIn() (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar}
	text, err := fetch(client, "http://"+p.address+"/sign-in")
	if err != nil {
		return nil, err
	}
	found := formToken.FindStringSubmatch(text)
	if found == nil {
		return nil, fmt.Errorf("the sign-in page has no form")
	}
	answer, err := client.PostForm("http://"+p.address+"/sign-in",
		url.Values{"csrf": {found[1]}, "email": {email}, "password": {password}})
	if err != nil {
		return nil, err
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("sign-in: %s", answer.Status)
	}
	return client, nil
}

func fetch(client *http.Client, address string) (string, error) {
	answer, err := client.Get(address)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", address, answer.Status)
	}
	return string(text), err
}

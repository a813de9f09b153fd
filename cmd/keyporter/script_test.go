package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run this test binary as keyporter: what they run is the real main.
func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"keyporter": main})
}

type tests struct{ *testing.M }

func (t tests) Run() int {
	defer stopChromium()
	return t.M.Run()
}

package main

import (
	"strings"
	"time"

	"keyporter/internal/exclude"
)

// demoExcluded is what the Exclude List of the demo has, by who added it.
var demoExcluded = []struct {
	by    string
	kind  exclude.Kind
	lines []string
}{
	{demoAda, exclude.Server, []string{"localhost", "dev*", "*:3000", "*.staging.example.com"}},
	{demoNoor, exclude.Server, []string{"*.preview.example.com", "demo.example.com", "qa-*.example.com:8443"}},
	{demoAda, exclude.Address, []string{"203.0.113.0/24", "198.51.100.17", "10.*", "2001:db8:85a3::/48"}},
	{demoTomas, exclude.Visitor, []string{"*@example.com", "load-test-*", "7f3a9c2e-monitoring"}},
	{demoTomas, exclude.Account, []string{"Acme internal", "demo-*", "trial*expired"}},
}

// excludes fills the Exclude List on a few days of the year.
func (y *year) excludes() error {
	for n, some := range demoExcluded {
		y.now = y.end.AddDate(0, n-len(demoExcluded), 0).Add(time.Duration(n) * 77 * time.Minute)
		session, err := y.signIn(some.by)
		if err != nil {
			return err
		}
		if _, err := y.porter.AddExcludeEntries(y.ctx, session.Actor(demoOrigin), y.sub, some.kind, strings.Join(some.lines, "\n")); err != nil {
			return err
		}
	}
	return nil
}

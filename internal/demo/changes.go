package demo

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
)

// changeThings leaves in the audit log what a year does: an edit, a deletion, a refusal, an invitation that is open.
func (f *filler) changeThings() error {
	f.now = f.end.Add(-5 * time.Hour)
	session, err := f.signIn(Ada)
	if err != nil {
		return err
	}
	ada := session.Actor(client)
	form := keyporter.KeyForm{Description: "Trial of a dashboard tool", Once: f.once(session)}
	trial, _, err := f.porter.CreateKey(f.ctx, ada, f.subscription, keyporter.IntegrationKey, form)
	if err != nil {
		return err
	}
	id := trial.ID.String()
	if err := f.porter.EditKey(f.ctx, ada, f.subscription, id,
		keyporter.KeyChanges{Description: "Trial of a dashboard tool (ended)", Lower: false}); err != nil {
		return err
	}
	f.now = f.now.Add(40 * time.Minute)
	if err := f.porter.DeleteKey(f.ctx, ada, f.subscription, keyporter.IntegrationKey, id, ""); err != nil {
		return err
	}
	lea := keyporter.Member{Name: "Lea Baumann", Email: "lea@example.com", Role: keyporter.Admin, KeyAccess: true}
	if _, err := f.porter.AddMember(f.ctx, ada, f.subscription, lea); err != nil {
		return err
	}
	noor, err := f.actor(Noor)
	if err != nil {
		return err
	}
	if err := f.porter.SwitchFeature(f.ctx, noor, f.subscription, false); !errors.Is(err, keyporter.ErrForbidden) {
		return fmt.Errorf("an Admin who switches the feature off gets %w", err)
	}
	return nil
}

// excluded has the entries of the Exclude List, and who added them.
var excluded = []struct {
	by    string
	kind  exclude.Kind
	lines []string
}{
	{Ada, exclude.Server, []string{"localhost", "dev*", "*:3000", "*.staging.example.com"}},
	{Noor, exclude.Server, []string{"*.preview.example.com", "demo.example.com", "qa-*.example.com:8443"}},
	{Ada, exclude.Address, []string{"203.0.113.0/24", "198.51.100.17", "10.*", "2001:db8:85a3::/48"}},
	{Tomas, exclude.Visitor, []string{"*@example.com", "load-test-*", "7f3a9c2e-monitoring"}},
	{Tomas, exclude.Account, []string{"Acme internal", "demo-*", "trial*expired"}},
}

// addExcludeEntries fills the Exclude List, a part in each of the last months.
func (f *filler) addExcludeEntries() error {
	for n, part := range excluded {
		f.now = f.end.AddDate(0, n-len(excluded), 0).Add(time.Duration(n) * 77 * time.Minute)
		actor, err := f.actor(part.by)
		if err != nil {
			return err
		}
		lines := strings.Join(part.lines, "\n")
		if _, err := f.porter.AddExcludeEntries(f.ctx, actor, f.subscription, part.kind, lines); err != nil {
			return err
		}
	}
	return nil
}

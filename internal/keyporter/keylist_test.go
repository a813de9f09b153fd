package keyporter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// descriptions lists what a page of the list holds.
func descriptions(list keyporter.KeyList) string {
	var all []string
	for _, k := range list.Rows {
		all = append(all, k.Description)
	}
	return strings.Join(all, " ")
}

func TestKeysByPage(t *testing.T) {
	f := newFixture(t)
	var want []string
	for i := range 125 { // three pages, many keys at the same moment
		if i%7 == 0 {
			f.clock.pass(time.Second)
		}
		key, _ := f.key(fmt.Sprintf("k%03d", i), false)
		want = append(want, key.ID.String())
	}
	list := func(pos keyporter.Position) keyporter.KeyList {
		t.Helper()
		l, err := f.Keys(f.ctx, f.actor(tom), f.acme, keyporter.IntegrationKey, keyporter.KeyFilter{}, pos)
		f.ok(err)
		return l
	}
	first := list(keyporter.Position{})
	second := list(*first.Older)
	last := list(*second.Older)
	if len(first.Rows) != 50 || len(second.Rows) != 50 || len(last.Rows) != 25 || first.Total != 125 ||
		last.Total != 125 {
		t.Fatalf("pages of %d, %d and %d, in all %d", len(first.Rows), len(second.Rows), len(last.Rows), first.Total)
	}
	if first.Newer != nil || last.Older != nil || second.Newer == nil || last.Newer == nil {
		t.Error("a page has a neighbour that is not there, or none where one is")
	}
	var got []string
	all := slices.Concat(first.Rows, second.Rows, last.Rows)
	for i, k := range all {
		got = append(got, k.ID.String())
		if i > 0 && k.Created.After(all[i-1].Created) {
			t.Errorf("row %d is newer than the one above it", i)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Error("the pages do not hold each key once")
	}
	if back := list(*last.Newer); descriptions(back) != descriptions(second) || back.Older == nil || back.Newer == nil {
		t.Error("Newer does not lead back to the second page")
	}
	if back := list(*second.Newer); descriptions(back) != descriptions(first) {
		t.Error("Newer does not lead back to the first page")
	}
	f.clock.pass(time.Second)
	f.key("newest", false) // while pages are turned
	f.ok(f.DeleteKey(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, first.Rows[49].ID.String(), ""))
	if again := list(*first.Older); descriptions(again) != descriptions(second) {
		t.Error("the second page moved when a key came and one went")
	}
	if top := list(*list(*first.Older).Newer); descriptions(top)[:6] != "newest" {
		t.Errorf("the way up ends at %s", descriptions(top))
	}
}

func TestSearch(t *testing.T) {
	f := newFixture(t)
	used, token := f.key("Zapier sync", false)
	f.key("zapier BACKUP", true)
	f.key("100% load", false)
	f.key("under_score!", false)
	f.key("Datenübernahme", false)
	f.key("ΣΊΣΥΦΟΣ", false)
	if v := f.judge(token); !v.OK() {
		t.Fatal(v.Code)
	}
	f.ok(f.FlushUses(f.ctx))
	id := used.ID.String()
	for _, c := range []struct {
		text string
		used keyporter.KeyStatus
		want int
	}{
		{"", keyporter.AnyStatus, 6},
		{"", keyporter.StatusUsed, 1},
		{"", keyporter.StatusNeverUsed, 5},
		{"zapier", keyporter.AnyStatus, 2},
		{"ZAPIER", keyporter.StatusNeverUsed, 1},
		{"ZAPIER", keyporter.StatusUsed, 1},
		{"  sync ", keyporter.AnyStatus, 1},
		{"%", keyporter.AnyStatus, 1}, // a sign like any other, as are the two that follow
		{"_", keyporter.AnyStatus, 1},
		{"!", keyporter.AnyStatus, 1},
		{"DATENÜBER", keyporter.AnyStatus, 1},
		{"σίσυφος", keyporter.AnyStatus, 1},
		{"' OR 1=1 --", keyporter.AnyStatus, 0},
		{id, keyporter.AnyStatus, 1},
		{id, keyporter.StatusUsed, 1},
		{id, keyporter.StatusNeverUsed, 0},
		{id[2:9], keyporter.AnyStatus, 1},
		{"kpint_" + id[:5], keyporter.AnyStatus, 1},
		{" kpint_" + id[:5] + "… ", keyporter.StatusNeverUsed, 0},
		{"kpfbk_" + id[:5], keyporter.AnyStatus, 1},
		{"xyint_" + id[:5], keyporter.AnyStatus, 0},
		{strings.ToLower(id), keyporter.StatusUsed, 1},
		{"4fT9aQ0bZ7Lm", keyporter.AnyStatus, 0},
		{strings.Repeat("x", 10_000), keyporter.AnyStatus, 0},
	} {
		list, err := f.Keys(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey,
			keyporter.KeyFilter{Text: c.text, Status: c.used}, keyporter.Position{})
		if err != nil || len(list.Rows) != c.want || list.Total != c.want {
			t.Errorf("searching for %.40q among %q finds %s (%d), %v; want %d", c.text, c.used, descriptions(list),
				list.Total, err, c.want)
		}
	}
}

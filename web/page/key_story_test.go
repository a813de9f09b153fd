package page_test

import (
	"time"

	"keyporter/web/layout"
	"keyporter/web/page"
	"keyporter/web/part"

	"github.com/a-h/templ"
)

func listStories() []story {
	rows := []page.KeyRow{
		{
			ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export", Created: ago(10 * 24 * time.Hour),
			CreatedBy: userNamed("Ada Lindqvist"), LastUsed: ago(3 * time.Minute), LastAddress: "10.0.4.17", Used: true,
			Status: "active",
		},
		{
			ID: "Wk2vC8sXr5Ye", Description: "Salesforce sync, production", Write: true,
			Created: ago(20 * 24 * time.Hour), CreatedBy: userNamed("Ada Lindqvist"), LastUsed: ago(time.Hour),
			LastAddress: "2001:db8:85a3::8a2e:370:7334", Used: true, Status: "active",
		},
		{
			ID: "pQ6nJd3Hu1Ab", Description: long, Created: ago(25 * 24 * time.Hour),
			CreatedBy: userNamed("Tomás Oliveira"), LastUsed: ago(100 * 24 * time.Hour), Used: true,
			Status: "unused",
		},
		{
			ID: "Zs0gM7tFi9Kx", Description: arabic, Created: ago(69 * 24 * time.Hour),
			CreatedBy: userNamed("نور حداد"),
			LastUsed:  ago(4 * 24 * time.Hour), LastAddress: "10.0.4.18", Used: true,
			Status: "expires",
		},
		{
			ID: "bR3yU5wLc8Ve", Description: "Zapier trial", Write: true, Created: ago(172 * 24 * time.Hour),
			CreatedBy: page.UserName{ID: "Bt6yN1mQ8zRw", Name: "Jun Nakamura", Email: "jun@example.com", Removed: true},
			Status:    "never",
		},
		{
			ID: "Hn4sA9eKq1Tz", Description: "Looker", Created: ago(200 * 24 * time.Hour),
			CreatedBy: userNamed("Ada Lindqvist"), LastUsed: ago(time.Hour), LastAddress: "10.0.4.18", Used: true,
			Status: "disabled",
		},
		{
			ID: "xV7bG2oPd6Nc", Description: "Migration from the old warehouse", Write: true,
			Created: ago(90 * 24 * time.Hour), CreatedBy: userNamed("Ada Lindqvist"), LastUsed: ago(29 * time.Hour),
			Used: true, Status: "expired",
		},
	}
	view := page.KeysView{
		Kind: page.IntegrationKeys, Settings: home, State: "on", OperatorContact: "https://vendor.example/help",
		Admins: []string{"Ada Lindqvist"}, CanSwitch: true, CanCreate: true, Total: "7 keys", Rows: rows,
	}
	with := func(change func(*page.KeysView)) page.KeysView {
		v := view
		change(&v)
		return v
	}
	off := func(v *page.KeysView) { v.State, v.CanCreate = "off", false }
	return []story{
		{"keys", page.Keys(keysFrame(), view)},
		{"keys-empty", page.Keys(keysFrame(), with(func(v *page.KeysView) { v.Rows, v.Total = nil, "0 keys" }))},
		{"keys-empty-off", page.Keys(keysFrame(), with(func(v *page.KeysView) { off(v); v.Rows = nil }))},
		{"keys-one", page.Keys(
			flashed(keysFrame(), "The key “Zapier trial” is deleted."),
			with(func(v *page.KeysView) { v.Rows, v.Total = rows[:1], "1 key" }),
		)},
		{"keys-many", page.Keys(keysFrame(), with(func(v *page.KeysView) {
			v.Total, v.Newer, v.Older = "more than 1,000 keys", "?before=x", "?after=y"
			for len(v.Rows) < 50 {
				v.Rows = append(v.Rows, rows...)
			}
		}))},
		{"keys-long", page.Keys(keysFrame(), with(func(v *page.KeysView) {
			v.Rows = []page.KeyRow{
				{
					ID: "4fT9aQ0bZ7Lm", Description: joined, Created: now, CreatedBy: userNamed(joined), LastUsed: now,
					LastAddress: "2001:db8:85a3:1111:2222:8a2e:370:7334", Used: true, Status: "active",
				},
			}
		}))},
		{"keys-none-found", page.Keys(keysFrame(), with(func(v *page.KeysView) {
			v.Rows, v.Query, v.Status, v.Searched, v.Total = nil, arabic, "never", true, "0 keys found"
		}))},
		{"keys-off", page.Keys(keysFrame(), with(off))},
		{"keys-off-admin", page.Keys(keysFrame(), with(func(v *page.KeysView) { off(v); v.CanSwitch = false }))},
		{"keys-unavailable", page.Keys(keysFrame(), with(func(v *page.KeysView) {
			v.State, v.CanCreate = "unavailable", false
		}))},
	}
}

func keyStories() []story {
	add, edit, remove := keysFrame(layout.Link{Text: "Add"}), keysFrame(layout.Link{Text: "Edit"}), keysFrame(
		layout.Link{Text: "Delete"},
	)
	created := page.KeyCreatedView{
		Kind: page.IntegrationKeys, Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export",
		Token: "kpint_4fT9aQ0bZ7Lm_x8Kd02mVqT5nRb7YcHs3LwZp9GfJ1eUa1P1A6X", Curl: curl, DocsHref: "/docs", Write: true,
	}
	return []story{
		{"key-new", page.NewKey(add, page.NewKeyView{
			Kind: page.IntegrationKeys, Settings: home, Subscription: "Acme Analytics", Nonce: "nonce-value",
		})},
		{"key-new-policy", page.NewKey(add, page.NewKeyView{
			Kind: page.IntegrationKeys, Settings: home, Subscription: "Acme Analytics", Nonce: "nonce-value",
			KnowsMine: true,
			End:       page.EndFields{Choice: "90", Longest: 90},
		})},
		{"key-new-error", page.NewKey(add, page.NewKeyView{
			Kind: page.IntegrationKeys, Settings: home, Subscription: joined, Nonce: "nonce-value", Description: arabic,
			WriteAccess: true,
			Errors: part.Errors{
				"description": "Use at most 200 characters; you typed 231.",
				"nonce":       "The form is out of date. Send it again.",
			},
		})},
		{"key-new-more-error", page.NewKey(add, page.NewKeyView{
			Kind: page.IntegrationKeys, Settings: home, Subscription: "Acme Analytics", Nonce: "nonce-value",
			Description: "Nightly warehouse export", Contact: "Data platform", Note: "Runs at 02:00.\nAsk first.",
			End:    page.EndFields{Choice: "date", Date: "2026-02-28", Offset: "-60"},
			Errors: part.Errors{"end_date": "This day is over. Choose today or a later day."},
		})},
		{"key-created", page.KeyCreated(keysFrame(layout.Link{Text: "New key"}), created)},
		{"key-edit", page.EditKey(edit, page.EditKeyView{
			Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export",
			Saved: "Nightly warehouse export", Write: true, Version: "0123456789abcdef", Back: page.BackToList,
			Contact: "Data platform, data@example.com", Note: "Runs every night at 02:00.\n\nAsk first.",
		})},
		{"key-edit-error", page.EditKey(edit, page.EditKeyView{
			Settings: home, ID: "4fT9aQ0bZ7Lm", Saved: joined,
			Errors: part.Errors{
				"description": "Enter a description.", "contact": "Use at most 200 characters; you typed 231.",
				"note": "Control characters and line breaks cannot be used here.",
				"": "Somebody else changed this key while the form was open. Save again to replace what they typed: " +
					"note “Ask Zoë first.”.",
			},
		})},
		{"key-delete", page.DeleteKey(remove, page.DeleteKeyView{
			Kind: page.IntegrationKeys, Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export",
			KeyUse: usedLately(), Confirm: true,
		})},
		{"key-delete-error", page.DeleteKey(remove, page.DeleteKeyView{
			Kind: page.IntegrationKeys, Settings: home, ID: "4fT9aQ0bZ7Lm", Description: arabic,
			KeyUse: usedLately(), Confirm: true,
			Errors: part.Errors{"confirm": "This is not the description."},
		})},
		{"key-delete-unused", page.DeleteKey(remove, page.DeleteKeyView{
			Kind: page.IntegrationKeys, Settings: home, ID: "4fT9aQ0bZ7Lm", Description: joined,
			KeyUse: page.KeyUse{Created: ago(10 * 24 * time.Hour)},
		})},
	}
}

func usedLately() page.KeyUse {
	return page.KeyUse{
		Created: ago(10 * 24 * time.Hour), LastUsed: ago(3 * time.Minute), LastAddress: "10.0.4.17",
		UsedLastDay: "312 times",
	}
}

func keyLifeStories() []story {
	disable, enable := keysFrame(layout.Link{Text: "Disable"}), keysFrame(layout.Link{Text: "Enable"})
	view := page.DisableKeyView{
		Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export", KeyUse: usedLately(),
	}
	failed, disabled := view, view
	failed.Description, failed.Back, failed.KeyUse = joined, page.BackToList, page.KeyUse{Created: ago(time.Hour)}
	failed.Reason = "kpint_[token]"
	failed.Errors = part.Errors{
		"reason": "This holds something that looks like a key, which others would see. Leave it out.",
	}
	disabled.Disabled, disabled.DisabledBy = ago(26*time.Hour), userNamed("Tomás Oliveira")
	disabled.DisabledReason = "It was in a log file that support could read."
	ends := keysFrame(layout.Link{Text: "Change end"})
	end := page.ChangeEndView{
		Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export", Version: "0",
	}
	endFailed, endFinal := end, end
	endFailed.Ends, endFailed.Fields = now.Add(30*time.Hour), page.EndFields{Choice: "date", Date: "2036-11-30"}
	endFailed.Errors = part.Errors{"end_date": "A key can end within 10 years. Choose an earlier day."}
	endFinal.Ends, endFinal.Final = ago(45*24*time.Hour), true
	return []story{
		{"key-disable", page.DisableKey(disable, view)},
		{"key-disable-error", page.DisableKey(disable, failed)},
		{"key-enable", page.DisableKey(enable, disabled)},
		{"key-end", page.ChangeEnd(ends, end)},
		{"key-end-error", page.ChangeEnd(ends, endFailed)},
		{"key-end-final", page.ChangeEnd(ends, endFinal)},
	}
}

func feedbackKeyStories() []story {
	rows := []page.KeyRow{
		{
			ID: "4fT9aQ0bZ7Lm", Description: "Ideas board", Created: ago(10 * 24 * time.Hour),
			LastUsed: ago(3 * time.Minute), LastAddress: "10.0.4.17", Used: true, Status: "active",
		},
		{ID: "Zs0gM7tFi9Kx", Description: arabic, Created: ago(69 * 24 * time.Hour), Status: "never"},
		{ID: "bR3yU5wLc8Ve", Description: joined, Created: ago(72 * 24 * time.Hour), Status: "never"},
	}
	view := page.KeysView{
		Kind: page.FeedbackKeys, Settings: home, State: "on", CanCreate: true, Total: "3 keys", Rows: rows,
	}
	empty := view
	empty.Rows = nil
	created := page.KeyCreatedView{
		Kind: page.FeedbackKeys, Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Ideas board",
		Token: "kpfbk_4fT9aQ0bZ7Lm_x8Kd02mVqT5nRb7YcHs3LwZp9GfJ1eUa1P1A6X", Curl: "curl", DocsHref: "/docs",
	}
	remove := page.DeleteKeyView{
		Kind: page.FeedbackKeys, Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Ideas board",
		KeyUse: usedLately(), Confirm: true,
	}
	frame := member("Keys in Keyporter", layout.Link{Text: "Keys in Keyporter"})
	return []story{
		{"feedback-keys", page.Keys(feedbackKeysFrame(), view)},
		{"feedback-keys-empty", page.Keys(feedbackKeysFrame(), empty)},
		{"feedback-key-new", page.NewKey(feedbackKeysFrame(layout.Link{Text: "Add"}), page.NewKeyView{
			Kind: page.FeedbackKeys, Settings: home, Subscription: "Acme Analytics", Nonce: "nonce-value",
		})},
		{"feedback-key-created", page.KeyCreated(feedbackKeysFrame(layout.Link{Text: "New key"}), created)},
		{"feedback-key-delete", page.DeleteKey(feedbackKeysFrame(layout.Link{Text: "Delete"}), remove)},
		{"kinds", page.Kinds(frame, page.KindsView{Settings: home, TokenPrefix: "kp", CanManage: true})},
		{"kinds-viewer", page.Kinds(frame, page.KindsView{Settings: home, TokenPrefix: "acmecorp"})},
	}
}

func identifyStories() []story {
	frame := keysFrame(layout.Link{Text: "Which key is this?"})
	view := func(change func(*page.IdentifyView)) templ.Component {
		v := page.IdentifyView{Settings: home, KeyID: "4fT9aQ0bZ7Lm"}
		change(&v)
		return page.Identify(frame, v)
	}
	deleted := page.DeletedKeyRow{
		ID: "4fT9aQ0bZ7Lm", Description: joined, Deleted: ago(time.Hour), DeletedBy: userNamed("نور حداد"),
	}
	return []story{
		{"identify", view(func(v *page.IdentifyView) { v.KeyID = "" })},
		{"identify-active", view(func(v *page.IdentifyView) {
			v.Active = &page.KeyRow{
				ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export", Created: ago(240 * time.Hour),
				CreatedBy: userNamed("Ada Lindqvist"),
			}
		})},
		{"identify-deleted", view(func(v *page.IdentifyView) { v.Deleted = &deleted })},
		{"identify-feedback", view(func(v *page.IdentifyView) { v.Feedback = true })},
		{"identify-none", view(func(*page.IdentifyView) {})},
		{"identify-error", view(func(v *page.IdentifyView) {
			v.KeyID, v.Errors = "", part.Errors{"key": "This is no token and no key ID."}
		})},
		{"keys-found-deleted", page.Keys(keysFrame(), page.KeysView{
			Kind: page.IntegrationKeys, Settings: home, State: "on", CanCreate: true, Total: "0 keys found",
			Query: "4fT9aQ0bZ7Lm", Searched: true, Deleted: &deleted,
		})},
	}
}

func usageStories() []story {
	frame := keysFrame(layout.Link{Text: "Nightly warehouse export"})
	hours := make([]page.UsageCount, 48)
	for i := range hours {
		hours[i] = page.UsageCount{
			At: ago(time.Duration(47-i) * time.Hour), Admitted: int64(i * 30), Refused: int64(i % 3),
		}
	}
	key := page.KeyView{
		Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export", State: "on", Status: "active",
		Write: true, Created: ago(10 * 24 * time.Hour), CreatedBy: userNamed("Ada Lindqvist"),
		LastUsed:    ago(3 * time.Minute),
		LastAddress: "10.0.4.17", LastAgent: "python-requests/2.32.3", Hours: hours, Days: hours[:7],
	}
	unused := page.KeyView{
		Settings: home, ID: "Zs0gM7tFi9Kx", Description: joined, State: "off", Status: "never",
		Created: ago(69 * 24 * time.Hour), CreatedBy: userNamed(joined), Hours: make([]page.UsageCount, 48),
	}
	described := key
	described.Status, described.Ends = "expires", now.Add(9*24*time.Hour)
	described.Contact = "Data platform, data@example.com"
	described.Note = "Runs every night at 02:00.\n\nBefore it is deleted, ask whether the backfill is over."
	described.CreatedBy.Removed = true
	limit(&described)
	disabled := described
	disabled.Status, disabled.Disabled = "disabled", ago(26*time.Hour)
	disabled.DisabledBy = userNamed("Tomás Oliveira")
	disabled.DisabledReason = "It was in a log file that support could read."
	byItself := unused
	byItself.State, byItself.Status, byItself.Disabled = "on", "disabled", ago(time.Hour)
	byItself.Contact, byItself.Note = joined, arabic
	expired := key
	expired.Status, expired.Ends, expired.EndIsFinal = "expired", ago(45*24*time.Hour), true
	rows := []page.DeletedKeyRow{
		{
			ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export", Created: ago(400 * 24 * time.Hour),
			CreatedBy: userNamed("Ada Lindqvist"),
			Deleted:   ago(26 * time.Hour), DeletedBy: userNamed("Tomás Oliveira"),
			Attempts: "12,408", LastAttempt: ago(3 * time.Minute), LastAddress: "203.0.113.9", LastAgent: "curl/8.5.0",
		},
		{
			ID: "Zs0gM7tFi9Kx", Description: arabic, Created: ago(69 * 24 * time.Hour),
			CreatedBy: userNamed("نور حداد"),
			Deleted:   ago(40 * 24 * time.Hour), DeletedBy: userNamed(joined), Attempts: "0",
		},
	}
	deleted := keysFrame(layout.Link{Text: "Deleted keys"})
	document := page.DocumentView{
		HTML: "<h1>Using an integration key</h1><p>Text.</p><h2>Call</h2><pre><code>curl</code></pre>",
	}
	return []story{
		{"key", page.Key(frame, key)},
		{"key-unused", page.Key(frame, unused)},
		{"key-described", page.Key(frame, described)},
		{"key-disabled", page.Key(frame, disabled)},
		{"key-disabled-by-itself", page.Key(frame, byItself)},
		{"key-expired", page.Key(frame, expired)},
		{"keys-deleted", page.DeletedKeys(deleted, page.DeletedKeysView{Settings: home, Rows: rows, Older: "?at=x"})},
		{"keys-deleted-empty", page.DeletedKeys(deleted, page.DeletedKeysView{Settings: home})},
		{"document", page.Document(visitor("Using an integration key"), document)},
	}
}

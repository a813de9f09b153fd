package page_test

import (
	"time"

	"keyporter/web/layout"
	"keyporter/web/page"
	"keyporter/web/part"
)

func visitorStories() []story {
	short := part.Errors{"password": "Use at least 12 characters; you typed 5."}
	return []story{
		{"sign-in", page.SignIn(visitor("Sign in"), page.SignInView{Next: "/account"})},
		{"sign-in-wrong", page.SignIn(visitor("Sign in"), page.SignInView{
			Email: "ada@acme.example", Message: "The email address or the password is not right.",
		})},
		{"sign-in-kept", page.SignIn(visitor("Sign in"), page.SignInView{
			Message: "Your session has ended.",
			Suspended: page.SuspendedForm{
				Path: "/s/a1b2c3/settings/applications", Fields: []page.SuspendedField{{Name: "kept.name",
					Value: arabic}},
			},
		})},
		{"sign-in-fields", page.SignIn(visitor("Sign in"), page.SignInView{
			Errors: part.Errors{"email": "Enter your email address.", "password": "Enter your password."},
		})},
		{"sign-in-join", page.SignIn(visitor("Sign in"), page.SignInView{
			Email: "ada@acme.example", Joining: joined, Invitation: "one-time",
		})},
		{"not-set-up", page.NotSetUp(visitor("Not set up yet"))},
		{"sign-in-flash", page.SignIn(flashed(visitor("Sign in"), "You are signed out."), page.SignInView{})},
		{"setup", page.Setup(visitor("Set up"), page.SetupView{Token: "one-time"})},
		{"setup-error", page.Setup(visitor("Set up"), page.SetupView{
			Token: "one-time", Subscription: arabic, Name: "نور", Email: "noor",
			Errors: part.Errors{
				"email": "Enter an email address, such as name@example.com.", "password": short["password"],
			},
		})},
		{"invitation", page.Invitation(visitor("Join Acme"), page.InvitationView{
			Token: "one-time", Subscription: "Acme Analytics", Role: "Admin", Name: "Tomás Oliveira",
			Email: "tomas@acme.example",
		})},
		{"invitation-error", page.Invitation(visitor("Join Acme"), page.InvitationView{
			Token: "one-time", Subscription: joined, Role: "Viewer", Name: joined, Email: "tomas@acme.example",
			Errors: short,
		})},
		{"invitation-account", page.Invitation(visitor("Join Acme"), page.InvitationView{
			Token: "one-time", Subscription: "Acme Analytics", Role: "Subscription admin", Email: "ada@acme.example",
			HasAccount: true,
		})},
		{"new-password", page.NewPassword(visitor("New password"), page.NewPasswordView{
			Token: "one-time", Email: "ada@acme.example",
		})},
		{"new-password-error", page.NewPassword(visitor("New password"), page.NewPasswordView{
			Token: "one-time", Email: "ada@acme.example", Errors: short,
		})},
	}
}

func accountStories() []story {
	frame := visitor("Your account")
	frame.Person, frame.Operator, frame.Switch = "Ada Lindqvist", true, member("").Switch
	view := page.AccountView{
		Name: "Ada Lindqvist", Email: "ada@acme.example", UserID: "Hq7Vd2Lk9TfA",
		Sessions: []page.SessionView{
			{
				ID: "s1", Address: "10.0.4.17", Device: "Firefox on Linux", Current: true, Started: ago(3 * time.Hour),
				LastSeen: ago(5 * time.Second),
			},
		},
	}
	full := view
	full.FailedSignIns, full.LastFailed = 3, ago(50*time.Minute)
	full.Sessions = append(full.Sessions, page.SessionView{
		ID: "s2", Address: "2001:db8:85a3::8a2e:370:7334", Device: "Safari on iPhone", Started: ago(9 * 24 * time.Hour),
		LastSeen: ago(26 * time.Hour),
	})
	full.Events = []page.AccountEvent{
		{At: ago(3 * time.Hour), What: "Signed in", Address: "10.0.4.17"},
		{
			At:      ago(50 * time.Minute),
			What:    "Tried to join: This invitation is for another email address than the one you signed in with.",
			Address: "203.0.113.9", Attempts: "3 times", Last: ago(40 * time.Minute),
		},
	}
	full.NameErrors = part.Errors{"name": "Enter your name."}
	full.PasswordErrors = part.Errors{"current": "This is not your current password."}
	settings := page.SettingsView{
		Settings: home, Name: "Acme Analytics", ID: "acme1", Role: "Subscription admin", CanRename: true,
		Created: ago(400 * 24 * time.Hour),
	}
	viewer, wrong := settings, settings
	viewer.CanRename, viewer.Role, viewer.Name = false, "Viewer", joined
	wrong.Name, wrong.Errors = "", part.Errors{"name": "Enter a name for the subscription."}
	return []story{
		{"account", page.Account(flashed(frame, "Your name is saved."), view)},
		{"account-full", page.Account(frame, full)},
		{"settings", page.Settings(flashed(member("Settings"), "The subscription’s name is saved."), settings)},
		{"settings-viewer", page.Settings(member("Settings"), viewer)},
		{"settings-error", page.Settings(member("Settings"), wrong)},
	}
}

func userStories() []story {
	rows := []page.MemberRow{
		{
			ID: "u1", Name: "Ada Lindqvist", Email: "ada@acme.example", UserID: "Hq7Vd2Lk9TfA",
			Role: "Subscription admin", KeyAccess: true, You: true, LastAdmin: true, Joined: ago(300 * 24 * time.Hour),
		},
		{
			ID: "u2", Name: "Tomás Oliveira", Email: "tomas@acme.example", UserID: "b3Xw8Rn1Zc5E", Role: "Admin",
			KeyAccess: true, Joined: ago(40 * 24 * time.Hour),
		},
		{
			ID: "u3", Name: "نور حداد", Email: "noor@acme.example", UserID: "K0sP6mYt4JgU", Role: "Viewer",
			Joined: ago(4 * 24 * time.Hour),
		},
		{
			ID: "u4", Name: "Jun Nakamura", Email: "jun@acme.example", Role: "Admin", Pending: true,
			LinkExpires: now.Add(40 * time.Hour),
		},
		{
			ID: "u5", Name: joined, Email: joined + "@acme.example", Role: "Viewer", Pending: true,
			LinkExpires: ago(time.Hour),
		},
	}
	add, edit := usersFrame(layout.Link{Text: "Add user"}), usersFrame(layout.Link{Text: "Edit user"})
	frame := member("Users", layout.Link{Text: "Users"})
	return []story{
		{"users", page.Members(flashed(frame, "Jun Nakamura is added."), page.MembersView{
			Settings: home, CanManage: true, Rows: rows,
		})},
		{"users-viewer", page.Members(frame, page.MembersView{Settings: home, Rows: rows[:1]})},
		{"user-new", page.NewMember(add, page.NewMemberView{Settings: home, Role: "viewer"})},
		{"user-new-error", page.NewMember(add, page.NewMemberView{
			Settings: home, Name: "نور", Email: "ada@acme.example", Role: "admin", KeyAccess: true,
			Errors: part.Errors{"email": "This address is a member already."},
		})},
		{"user-edit", page.EditMember(edit, page.EditMemberView{
			Settings: home, ID: "u2", Name: "Tomás Oliveira", Email: "tomas@acme.example", UserID: "b3Xw8Rn1Zc5E",
			Role: "admin", KeyAccess: true,
		})},
		{"user-edit-error", page.EditMember(edit, page.EditMemberView{
			Settings: home, ID: "u1", Name: "Ada Lindqvist", Email: "ada@acme.example", Role: "viewer",
			Errors: part.Errors{"role": "A subscription keeps at least one Subscription admin."},
		})},
		{"user-remove", page.RemoveMember(usersFrame(layout.Link{Text: "Remove user"}), page.RemoveMemberView{
			Settings: home, ID: "u2", Name: "Tomás Oliveira", Email: "tomas@acme.example",
			Keys:         "more than 1,000 keys",
			FeedbackKeys: "1 Feedback API key",
		})},
		{"user-remove-you", page.RemoveMember(usersFrame(layout.Link{Text: "Remove user"}), page.RemoveMemberView{
			Settings: home, ID: "u1", Name: joined, Email: joined + "@example.com", You: true, Keys: "0 keys",
			Errors: part.Errors{"": "The last Subscription admin stays."},
		})},
		{"user-remove-invited", page.RemoveMember(usersFrame(layout.Link{Text: "Remove user"}), page.RemoveMemberView{
			Settings: home, ID: "u3", Name: arabic, Email: "nour@acme.example", Pending: true,
		})},
		{"user-remove-refused", page.RemoveMember(usersFrame(layout.Link{Text: "Remove user"}), page.RemoveMemberView{
			Settings: home, ID: "u1", Name: "Ada Lindqvist", Email: "ada@acme.example", You: true,
			Refused: "Ada Lindqvist is the last Subscription admin. Make somebody else one first.",
		})},
		{"user-link", page.OneTimeLink(usersFrame(layout.Link{Text: "Link"}), page.OneTimeLinkView{
			Name: "Jun Nakamura", Email: "jun@acme.example", Subscription: "Acme Analytics",
			URL:  "https://keys.example.com/invitation?token=8d7f6a5c4b3e2d1f0a9b8c7d6e5f4a3b2c1d0e9f",
			Back: home + "/users", Expires: now.Add(72 * time.Hour),
		})},
	}
}

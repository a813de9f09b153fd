package main

import (
	"fmt"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// A usedKey is a key of which the demo knows the token until it is filled, to use it at the gate.
type usedKey struct {
	token   token.Token
	created time.Time
	write   bool
}

const demoKeys = 200

// keys creates all keys: on some fifty days spread over the year, a few on each.
func (y *year) keys() error {
	descriptions := demoDescriptions(y.dice, demoKeys)
	const days = 47
	for day := range days {
		y.now = y.end.AddDate(-1, 0, 0).Add(time.Duration(day+1) * 364 * 24 * time.Hour / days).Add(time.Duration(y.dice.IntN(9*3600))*time.Second - 10*time.Hour)
		author := demoAda
		switch n := y.dice.IntN(10); {
		case n < 4:
			author = demoTomas
		case n < 6 && day < days/2:
			author = demoJun
		}
		session, err := y.signIn(author)
		if err != nil {
			return err
		}
		for range keysOnDay(len(descriptions)) {
			y.now = y.now.Add(time.Duration(1+y.dice.IntN(40)) * time.Minute)
			form := keyporter.KeyForm{Description: descriptions[0], Write: y.dice.IntN(3) == 0, Once: y.porter.Once(session, y.porter.NewNonce(session))}
			descriptions = descriptions[1:]
			_, token, err := y.porter.CreateKey(y.ctx, session.Actor(demoOrigin), y.sub, keyporter.IntegrationKey, form)
			if err != nil {
				return err
			}
			y.used = append(y.used, usedKey{token, y.now, form.Write})
		}
		if day == days*2/3 {
			if err := y.removeJun(); err != nil {
				return err
			}
		}
	}
	return nil
}

// keysOnDay is how many of the keys that are left are made on one day: at the end one, so that the list begins with
// different days.
func keysOnDay(left int) int {
	if left > 8 {
		return min(5, left-8)
	}
	return min(1, left)
}

// changes leaves what a year leaves in an audit log: edits, a deletion, somebody refused, an invitation that waits.
func (y *year) changes() error {
	y.now = y.end.Add(-5 * time.Hour)
	ada, err := y.signIn(demoAda)
	if err != nil {
		return err
	}
	a := ada.Actor(demoOrigin)
	form := keyporter.KeyForm{Description: "Trial of a dashboard tool", Once: y.porter.Once(ada, y.porter.NewNonce(ada))}
	trial, _, err := y.porter.CreateKey(y.ctx, ada.Actor(demoOrigin), y.sub, keyporter.IntegrationKey, form)
	if err != nil {
		return err
	}
	if err := y.porter.EditKey(y.ctx, a, y.sub, trial.ID.String(), "Trial of a dashboard tool (ended)", false); err != nil {
		return err
	}
	y.now = y.now.Add(40 * time.Minute)
	if err := y.porter.DeleteKey(y.ctx, a, y.sub, keyporter.IntegrationKey, trial.ID.String(), ""); err != nil {
		return err
	}
	if _, err := y.porter.AddMember(y.ctx, a, y.sub, keyporter.Member{Name: "Lea Baumann", Email: "lea@example.com", Role: keyporter.Admin, KeyAccess: true}); err != nil {
		return err
	}
	noor, err := y.signIn(demoNoor)
	if err != nil {
		return err
	}
	y.porter.SwitchFeature(y.ctx, noor.Actor(demoOrigin), y.sub, false) // who is refused leaves a line
	return nil
}

// uses lets most keys be used at the gate: a third today, a third within the month, some long ago, some never.
func (y *year) uses() error {
	for n, key := range y.used {
		var ago time.Duration
		switch y.dice.IntN(10) {
		case 0, 1:
			if n < len(y.used)-3 {
				continue
			}
			ago = 3 * time.Minute
		case 2, 3, 4:
			ago = time.Duration(1+y.dice.IntN(23*60)) * time.Minute
		case 5, 6, 7:
			ago = time.Duration(24+y.dice.IntN(28*24)) * time.Hour
		default:
			ago = time.Duration(30+y.dice.IntN(200)) * 24 * time.Hour
		}
		y.now = y.end.Add(-ago)
		if y.now.Before(key.created) {
			y.now = key.created.Add(y.end.Sub(key.created) / 2)
		}
		call := keyporter.Call{Method: "GET", Path: "/", Address: fmt.Sprintf("198.51.100.%d", 1+y.dice.IntN(30))}
		call.IntegrationKey = []string{key.token.Reveal()}
		if v := y.porter.Judge(y.ctx, call); !v.OK() {
			return fmt.Errorf("the gate refused a key of the demo: %s", v.Code)
		}
	}
	return y.busy(y.used[len(y.used)-1].token)
}

// busy gives one key what its page draws: ninety days of use, with a few requests refused because they write.
func (y *year) busy(token token.Token) error {
	for hours := 90 * 24; hours >= 0; hours-- {
		y.now = y.end.Add(-time.Duration(hours)*time.Hour - 3*time.Minute)
		if night := y.now.Hour() < 5; night {
			continue
		}
		for range 1 + y.dice.IntN(12) {
			call := keyporter.Call{Method: "GET", Path: "/", Address: "198.51.100.17", Agent: "warehouse-export/4.2"}
			if y.dice.IntN(40) == 0 {
				call.Method = "POST"
			}
			call.IntegrationKey = []string{token.Reveal()}
			y.porter.Judge(y.ctx, call)
		}
	}
	return y.porter.FlushUses(y.ctx)
}

// feedbackKeys gives some users keys of their own, of which some are used.
func (y *year) feedbackKeys() error {
	for i, own := range []struct{ email, description string }{
		{demoMei, "Ideas board"}, {demoAda, "Votes in the weekly digest"}, {demoTomas, "Feedback inbox, support team"}, {demoAda, "Roadmap page"},
	} {
		y.now = y.end.AddDate(0, -4+i, -i)
		session, err := y.signIn(own.email)
		if err != nil {
			return err
		}
		form := keyporter.KeyForm{Description: own.description, Once: y.porter.Once(session, y.porter.NewNonce(session))}
		_, token, err := y.porter.CreateKey(y.ctx, session.Actor(demoOrigin), y.sub, keyporter.FeedbackKey, form)
		if err != nil {
			return err
		}
		if i == 1 {
			continue
		}
		y.now = y.end.Add(-time.Duration(i*i) * 5 * time.Hour)
		call := keyporter.Call{Method: "GET", Address: "198.51.100.40"}
		call.AuthToken = []string{token.Reveal()}
		if v := y.porter.VerifyFeedback(y.ctx, call); !v.OK() {
			return fmt.Errorf("a Feedback API key of the demo is refused: %s", v.Code)
		}
	}
	return y.porter.FlushUses(y.ctx)
}

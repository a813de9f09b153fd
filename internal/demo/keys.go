package demo

import (
	"fmt"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// A createdKey is a key with its token, which is needed until the demo is filled.
type createdKey struct {
	token   token.Token
	created time.Time
	write   bool
}

const (
	keyCount = 200
	keyDays  = 47 // the days on which keys are created, spread over the year
)

func (f *filler) createKeys() error {
	descriptions := describeKeys(f.random, keyCount)
	for day := range keyDays {
		const each = 364 * 24 * time.Hour / keyDays
		hour := time.Duration(f.random.IntN(9*3600))*time.Second - 10*time.Hour
		f.now = f.end.AddDate(-1, 0, 0).Add(time.Duration(day+1)*each + hour)
		author := Ada
		switch n := f.random.IntN(10); {
		case n < 4:
			author = Tomas
		case n < 6 && day < keyDays/2:
			author = jun
		}
		n := keysOnDay(len(descriptions))
		if err := f.createKeysOf(author, descriptions[:n]); err != nil {
			return err
		}
		descriptions = descriptions[n:]
		if day == keyDays*2/3 {
			if err := f.removeJun(); err != nil {
				return err
			}
		}
	}
	return nil
}

// keysOnDay returns how many of the remaining keys to create on one day: a single one towards the end, so that the list
// begins with different days.
func keysOnDay(remaining int) int {
	if remaining > 8 {
		return min(5, remaining-8)
	}
	return min(1, remaining)
}

func (f *filler) createKeysOf(author string, descriptions []string) error {
	session, err := f.signIn(author)
	if err != nil {
		return err
	}
	for _, description := range descriptions {
		f.now = f.now.Add(time.Duration(1+f.random.IntN(40)) * time.Minute)
		form := keyporter.KeyForm{Description: description, Write: f.random.IntN(3) == 0, Once: f.once(session)}
		_, text, err := f.porter.CreateKey(f.ctx, session.Actor(client), f.subscription, keyporter.IntegrationKey, form)
		if err != nil {
			return err
		}
		f.keys = append(f.keys, createdKey{text, f.now, form.Write})
	}
	return nil
}

// createFeedbackKeys creates Feedback API keys of some users, and uses some of them.
func (f *filler) createFeedbackKeys() error {
	for i, key := range []struct{ email, description string }{
		{Mei, "Ideas board"},
		{Ada, "Votes in the weekly digest"},
		{Tomas, "Feedback inbox, support team"},
		{Ada, "Roadmap page"},
	} {
		f.now = f.end.AddDate(0, -4+i, -i)
		session, err := f.signIn(key.email)
		if err != nil {
			return err
		}
		form := keyporter.KeyForm{Description: key.description, Once: f.once(session)}
		_, text, err := f.porter.CreateKey(f.ctx, session.Actor(client), f.subscription, keyporter.FeedbackKey, form)
		if err != nil {
			return err
		}
		if i == 1 {
			continue
		}
		f.now = f.end.Add(-time.Duration(i*i) * 5 * time.Hour)
		call := keyporter.Call{Method: "GET", Address: "198.51.100.40"}
		call.AuthToken = []string{text.Reveal()}
		if v := f.porter.VerifyFeedback(f.ctx, call); !v.OK() {
			return fmt.Errorf("a Feedback API key of the demo is refused: %s", v.Code)
		}
	}
	return f.porter.FlushUses(f.ctx)
}

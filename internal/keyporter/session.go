package keyporter

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"keyporter/internal/token"
)

const (
	sessionIdle     = 8 * time.Hour
	sessionAbsolute = 7 * 24 * time.Hour
	sessionTouch    = time.Minute      // how old "last seen" may be, so that not every request writes
	sessionGrace    = 30 * time.Second // how long requests in flight may use a session's earlier value
	maxSessions     = 20               // of one user; a new one ends the oldest
)

// A Session is one browser in which a user is signed in.
type Session struct {
	ID      string
	User    User
	Client  ClientInfo // at sign-in
	Started time.Time
	Seen    time.Time // of its last request; updated at most once a minute

	hash, formKey []byte
	rotate        bool
}

// Stored returns the hash of the session's value, the key of its form tokens, and whether it gets a new value on the
// next request, for the store alone.
func (s Session) Stored() (hash, formKey []byte, rotate bool) { return s.hash, s.formKey, s.rotate }

// WithStored is the reverse of [Session.Stored], for the store alone.
func (s Session) WithStored(hash, formKey []byte, rotate bool) Session {
	s.hash, s.formKey, s.rotate = hash, formKey, rotate
	return s
}

type sessionRows interface {
	InsertSession(s Session) error
	// SessionByHash finds a session by its value's hash, or by its earlier value's if the end of its grace is later
	// than after and no later than until.
	SessionByHash(hash []byte, after, until time.Time) (Session, error)
	// Sessions lists a user's valid sessions, newest first.
	Sessions(userID string, valid SessionTimes) ([]Session, error)
	// KeepNewestSessions deletes a user's sessions but for the n valid ones that started last.
	KeepNewestSessions(userID string, valid SessionTimes, n int) error
	TouchSession(id string, seen time.Time) error
	// ReplaceSessionValue sets the session's value to a new one if oldHash is its value's hash, and reports whether it
	// was.
	ReplaceSessionValue(id string, oldHash, hash []byte, graceUntil time.Time) (bool, error)
	RotateSessions(userID string) error
	// DeleteSession reports whether there was such a session.
	DeleteSession(userID, id string) (bool, error)
	DeleteSessions(userID string) error
	// DeleteInvalidSessions deletes every user's sessions that are not valid.
	DeleteInvalidSessions(valid SessionTimes) error
}

// SessionTimes are the times of a valid session: last seen after SeenAfter, started after StartedAfter, and neither
// later than Until.
type SessionTimes struct{ SeenAfter, StartedAfter, Until time.Time }

func validSessions(now time.Time) SessionTimes {
	return SessionTimes{SeenAfter: now.Add(-sessionIdle), StartedAfter: now.Add(-sessionAbsolute),
		Until: now.Add(clockSkew)}
}

func (t SessionTimes) include(s Session) bool {
	return s.Seen.After(t.SeenAfter) && s.Started.After(t.StartedAfter) && !s.Seen.After(t.Until) &&
		!s.Started.After(t.Until)
}

// Actor returns the actor whom the session speaks for, in a request from o.
func (s Session) Actor(o ClientInfo) Actor {
	return Actor{UserID: s.User.ID, SessionID: s.ID, Name: s.User.Name, Email: s.User.Email, Operator: s.User.Operator,
		ClientInfo: o}
}

// FormToken returns the value that each form of the session has in a hidden field, and that each POST has to send.
func (s Session) FormToken() string { return s.seal("form") }

// IsFormToken reports whether text is the session's form token.
func (s Session) IsFormToken(text string) bool {
	return hmac.Equal([]byte(text), []byte(s.FormToken()))
}

func (s Session) seal(text string) string {
	mac := hmac.New(sha256.New, s.formKey)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// nonceLife is how long a form may stay open. A used nonce is remembered for longer, until its session has ended, so
// that it cannot be used again after it was deleted, even if the clock was wrong meanwhile.
const nonceLife = 24 * time.Hour

// NewNonce returns a value for one form of the session that creates something. It is valid once, for 24 hours.
func (p *Porter) NewNonce(s Session) string {
	text := strconv.FormatInt(p.now().UnixMilli(), 36) + "." + token.RandomText(16)
	return text + "." + s.seal("nonce "+text)
}

// A Once lets an operation be done once for each form. The zero Once is for callers without a form.
type Once struct {
	sessionID, nonce string
	stale            bool
}

// Once returns the Once of a form that was sent with this nonce. If the nonce is not the session's, or too old, the
// operation fails with [Invalid] for "nonce".
func (p *Porter) Once(s Session, nonce string) Once {
	return Once{sessionID: s.ID, nonce: nonce, stale: !p.goodNonce(s, nonce)}
}

// check adds an error if the nonce is not valid.
func (o Once) check(invalid Invalid) {
	if o.stale {
		invalid["nonce"] = "This form was open for too long, or came from another session. What you typed was kept: " +
			"send it again."
	}
}

// use reports false if the operation was done before.
func (o Once) use(tx Tx, at time.Time) (bool, error) {
	if o == (Once{}) {
		return true, nil
	}
	return tx.UseNonce(o.sessionID, o.nonce, at)
}

func (p *Porter) goodNonce(s Session, nonce string) bool {
	at := strings.LastIndexByte(nonce, '.')
	if at < 0 || !hmac.Equal([]byte(nonce[at+1:]), []byte(s.seal("nonce "+nonce[:at]))) {
		return false
	}
	stamp, _, _ := strings.Cut(nonce, ".")
	ms, err := strconv.ParseInt(stamp, 36, 64)
	age := p.now().Sub(time.UnixMilli(ms))
	return err == nil && age < nonceLife && age >= -clockSkew
}

// startSession begins a session and returns the value for its cookie. If the user has maxSessions, the oldest ends. The
// caller holds the installation's lock.
func (p *Porter) startSession(tx Tx, userID string, o ClientInfo) (token.Token, error) {
	value, hash := token.NewSecret()
	formKey := make([]byte, 32)
	rand.Read(formKey)
	now := p.now()
	if err := tx.KeepNewestSessions(userID, validSessions(now), maxSessions-1); err != nil {
		return token.Token{}, err
	}
	s := Session{ID: token.NewID(), User: User{ID: userID}, Client: o, Started: now, Seen: now, hash: hash,
		formKey: formKey}
	return value, tx.InsertSession(s)
}

// FindSession returns the session with a cookie's value. After a change of the user's rights it also returns a new
// value, which the response has to set; otherwise the zero Token. It fails with [ErrNotFound] for a value that is
// unknown, ended or expired, and for a session from the future: see clockSkew.
func (p *Porter) FindSession(ctx context.Context, value string) (Session, token.Token, error) {
	now, hash := p.now(), token.HashSecret(value)
	var s Session
	err := p.store.Read(ctx, func(tx Tx) (err error) {
		s, err = tx.SessionByHash(hash, now, now.Add(sessionGrace+clockSkew))
		return err
	})
	if err != nil {
		return s, token.Token{}, err
	}
	if !validSessions(now).include(s) {
		return s, token.Token{}, ErrNotFound
	}
	if s.rotate && bytes.Equal(s.hash, hash) {
		fresh, err := p.rotate(ctx, &s, hash, now)
		return s, fresh, err
	}
	if now.Sub(s.Seen) >= sessionTouch {
		s.Seen = now
		err := p.store.Write(ctx, func(tx Tx) error { return tx.TouchSession(s.ID, now) })
		// requests that only read work while nothing can be written
		if err != nil && !errors.Is(err, ErrUnavailable) {
			return s, token.Token{}, err
		}
	}
	return s, token.Token{}, nil
}

func (p *Porter) rotate(ctx context.Context, s *Session, old []byte, now time.Time) (token.Token, error) {
	fresh, hash := token.NewSecret()
	replaced := false
	err := p.store.Write(ctx, func(tx Tx) (err error) {
		replaced, err = tx.ReplaceSessionValue(s.ID, old, hash, now.Add(sessionGrace))
		return err
	})
	if err != nil || !replaced {
		return token.Token{}, err
	}
	s.hash, s.rotate = hash, false
	return fresh, nil
}

// EndSession ends one of the actor's own sessions. It fails with [ErrNotFound] for one that is not theirs or has ended.
func (p *Porter) EndSession(ctx context.Context, a Actor, id string) error {
	return p.store.Write(ctx, func(tx Tx) error {
		if found, err := tx.DeleteSession(a.UserID, id); err != nil {
			return err
		} else if !found {
			return ErrNotFound
		}
		action := ActionEndedSession
		if id == a.SessionID {
			action = ActionSignedOut
		}
		return tx.AppendAudit(p.accountEvent(a, action, ""))
	})
}

package console

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// A sessionStore keeps sessions in the database and nothing but an opaque value in the cookie. It implements
// [sessions.Store]. A session that is not in the database is new and empty: there is no row before a sign-in.
type sessionStore struct {
	porter *keyporter.Porter
	name   string // of the session's cookie
	suffix string // of all names of cookies
	secure bool
}

// Keys of a session's values.
const (
	sessionValue = "session" // a keyporter.Session
	tokenValue   = "token"   // a token.Token that the answer has to set
)

const sessionLife = 7 * 24 * time.Hour // the cookie's; the database decides

func newSessionStore(porter *keyporter.Porter, public *url.URL) *sessionStore {
	sum := sha256.Sum256([]byte(public.Scheme + "://" + public.Host + strings.TrimSuffix(public.Path, "/")))
	s := &sessionStore{porter: porter, suffix: hex.EncodeToString(sum[:4]), secure: public.Scheme == "https"}
	s.name = s.cookieName("session")
	return s
}

// cookieName returns the name of a cookie: by the public URL alone, never by a header. The prefix __Host- on https keeps every
// other host and every http page from planting such a cookie. The hash of the URL at the end keeps installations on one host
// apart, because cookies are sent to every port of it.
func (s *sessionStore) cookieName(name string) string {
	name = "keyporter-" + name + "-" + s.suffix
	if s.secure {
		return "__Host-" + name
	}
	return name
}

// Get returns the request's session, which is read once.
func (s *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the session that the cookie stands for. A cookie that stands for none is a visitor's, not an error.
func (s *sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	session.IsNew = true
	cookie, err := r.Cookie(name)
	if err != nil || len(cookie.Value) > 100 {
		return session, nil
	}
	found, fresh, err := s.porter.FindSession(r.Context(), cookie.Value)
	if errors.Is(err, keyporter.ErrNotFound) {
		return session, nil
	}
	if err != nil {
		return session, err
	}
	session.IsNew, session.ID = false, found.ID
	session.Values[sessionValue] = found
	if fresh.Reveal() != "" {
		session.Values[tokenValue] = fresh
	}
	return session, nil
}

// Save sets the cookie to the session's new value, or takes it away where MaxAge is negative.
func (s *sessionStore) Save(_ *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	cookie := s.cookie(s.name, "", int(sessionLife.Seconds()))
	if session.Options != nil && session.Options.MaxAge < 0 {
		cookie.MaxAge = -1
	} else if token, ok := session.Values[tokenValue].(token.Token); ok {
		cookie.Value = token.Reveal()
	} else {
		return nil
	}
	http.SetCookie(w, cookie)
	return nil
}

// cookie returns a cookie with the attributes that all of ours have.
func (s *sessionStore) cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// session returns the session of a request. Where the user's rights have changed, the answer sets its new value.
func (c *Console) session(ec echo.Context) (keyporter.Session, bool, error) {
	session, err := c.sessions.Get(ec.Request(), c.sessions.name)
	if err != nil {
		return keyporter.Session{}, false, err
	}
	if err := session.Save(ec.Request(), ec.Response()); err != nil {
		return keyporter.Session{}, false, err
	}
	found, ok := session.Values[sessionValue].(keyporter.Session)
	return found, ok, nil
}

// begin makes the answer set the value of a session that has just begun, and remembers the browser. An earlier session of this
// browser ends.
func (c *Console) begin(ec echo.Context, v visit, value token.Token) error {
	if v.signedIn() {
		err := c.porter.EndSession(ec.Request().Context(), v.actor, v.session.ID)
		if err != nil && !errors.Is(err, keyporter.ErrNotFound) { // a new password has ended it already
			return err
		}
	}
	session := sessions.NewSession(c.sessions, c.sessions.name)
	session.Values[tokenValue] = value
	if err := session.Save(ec.Request(), ec.Response()); err != nil {
		return err
	}
	c.rememberDevice(ec, value)
	return nil
}

// end makes the answer take the session's cookie away.
func (c *Console) end(ec echo.Context) error {
	session := sessions.NewSession(c.sessions, c.sessions.name)
	session.Options = &sessions.Options{MaxAge: -1}
	return session.Save(ec.Request(), ec.Response())
}

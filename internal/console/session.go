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

// A sessionStore implements [sessions.Store] over the database. The cookie holds only a random value. A session without
// a row in the database is new and empty: a visitor has none before the sign-in.
type sessionStore struct {
	porter *keyporter.Porter
	name   string // of the session cookie
	suffix string // of every cookie's name
	secure bool   // whether cookies are Secure
}

// Keys of a session's Values.
const (
	sessionValue = "session" // a keyporter.Session
	tokenValue   = "token"   // a token.Token to set in the cookie
)

// sessionLife is the lifetime of the session cookie. The session itself may end earlier in the database.
const sessionLife = 7 * 24 * time.Hour

func newSessionStore(porter *keyporter.Porter, public *url.URL) *sessionStore {
	sum := sha256.Sum256([]byte(public.Scheme + "://" + public.Host + strings.TrimSuffix(public.Path, "/")))
	s := &sessionStore{porter: porter, suffix: hex.EncodeToString(sum[:4]), secure: public.Scheme == "https"}
	s.name = s.cookieName("session")
	return s
}

// cookieName returns the full name of a cookie. It depends on the public URL alone, never on a header. With the prefix
// __Host-, other hosts and pages over http cannot set the cookie. The suffix, a hash of the public URL, separates
// installations on different ports of one host, because browsers send cookies to all of them.
func (s *sessionStore) cookieName(name string) string {
	name = "keyporter-" + name + "-" + s.suffix
	if s.secure {
		return "__Host-" + name
	}
	return name
}

// Get returns the request's session. It reads the session once for each request.
func (s *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the session of the cookie from the database. For an unknown cookie it returns a new session and no error.
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

// Save sets the cookie if the session has a new value, and deletes it if MaxAge is negative.
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

// cookie returns a cookie with the attributes of all cookies of the console. MaxAge is in seconds.
func (s *sessionStore) cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// session returns the session of a request, and whether there is one. If the user's rights have changed, it sets the
// cookie to a new value.
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

// beginSession sets the cookie to the value of a new session, ends the browser's earlier session, and remembers the
// browser.
func (c *Console) beginSession(ec echo.Context, r requester, value token.Token) error {
	if r.signedIn() {
		err := c.porter.EndSession(ec.Request().Context(), r.actor, r.session.ID)
		if err != nil && !errors.Is(err, keyporter.ErrNotFound) { // a changed password has ended it already
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

// deleteSessionCookie deletes the session's cookie.
func (c *Console) deleteSessionCookie(ec echo.Context) error {
	session := sessions.NewSession(c.sessions, c.sessions.name)
	session.Options = &sessions.Options{MaxAge: -1}
	return session.Save(ec.Request(), ec.Response())
}

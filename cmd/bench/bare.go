package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"

	"github.com/labstack/echo/v4"
)

// A recorded is an answer that the bare handler gives.
type recorded struct {
	Status int
	Header http.Header
	Body   []byte
}

// recordAnswer writes an answer to a file and returns its name. It leaves out the headers that every server adds.
func recordAnswer(folder string, answer *http.Response) (string, error) {
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	s := recorded{Status: answer.StatusCode, Header: answer.Header, Body: body}
	for _, name := range []string{"Date", "Content-Length"} {
		s.Header.Del(name)
	}
	file, err := os.CreateTemp(folder, "answer-*.json")
	if err != nil {
		return "", err
	}
	defer file.Close()
	return file.Name(), json.NewEncoder(file).Encode(s)
}

// serveBare serves an Echo handler that always gives the recorded answer, to compare the gate with.
func serveBare(file string) {
	text, err := os.ReadFile(file)
	var s recorded
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		panic(err)
	}
	e := echo.New()
	e.Any("/gate", func(c echo.Context) error {
		h := c.Response().Header()
		for name, values := range s.Header {
			if name != echo.HeaderContentType {
				h.Set(name, values[0])
			}
		}
		if len(s.Body) == 0 {
			return c.NoContent(s.Status)
		}
		return c.Blob(s.Status, s.Header.Get(echo.HeaderContentType), s.Body)
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	slog.New(slog.NewTextHandler(os.Stderr, nil)).Info("serving", "address", l.Addr().String())
	http.Serve(l, e)
}

package console

import "strings"

// A product is what a User-Agent names by the mark that it contains.
type product struct{ mark, name string }

// Browsers name other browsers in their User-Agent, so the first match of these lists counts.
var (
	browsers = []product{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
		{"curl/", "curl"},
	}
	systems = []product{
		{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"CrOS", "ChromeOS"},
		{"Mac OS X", "macOS"}, {"Linux", "Linux"},
	}
)

// deviceName describes the browser of a User-Agent, such as "Firefox on Linux". An unknown User-Agent is returned as it
// is.
func deviceName(userAgent string) string {
	browser, system := firstMatch(userAgent, browsers), firstMatch(userAgent, systems)
	switch {
	case userAgent == "":
		return "Unknown browser"
	case browser == "":
		return userAgent
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func firstMatch(userAgent string, products []product) string {
	for _, p := range products {
		if strings.Contains(userAgent, p.mark) {
			return p.name
		}
	}
	return ""
}

package gate

import (
	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// titles are the titles of refusals with a verdict, one for each code. A refusal that has no verdict, such as 404, 405
// or a damaged body, is answered with [Gate.problem]: its title is its status's text, and its sentence is in the file
// that answers it (gate.go, verify.go, exclude.go, match.go, events.go).
var titles = map[keyporter.Code]string{
	keyporter.ProxyUntrusted:      "The gate does not judge for this sender",
	keyporter.KeyMissing:          "No key",
	keyporter.KeyAmbiguous:        "More than one key",
	keyporter.KeyWrongKind:        "Another kind of key",
	keyporter.KeyInvalid:          "Not a valid key",
	keyporter.Unavailable:         "The key cannot be checked",
	keyporter.KeyDisabled:         "The key is disabled",
	keyporter.KeyExpired:          "The key has expired",
	keyporter.FeatureDisabled:     "Integration Keys are off",
	keyporter.AddressNotAllowed:   "The key may not be used from here",
	keyporter.WriteAccessRequired: "The key can only read",
	keyporter.ApplicationUnknown:  "No such application",
	keyporter.BlacklistInvalid:    "Not a value of blacklist",
}

// detail returns the sentence of a refusal with a verdict: what is wrong, and what to do about it. It depends on the
// case alone, never on the request.
func detail(v keyporter.Verdict) string {
	feedback := v.Wanted == keyporter.FeedbackKey
	switch v.Code {
	case keyporter.ProxyUntrusted:
		return "The gate does not judge for this sender. Its log says what to set."
	case keyporter.KeyMissing:
		if feedback {
			return "Send a Feedback API key in the header auth-token, X-Integration-Key, X-Pendo-Integration-Key, or " +
				"Authorization: Bearer."
		}
		return "Send an integration key in the header X-Integration-Key, X-Pendo-Integration-Key, or " +
			"Authorization: Bearer."
	case keyporter.KeyAmbiguous:
		return "Send the key once, in one header."
	case keyporter.KeyWrongKind:
		return wrongKind(feedback, v.Presented)
	case keyporter.KeyInvalid:
		if feedback {
			return "This is not a valid Feedback API key. It may be mistyped or deleted, or have ended with its " +
				"user; a lost key cannot be shown again, so create a new one."
		}
		return "This is not a valid integration key. It may be mistyped or deleted; a lost key cannot be shown " +
			"again, so create a new one."
	case keyporter.Unavailable:
		return "The key cannot be checked just now. Try again in a moment."
	case keyporter.KeyDisabled:
		return "This key is disabled. Someone with integration key access can enable it on the key's page."
	case keyporter.KeyExpired:
		return "This key has expired. Use a new key, or ask someone with integration key access to move its end."
	case keyporter.FeatureDisabled:
		return "Integration Keys are off for this subscription. A Subscription admin can switch them on under " +
			"Settings, Integrations."
	case keyporter.AddressNotAllowed:
		return "This key may be used from certain addresses alone, and the address of this request is none of them, " +
			"or is not known. Someone with integration key access can allow it on the key's page."
	case keyporter.WriteAccessRequired:
		return "This key can only read. Create a key with write access for requests that change something."
	case keyporter.ApplicationUnknown:
		return unknownApplication(v.Reason)
	case keyporter.BlacklistInvalid:
		return "blacklist takes one of apply, ignore and only."
	}
	return ""
}

// wrongKind says which kind was presented, and where a key of the right one is created.
func wrongKind(feedback bool, presented token.Kind) string {
	is := "This is an integration key."
	switch presented {
	case token.Application:
		is = "This is an application key, which belongs in an install snippet."
	case token.Feedback:
		is = "This is a Feedback API key."
	}
	if feedback {
		return is + " The Feedback API takes a Feedback API key, which every member makes for themselves under " +
			"Settings, Integrations, Feedback API keys."
	}
	return is + " The API takes an integration key, made under Settings, Integrations, Integration Keys."
}

func unknownApplication(why keyporter.Reason) string {
	switch why {
	case keyporter.AppIDMalformed:
		return "appId takes application IDs: positive integers below 2^53, separated by commas, 1,000 at most."
	case keyporter.ExpandMalformed:
		return "expand takes * alone, for all applications."
	case keyporter.AppIDAndExpand:
		return "Name applications with appId, or all with expand=*, and not both."
	}
	return "The subscription of this key has no such application."
}

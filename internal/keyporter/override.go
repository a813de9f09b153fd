package keyporter

import (
	"strings"

	"keyporter/internal/token"
)

// overrideParameter is the name of the query parameter that some frameworks take as the request's method.
const overrideParameter = "_method"

// overriddenInQuery reports whether a query, as it was sent, has a parameter that some framework takes for
// [overrideParameter]: decoded, with either separator, whatever its case.
func overriddenInQuery(query string) bool {
	for query != "" {
		name := query
		if end := strings.IndexAny(query, "&;"); end >= 0 {
			name, query = query[:end], query[end+1:]
		} else {
			query = ""
		}
		name, _, _ = strings.Cut(name, "=")
		if namesMethod(name) {
			return true
		}
	}
	return false
}

// namesMethod reads a name as leniently as the most lenient framework. PHP drops leading spaces, takes a dot for an
// underscore, and ends a name at NUL or at a bracket.
func namesMethod(name string) bool {
	if name, settled := token.DecodePercent(name); settled {
		name = strings.TrimLeft(name, " +")
		if end := strings.IndexAny(name, "[\x00"); end >= 0 {
			name = name[:end]
		}
		return len(name) == len(overrideParameter) && (name[0] == '_' || name[0] == '.') &&
			strings.EqualFold(name[1:], overrideParameter[1:])
	}
	return true // a name of this kind is never part of a request that only reads
}

package docs

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestAPI checks the page that the console shows: it names the console's own address, and links to nothing that only
// the repository has.
func TestAPI(t *testing.T) {
	html, err := API("https://keys.example.com")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(html, "https://keys.example.com/api/v1/token/verify") || strings.Contains(html, standardURL) {
		t.Error("the page does not name the console's address alone")
	}
	for _, m := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if link := m[1]; !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "#") {
			t.Errorf("the page links to %s, which the console does not serve", link)
		}
	}
}

// TestSecurityPromises checks that each promise of docs/security.md names a test that holds it; TestNames checks that
// those tests exist.
func TestSecurityPromises(t *testing.T) {
	named := regexp.MustCompile("`[a-z]+\\.Test\\w+`")
	promises := 0
	for _, line := range strings.Split(readDocuments(t)["docs/security.md"].source, "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| promise ") || strings.HasPrefix(line, "| ---") {
			continue
		}
		promises++
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) != 4 || !named.MatchString(cells[3]) {
			t.Errorf("there is no test in the fourth column of: %.120s", line)
		}
	}
	if promises < 20 {
		t.Errorf("only %d promises were found", promises)
	}
}

// TestIndex checks that docs/README.md links to each document below docs, and README.md to the index.
func TestIndex(t *testing.T) {
	all := readDocuments(t)
	for path := range all {
		name, below := strings.CutPrefix(path, "docs/")
		if below && name != "README.md" && !slices.Contains(all["docs/README.md"].links, name) {
			t.Errorf("the index does not link to %s", path)
		}
	}
	if !slices.Contains(all["README.md"].links, "docs/README.md") {
		t.Error("README.md does not link to the index")
	}
}

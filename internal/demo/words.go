package demo

import (
	"fmt"
	"math/rand/v2"
)

var (
	programs = []string{
		"Warehouse export", "Salesforce sync", "Slack digest", "Zendesk sidebar", "Marketo audience", "Status page",
		"Looker extract", "Tableau refresh", "Jira release notes", "Segment relay", "HubSpot sync", "Notebook",
		"Support dashboard", "Release checklist", "Usage billing", "Onboarding funnel", "Backfill", "Data catalogue",
	}
	details = []string{
		"production", "staging", "EU region", "US region", "analytics cluster", "nightly", "weekly", "one-off",
		"second account", "load test", "partner portal",
	}

	// lastDescriptions are those of the newest keys, which the documents' pictures show.
	lastDescriptions = []string{
		"Zapier trial",
		"تصدير التقارير الشهرية",
		"Data science notebooks: churn model, quarterly refresh and the ad-hoc questions that come after it",
		"Выгрузка для отдела продаж",
		"Salesforce sync, production",
		"Nightly warehouse export",
	}
)

// describeKeys returns n descriptions of keys, the oldest key's first.
func describeKeys(random *rand.Rand, n int) []string {
	var all []string
	for len(all) < n-len(lastDescriptions) {
		text := fmt.Sprintf("%s, %s", programs[random.IntN(len(programs))], details[random.IntN(len(details))])
		if random.IntN(6) == 0 {
			text += fmt.Sprintf(" (%d)", 2+random.IntN(3))
		}
		all = append(all, text)
	}
	return append(all, lastDescriptions...)
}

package main

import (
	"fmt"
	"math/rand/v2"
)

// demoDescriptions returns n descriptions as people write them: the oldest first, the last few as in the pictures.
func demoDescriptions(dice *rand.Rand, n int) []string {
	last := []string{
		"Zapier trial",
		"تصدير التقارير الشهرية",
		"Data science notebooks: churn model, quarterly refresh and the ad-hoc questions that come after it",
		"Выгрузка для отдела продаж",
		"Salesforce sync, production",
		"Nightly warehouse export",
	}
	programs := []string{"Warehouse export", "Salesforce sync", "Slack digest", "Zendesk sidebar", "Marketo audience", "Status page", "Looker extract", "Tableau refresh", "Jira release notes", "Segment relay", "HubSpot sync", "Notebook", "Support dashboard", "Release checklist", "Usage billing", "Onboarding funnel", "Backfill", "Data catalogue"}
	places := []string{"production", "staging", "EU region", "US region", "analytics cluster", "nightly", "weekly", "one-off", "second account", "load test", "partner portal"}
	var all []string
	for i := 0; len(all) < n-len(last); i++ {
		text := fmt.Sprintf("%s, %s", programs[dice.IntN(len(programs))], places[dice.IntN(len(places))])
		if dice.IntN(6) == 0 {
			text += fmt.Sprintf(" (%d)", 2+dice.IntN(3))
		}
		all = append(all, text)
	}
	return append(all, last...)
}

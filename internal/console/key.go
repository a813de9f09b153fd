package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (k keyPages) keys(ec echo.Context, r requester) error {
	query := searchQuery(ec)
	if token.MayContain(query) { // proxies and servers log URLs
		return k.redirectWithFlash(ec, k.path(r)+"?q="+keyIDIn(query), flashTokenInSearch)
	}
	pos, err := position(ec)
	if err != nil {
		return err
	}
	status := ec.QueryParam("status")
	filter := keyporter.KeyFilter{Text: query, Status: k.chosenStatus(status)}
	ctx, actor, subscription := r.operationArgs(ec)
	list, err := k.porter.Keys(ctx, actor, subscription, k.kind, filter, pos)
	if err != nil {
		return err
	}
	view := page.KeysView{
		Kind: k.words, Settings: r.settings(), OperatorContact: k.porter.OperatorContact(),
		Query: query, Searched: query != "" || filter.Status != keyporter.AnyStatus,
		Newer: pageHref(ec, list.Newer), Older: pageHref(ec, list.Older),
	}
	if filter.Status != keyporter.AnyStatus {
		view.Status = status
	}
	view.Total = keyCount(list.Total, view.Searched)
	if list.Deleted != nil {
		row := deletedRow(*list.Deleted)
		view.Deleted = &row
	}
	if err := k.setState(ec, r, &view); err != nil {
		return err
	}
	hasDuplicate := duplicates(list.Rows, func(k keyporter.Key) string { return k.Description })
	for i, key := range list.Rows {
		view.Rows = append(view.Rows, keyRow(key))
		view.Rows[i].Duplicate = hasDuplicate[i]
	}
	frame := k.frame(ec, r, k.words.Title, r.crumbs(r.integrationsCrumb())...)
	return k.render(ec, http.StatusOK, page.Keys(frame, view))
}

// setState sets whether keys work, and who can change that. Feedback API keys always work.
func (k keyPages) setState(ec echo.Context, r requester, view *page.KeysView) (err error) {
	if k.words.Personal {
		view.State, view.CanCreate = string(keyporter.FeatureOn), true
		return nil
	}
	feature := r.Subscription.Feature()
	view.State, view.CanSwitch, view.CanCreate = string(feature), r.Member.Administers(), feature == keyporter.FeatureOn
	if !view.CanCreate {
		view.Admins, err = k.porter.SubscriptionAdmins(r.operationArgs(ec))
	}
	return err
}

func keyRow(k keyporter.Key) page.KeyRow {
	return page.KeyRow{
		ID: k.ID.String(), Description: k.Description, Write: k.Write, Created: k.Created, CreatedBy: creator(k),
		LastUsed: k.LastUsed, LastAddress: k.LastAddress, Used: !k.LastUsed.IsZero(), Status: keyStatus(k),
	}
}

// keyStatus returns the status that pages show. A Feedback API key has no state and no end.
func keyStatus(k keyporter.Key) string {
	switch {
	case k.Kind == keyporter.IntegrationKey:
		return string(k.Status)
	case k.LastUsed.IsZero():
		return string(keyporter.StatusNeverUsed)
	}
	return string(keyporter.StatusActive)
}

func (c *Console) keyPage(ec echo.Context, r requester) error {
	ctx, actor, subscription := r.operationArgs(ec)
	key, usage, err := c.porter.KeyUsage(ctx, actor, subscription, keyporter.IntegrationKey, ec.Param("key"))
	if err != nil {
		return err
	}
	clients, err := c.porter.KeyClients(ctx, actor, subscription, ec.Param("key"))
	if err != nil {
		return err
	}
	view := page.KeyView{
		Settings: r.settings(), ID: key.ID.String(), Description: key.Description,
		State: string(r.Subscription.Feature()), Status: keyStatus(key), Write: key.Write,
		Created: key.Created, CreatedBy: creator(key),
		LastUsed: key.LastUsed, LastAddress: key.LastAddress, LastAgent: key.LastAgent,
		Ends: key.Ends.Time(), EndIsFinal: !c.porter.CanChangeEnd(key), Contact: key.Contact, Note: key.Note,
		Addresses: key.Addresses.List(), AddressVersion: key.AddressVersion(),
		LeftOut:  addressTexts(key.Addresses.LeftOut(c.porter.RecentAddresses(clients.Admitted))),
		Disabled: key.Disabled.Time(), DisabledBy: userName(key.Disabler), DisabledReason: key.DisabledReason,
		Hours: usageCounts(usage.Hours), Days: usageCounts(usage.Days),
	}
	setClients(&view, clients, key.Addresses)
	frame := c.frame(ec, r, key.Description, r.crumbs(r.integrationsCrumb(), r.keysCrumb())...)
	return c.render(ec, http.StatusOK, page.Key(frame, view))
}

func keyUse(k keyporter.Key, u keyporter.Usage) page.KeyUse {
	use := page.KeyUse{
		Created: k.Created, LastUsed: k.LastUsed, LastAddress: k.LastAddress, UsedLastDay: useCount(u.LastDay),
	}
	if u.LastDay == 0 && k.Kind == keyporter.IntegrationKey { // those of Feedback API keys are not counted
		use.UsedLastDay = "0 times"
	}
	return use
}

func usageCounts(all []keyporter.Count) []page.UsageCount {
	views := make([]page.UsageCount, len(all))
	for i, c := range all {
		views[i] = page.UsageCount{At: c.At, Admitted: c.Admitted, Refused: c.Refused}
	}
	return views
}

func (k keyPages) newKeyForm(ec echo.Context, r requester) error {
	ctx, actor, subscription := r.operationArgs(ec)
	if err := k.porter.CheckMayCreate(ctx, actor, subscription, k.kind); err != nil {
		return err
	}
	return k.newKeyPage(ec, r, http.StatusOK, page.NewKeyView{})
}

// newKeyPage shows the form with a new nonce, so that it creates one key however often it is sent.
func (k keyPages) newKeyPage(ec echo.Context, r requester, status int, view page.NewKeyView) error {
	view.Kind, view.Settings, view.Subscription = k.words, r.settings(), r.Subscription.Name
	view.Nonce = k.porter.NewNonce(r.session)
	view.End.Longest = r.Subscription.KeyPolicy.LongestLife
	view.KnowsMine = !k.words.Personal && k.options.ClientAddress(ec.Request()).IsValid()
	view.WriteNeedsAddresses = r.Subscription.KeyPolicy.WriteNeedsAddresses
	if status == http.StatusOK && view.End.Choice == "" {
		view.End.Choice = view.End.Default()
	}
	return k.render(ec, status, page.NewKey(k.subpageFrame(ec, r, k.words.Add), view))
}

// sentKey returns the form for a new key as it was sent, to be shown again.
func sentKey(ec echo.Context) page.NewKeyView {
	return page.NewKeyView{
		Description: cleanText(field(ec, "description")), WriteAccess: field(ec, "write_access") == "on",
		End: endFields(ec), Addresses: cleanText(field(ec, "allowed_addresses")),
		Contact: cleanText(field(ec, "contact")), Note: cleanText(field(ec, "note")),
	}
}

// createKey answers with the page that shows the token and not with a redirect, so that the token need not be stored
// between two requests.
func (k keyPages) createKey(ec echo.Context, r requester) error {
	view := sentKey(ec)
	if field(ec, "add") == "mine" && !k.words.Personal { // it creates nothing
		view.Addresses = k.withMyAddress(ec, view.Addresses)
		return k.newKeyPage(ec, r, http.StatusOK, view)
	}
	form := keyporter.KeyForm{
		Description: field(ec, "description"), Write: view.WriteAccess, End: endForm(view.End),
		Addresses: field(ec, "allowed_addresses"),
		Contact:   field(ec, "contact"), Note: field(ec, "note"), Once: k.porter.Once(r.session, field(ec, "nonce")),
	}
	ctx, actor, subscription := r.operationArgs(ec)
	key, minted, err := k.porter.CreateKey(ctx, actor, subscription, k.kind, form)
	if errs := fieldErrors(err); errs != nil {
		view.Errors = errs
		return k.newKeyPage(ec, r, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	k.setRevealCookie(ec)
	created := page.KeyCreatedView{
		Kind: k.words, Settings: r.settings(), ID: key.ID.String(), Description: key.Description,
		Token: minted.Reveal(), Write: key.Write, Ends: key.Ends.Time(),
		Curl:     `curl -H "` + k.header + `: $KEY" ` + k.options.PublicURL.String() + k.verify,
		DocsHref: apiDocPath,
	}
	return k.render(ec, http.StatusCreated, page.KeyCreated(k.subpageFrame(ec, r, "Your new "+k.words.One), created))
}

func (c *Console) editKeyForm(ec echo.Context, r requester) error {
	return c.editKeyPage(ec, r, http.StatusOK, func(view *page.EditKeyView) {
		view.Back = page.Back(ec.QueryParam("back"))
	})
}

func (c *Console) editKeyPage(ec echo.Context, r requester, status int, change func(*page.EditKeyView)) error {
	ctx, actor, subscription := r.operationArgs(ec)
	key, err := c.porter.Key(ctx, actor, subscription, keyporter.IntegrationKey, ec.Param("key"))
	if err != nil {
		return err
	}
	view := page.EditKeyView{
		Settings: r.settings(), ID: key.ID.String(), Description: key.Description, Saved: key.Description,
		Version: key.TextVersion(), Contact: key.Contact, Note: key.Note, Write: key.Write,
	}
	change(&view)
	frame := c.frame(ec, r, "Edit integration key", r.crumbs(r.integrationsCrumb(), r.keysCrumb())...)
	return c.render(ec, status, page.EditKey(frame, view))
}

func (c *Console) editKey(ec echo.Context, r requester) error {
	changes := keyporter.KeyChanges{
		Description: field(ec, "description"), Contact: field(ec, "contact"), Note: field(ec, "note"),
		Lower: field(ec, "lower") == "on", Shown: field(ec, "shown"),
	}
	back := page.Back(field(ec, "back"))
	ctx, actor, subscription := r.operationArgs(ec)
	err := c.porter.EditKey(ctx, actor, subscription, ec.Param("key"), changes)
	if errs := fieldErrors(err); errs != nil {
		return c.editKeyPage(ec, r, http.StatusUnprocessableEntity, func(view *page.EditKeyView) {
			view.Description, view.Contact = cleanText(changes.Description), cleanText(changes.Contact)
			view.Note, view.Lower, view.Back, view.Errors = cleanText(changes.Note), changes.Lower, back, errs
		})
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, back.Path(r.settings(), ec.Param("key")), flashSaved)
}

func (k keyPages) deleteKeyForm(ec echo.Context, r requester) error {
	return k.deleteKeyPage(ec, r, http.StatusOK, "", nil)
}

func (k keyPages) deleteKeyPage(ec echo.Context, r requester, status int, typed string, errs part.Errors) error {
	ctx, actor, subscription := r.operationArgs(ec)
	key, usage, err := k.porter.KeyUsage(ctx, actor, subscription, k.kind, ec.Param("key"))
	if err != nil {
		return err
	}
	view := page.DeleteKeyView{
		Kind: k.words, Settings: r.settings(), ID: key.ID.String(), Description: key.Description,
		KeyUse: keyUse(key, usage), Confirm: k.porter.NeedsConfirmation(key), Typed: typed, Errors: errs,
	}
	return k.render(ec, status, page.DeleteKey(k.subpageFrame(ec, r, "Delete "+k.words.One), view))
}

func (k keyPages) deleteKey(ec echo.Context, r requester) error {
	typed := field(ec, "confirm")
	ctx, actor, subscription := r.operationArgs(ec)
	err := k.porter.DeleteKey(ctx, actor, subscription, k.kind, ec.Param("key"), typed)
	if errs := fieldErrors(err); errs != nil {
		return k.deleteKeyPage(ec, r, http.StatusUnprocessableEntity, typed, errs)
	}
	if err != nil {
		return err
	}
	return k.redirectWithFlash(ec, k.path(r), flashKeyDeleted)
}

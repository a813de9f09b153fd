package store

import (
	"database/sql"
	"net/netip"
	"slices"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// clientTypes are those of the columns key_id, address, agent, first_at, last_at and requests.
var clientTypes = []string{"TEXT", "TEXT", "TEXT", "BIGINT", "BIGINT", "BIGINT"}

// A clientSet is the admitted or the refused rows of key_clients. Its condition is that of the index for them.
type clientSet struct {
	refused bool
	where   string
	insert  string // up to the list of values
	columns string // that tell the rows of one key apart
	agent   string // sets the agent of a row that exists
}

var clientSets = []*clientSet{
	{
		where: `NOT refused`, columns: `address, agent`,
		insert: `INSERT INTO key_clients (key_id, refused, address, agent, first_at, last_at, requests)
			SELECT k.id, FALSE, u.column2, u.column3, u.column4, u.column5, u.column6 FROM (VALUES `,
	},
	{
		refused: true, where: `refused`, columns: `address`,
		insert: `INSERT INTO key_clients (key_id, refused, address, agent, first_at, last_at, requests)
			SELECT k.id, TRUE, u.column2, u.column3, u.column4, u.column5, u.column6 FROM (VALUES `,
		agent: `agent = CASE WHEN excluded.last_at < key_clients.last_at THEN key_clients.agent
			ELSE excluded.agent END, `,
	},
}

// A key that is being deleted may get rows, which go with the next sweep after 14 days.
func (t *tx) AddClients(all []keyporter.ClientUse) error {
	for _, set := range clientSets {
		var rows valueRows
		var ids []string
		for i := range all {
			use := &all[i]
			if use.Refused != set.refused {
				continue
			}
			if id := use.KeyID.String(); len(ids) == 0 || ids[len(ids)-1] != id {
				ids = append(ids, id)
			}
			rows.add(use.KeyID.String(), addressText(use.Address), use.Agent, use.First.UnixMilli(),
				use.Last.UnixMilli(), use.Requests)
		}
		if err := t.addClients(set, rows); err != nil {
			return err
		}
		if err := t.dropClients(set, ids); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) addClients(set *clientSet, rows valueRows) error {
	return t.execInBatches(rows, set.insert, clientTypes, `) AS u
		JOIN integration_keys k ON k.id = u.column1 WHERE TRUE
		ON CONFLICT (key_id, `+set.columns+`) WHERE `+set.where+` DO UPDATE SET `+set.agent+`
			requests = key_clients.requests + excluded.requests,
			first_at = CASE WHEN excluded.first_at < key_clients.first_at THEN excluded.first_at
				ELSE key_clients.first_at END,
			last_at = CASE WHEN excluded.last_at > key_clients.last_at THEN excluded.last_at
				ELSE key_clients.last_at END`)
}

// dropClients deletes the clients of these keys that are more than a key may have.
func (t *tx) dropClients(set *clientSet, ids []string) error {
	for piece := range slices.Chunk(ids, usesPerStatement) {
		args := []any{keyporter.MaxClients}
		for _, id := range piece {
			args = append(args, id)
		}
		tooMany, err := queryAll(t, func(r row) (id string, err error) { return id, r.Scan(&id) },
			`SELECT key_id FROM key_clients WHERE `+set.where+` AND key_id IN (`+placeholders(2, len(args))+`)
			GROUP BY key_id HAVING count(*) > $1 ORDER BY key_id`, args...)
		if err != nil {
			return err
		}
		for _, id := range tooMany {
			err := t.exec(`DELETE FROM key_clients WHERE `+set.where+` AND key_id = $1 AND (`+set.columns+`) IN (
				SELECT `+set.columns+` FROM key_clients WHERE `+set.where+` AND key_id = $1
				ORDER BY last_at DESC, `+set.columns+` LIMIT 1000000 OFFSET $2)`, id, keyporter.MaxClients)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tx) KeyClients(id token.KeyID, refused bool, since time.Time) ([]keyporter.Client, error) {
	set := clientSets[0]
	if refused {
		set = clientSets[1]
	}
	return queryAll(t, scanClient, `SELECT address, agent, first_at, last_at, requests FROM key_clients
		WHERE `+set.where+` AND key_id = $1 AND last_at > $2 ORDER BY last_at DESC, `+set.columns+` LIMIT $3`,
		id.String(), toMS(since), keyporter.MaxClients)
}

func scanClient(r row) (keyporter.Client, error) {
	var c keyporter.Client
	var address string
	var first, last sql.NullInt64
	err := r.Scan(&address, &c.Agent, &first, &last, &c.Requests)
	c.First, c.Last = fromMS(first), fromMS(last)
	c.Address, _ = netip.ParseAddr(address) // that of an older version may be any text
	return c, err
}

// addressText returns "" for the zero address.
func addressText(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return address.String()
}

func (t *tx) DeleteClients(admitted, refused, until time.Time, rows int) (bool, error) {
	more := false
	for i, before := range []time.Time{admitted, refused} {
		set := clientSets[i]
		columns := `key_id, ` + set.columns
		n, err := t.execRows(`DELETE FROM key_clients WHERE `+set.where+` AND (`+columns+`) IN (
			SELECT `+columns+` FROM key_clients WHERE `+set.where+` AND (last_at <= $1 OR last_at > $2) LIMIT $3)`,
			toMS(before), toMS(until), rows)
		if err != nil {
			return false, err
		}
		more = more || n == int64(rows)
	}
	return more, nil
}

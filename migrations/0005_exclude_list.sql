-- +goose Up
-- 0004 is in Go: internal/store/migrate.go.

CREATE TABLE exclude_entries (
    id              TEXT PRIMARY KEY,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    kind            TEXT NOT NULL CHECK (kind IN ('server', 'remoteIp', 'visitorId', 'accountId')),
    pattern         TEXT NOT NULL,
    search_text     TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    created_by      TEXT NOT NULL REFERENCES users (id),
    UNIQUE (subscription_id, kind, pattern)
);
CREATE INDEX exclude_entries_newest ON exclude_entries (subscription_id, kind, created_at, id);

-- The version of a subscription's list: another random text with each change. A process that has read the list of this
-- version once need not read it again.
CREATE TABLE exclude_lists (
    subscription_id TEXT PRIMARY KEY REFERENCES subscriptions (id) ON DELETE CASCADE,
    version         TEXT NOT NULL
);

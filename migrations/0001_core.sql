-- +goose Up

-- One row, which a transaction updates first when a rule of the whole installation depends on many rows.
CREATE TABLE installation (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    guard BIGINT NOT NULL
);
INSERT INTO installation (id, guard) VALUES (1, 0);

-- All times are Unix milliseconds.
CREATE TABLE users (
    id                   TEXT PRIMARY KEY,
    name                 TEXT NOT NULL,
    email                TEXT NOT NULL,
    email_folded         TEXT NOT NULL UNIQUE,
    password_hash        TEXT NOT NULL,
    operator             BOOLEAN NOT NULL,
    created_at           BIGINT NOT NULL,
    failed_sign_ins      BIGINT NOT NULL,
    last_failed_at       BIGINT,
    last_subscription_id TEXT
);

CREATE TABLE sessions (
    id             TEXT PRIMARY KEY,
    user_id        TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash           BYTEA NOT NULL UNIQUE,
    previous_hash  BYTEA UNIQUE,
    previous_until BIGINT,
    form_key       BYTEA NOT NULL,
    rotate         BOOLEAN NOT NULL,
    address        TEXT NOT NULL,
    agent          TEXT NOT NULL,
    started_at     BIGINT NOT NULL,
    seen_at        BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, started_at);
CREATE INDEX sessions_by_seen ON sessions (seen_at);

CREATE TABLE sign_in_limits (
    scope      BYTEA PRIMARY KEY,
    tries      BIGINT NOT NULL,
    next_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sign_in_limits_weakest ON sign_in_limits (tries, expires_at);

CREATE TABLE one_time_links (
    hash       BYTEA PRIMARY KEY,
    purpose    TEXT NOT NULL,
    subject    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX one_time_links_by_subject ON one_time_links (purpose, subject);

CREATE TABLE subscriptions (
    id                TEXT PRIMARY KEY,
    name              TEXT NOT NULL,
    created_at        BIGINT NOT NULL,
    feature_available BOOLEAN NOT NULL,
    feature_on        BOOLEAN NOT NULL,
    guard             BIGINT NOT NULL,
    CHECK (feature_available OR NOT feature_on)
);
CREATE INDEX subscriptions_newest ON subscriptions (created_at, id);

CREATE TABLE members (
    id              TEXT PRIMARY KEY,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    user_id         TEXT REFERENCES users (id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    email           TEXT NOT NULL,
    email_folded    TEXT NOT NULL,
    role            TEXT NOT NULL CHECK (role IN ('subscription_admin', 'admin', 'viewer')),
    key_access      BOOLEAN NOT NULL,
    invited_at      BIGINT NOT NULL,
    joined_at       BIGINT,
    UNIQUE (subscription_id, email_folded),
    UNIQUE (subscription_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id, subscription_id);

CREATE TABLE integration_keys (
    id                TEXT PRIMARY KEY,
    subscription_id   TEXT NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    description       TEXT NOT NULL,
    search_text       TEXT NOT NULL,
    write_access      BOOLEAN NOT NULL,
    hash_name         TEXT NOT NULL,
    hash              BYTEA NOT NULL,
    created_at        BIGINT NOT NULL,
    created_by        TEXT NOT NULL REFERENCES users (id),
    last_used_at      BIGINT,
    last_used_address TEXT
);
-- The search text stands in the indexes, so that a search reads no row that it does not show.
CREATE INDEX integration_keys_newest ON integration_keys (subscription_id, created_at, id, search_text);
CREATE INDEX integration_keys_never_used ON integration_keys (subscription_id, created_at, id, search_text) WHERE last_used_at IS NULL;
CREATE INDEX integration_keys_used ON integration_keys (subscription_id, created_at, id, search_text) WHERE last_used_at IS NOT NULL;
CREATE INDEX integration_keys_last_used ON integration_keys (subscription_id, last_used_at) WHERE last_used_at IS NOT NULL;

-- What a deleted key was. There is no hash here: nothing that is deleted can be verified.
CREATE TABLE deleted_keys (
    id              TEXT PRIMARY KEY,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    description     TEXT NOT NULL,
    write_access    BOOLEAN NOT NULL,
    created_at      BIGINT NOT NULL,
    created_by      TEXT NOT NULL REFERENCES users (id),
    deleted_at      BIGINT NOT NULL,
    deleted_by      TEXT NOT NULL REFERENCES users (id)
);
CREATE INDEX deleted_keys_newest ON deleted_keys (subscription_id, deleted_at, id);

CREATE TABLE used_nonces (
    session_id TEXT NOT NULL,
    nonce      TEXT NOT NULL,
    used_at    BIGINT NOT NULL,
    PRIMARY KEY (session_id, nonce)
);
CREATE INDEX used_nonces_by_time ON used_nonces (used_at);

CREATE TABLE audit_lines (
    id              TEXT PRIMARY KEY,
    at              BIGINT NOT NULL,
    subscription_id TEXT,
    user_id         TEXT,
    who             TEXT NOT NULL,
    action          TEXT NOT NULL,
    key_id          TEXT NOT NULL,
    detail          TEXT NOT NULL,
    address         TEXT NOT NULL,
    refused         BOOLEAN NOT NULL
);
CREATE INDEX audit_lines_of_subscription ON audit_lines (subscription_id, at, id);
CREATE INDEX audit_lines_of_account ON audit_lines (user_id, at, id) WHERE subscription_id IS NULL;

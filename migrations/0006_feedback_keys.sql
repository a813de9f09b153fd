-- +goose Up

-- Keys of single users. One ends with the membership that it was made in, and so with the user or the subscription.
CREATE TABLE feedback_keys (
    id                TEXT PRIMARY KEY,
    subscription_id   TEXT NOT NULL,
    user_id           TEXT NOT NULL,
    description       TEXT NOT NULL,
    search_text       TEXT NOT NULL,
    hash_name         TEXT NOT NULL,
    hash              BYTEA NOT NULL,
    created_at        BIGINT NOT NULL,
    last_used_at      BIGINT,
    last_used_address TEXT,
    last_used_agent   TEXT,
    FOREIGN KEY (subscription_id, user_id) REFERENCES members (subscription_id, user_id) ON DELETE CASCADE
);
CREATE INDEX feedback_keys_newest ON feedback_keys (subscription_id, user_id, created_at, id);

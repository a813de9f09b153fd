-- +goose Up

-- Browsers in which a user has signed in before: the hash of what such a browser's cookie holds for this user, and the tries since
-- the last right password.
CREATE TABLE device_cookies (
    hash    BYTEA PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tries   BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);
CREATE INDEX device_cookies_by_user ON device_cookies (user_id, used_at);

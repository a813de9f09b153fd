-- +goose Up

-- What a subscription's integration keys open. The application key is public and stands here as it is.
CREATE TABLE applications (
    id              BIGINT PRIMARY KEY,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    platform        TEXT NOT NULL CHECK (platform IN ('web', 'extension', 'ios', 'android')),
    application_key TEXT NOT NULL UNIQUE,
    created_at      BIGINT NOT NULL
);
CREATE INDEX applications_of_subscription ON applications (subscription_id, id);

-- The one that a request means which names none. Each subscription gets its first application with the next version.
ALTER TABLE subscriptions ADD COLUMN default_application_id BIGINT;

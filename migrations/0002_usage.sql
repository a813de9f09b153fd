-- +goose Up

ALTER TABLE integration_keys ADD COLUMN last_used_agent TEXT;

-- What was tried with a key since it was deleted.
ALTER TABLE deleted_keys ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deleted_keys ADD COLUMN last_attempt_at BIGINT;
ALTER TABLE deleted_keys ADD COLUMN last_attempt_address TEXT;
ALTER TABLE deleted_keys ADD COLUMN last_attempt_agent TEXT;

-- Requests by the hour that they came in, for at least 48 hours; older ones are added up by day.
CREATE TABLE key_hours (
    key_id   TEXT NOT NULL,
    hour_at  BIGINT NOT NULL,
    admitted BIGINT NOT NULL,
    refused  BIGINT NOT NULL,
    PRIMARY KEY (key_id, hour_at)
);
CREATE INDEX key_hours_by_time ON key_hours (hour_at);

-- Requests by day (UTC), for 90 days.
CREATE TABLE key_days (
    key_id   TEXT NOT NULL,
    day_at   BIGINT NOT NULL,
    admitted BIGINT NOT NULL,
    refused  BIGINT NOT NULL,
    PRIMARY KEY (key_id, day_at)
);
CREATE INDEX key_days_by_time ON key_days (day_at);

-- All of a subscription's keys together, so that "how often in the last 24 hours" needs no look at each key.
CREATE TABLE subscription_hours (
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    hour_at         BIGINT NOT NULL,
    admitted        BIGINT NOT NULL,
    refused         BIGINT NOT NULL,
    PRIMARY KEY (subscription_id, hour_at)
);
CREATE INDEX subscription_hours_by_time ON subscription_hours (hour_at);

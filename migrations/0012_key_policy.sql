-- +goose Up

-- What a subscription asks of its keys: how many days a new key may live, 0 for no limit.
ALTER TABLE subscriptions ADD COLUMN longest_key_life BIGINT NOT NULL DEFAULT 0;

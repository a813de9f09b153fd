-- +goose Up

-- Whether a key that may write has to have allowed addresses.
ALTER TABLE subscriptions ADD COLUMN write_needs_addresses BOOLEAN NOT NULL DEFAULT FALSE;

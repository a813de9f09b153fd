-- +goose Up

-- The end of a key and since when it is disabled, in Unix milliseconds; 0 for never and for not.
ALTER TABLE integration_keys ADD COLUMN ends_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE integration_keys ADD COLUMN disabled_at BIGINT NOT NULL DEFAULT 0;
-- Who disabled the key, and why. No reference, as in the audit log.
ALTER TABLE integration_keys ADD COLUMN disabled_by TEXT NOT NULL DEFAULT '';
ALTER TABLE integration_keys ADD COLUMN disabled_reason TEXT NOT NULL DEFAULT '';
-- Whom to ask about the key, and what to know about it.
ALTER TABLE integration_keys ADD COLUMN contact TEXT NOT NULL DEFAULT '';
ALTER TABLE integration_keys ADD COLUMN note TEXT NOT NULL DEFAULT '';

-- For the list's filters. Keys that end or are disabled are few among many.
CREATE INDEX integration_keys_ends ON integration_keys (subscription_id, created_at, id) WHERE ends_at > 0;
CREATE INDEX integration_keys_disabled ON integration_keys (subscription_id, created_at, id) WHERE disabled_at > 0;

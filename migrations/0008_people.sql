-- +goose Up

-- Where people reach the console, as keyporter serve was told: for commands that run without it. Empty until it has served.
ALTER TABLE installation ADD COLUMN public_url TEXT NOT NULL DEFAULT '';

-- Who invited a member, and whose invitation made an account: an account carries an address and proves nothing about it.
-- No reference, as in the audit log: what happened stays, whoever is deleted. NULL for what was before this version.
ALTER TABLE members ADD COLUMN invited_by TEXT;
ALTER TABLE users ADD COLUMN invited_by TEXT;
ALTER TABLE users ADD COLUMN invited_to TEXT;
ALTER TABLE users ADD COLUMN invited_at BIGINT;

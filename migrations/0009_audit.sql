-- +goose Up

-- Who did something is named by name and email address, because a name can be anybody's. Refused attempts of the same user,
-- action and object within an hour are one row, which counts them and keeps its first time.
ALTER TABLE audit_lines ADD COLUMN email TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_lines ADD COLUMN object TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_lines ADD COLUMN attempts BIGINT NOT NULL DEFAULT 1;
ALTER TABLE audit_lines ADD COLUMN last_at BIGINT;
ALTER TABLE audit_lines ADD COLUMN last_address TEXT NOT NULL DEFAULT '';

-- Rows of the command line have the user whom they are about, and no address: the user's email would name the wrong one.
UPDATE audit_lines SET email = (SELECT users.email FROM users WHERE users.id = audit_lines.user_id)
WHERE user_id IN (SELECT id FROM users) AND NOT (who = 'command line' AND address = '' AND subscription_id IS NULL);
UPDATE audit_lines SET object = key_id WHERE refused;

CREATE INDEX audit_lines_refused ON audit_lines (user_id, at) WHERE refused;

-- +goose Up

-- The addresses and blocks from which a key may be used, with spaces between them; empty for anywhere.
ALTER TABLE integration_keys ADD COLUMN allowed_addresses TEXT NOT NULL DEFAULT '';

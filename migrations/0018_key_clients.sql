-- +goose Up

-- Who used a key lately, and whose requests were refused because of the key's allowed addresses. An admitted client is
-- an address and a program, its User-Agent; a refused one is an address, with the last of its programs. An address that
-- is not known is ''.
CREATE TABLE key_clients (
    key_id   TEXT NOT NULL,
    refused  BOOLEAN NOT NULL,
    address  TEXT NOT NULL,
    agent    TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    requests BIGINT NOT NULL
);
CREATE UNIQUE INDEX key_clients_admitted ON key_clients (key_id, address, agent) WHERE NOT refused;
CREATE UNIQUE INDEX key_clients_refused ON key_clients (key_id, address) WHERE refused;
CREATE INDEX key_clients_admitted_by_time ON key_clients (last_at) WHERE NOT refused;
CREATE INDEX key_clients_refused_by_time ON key_clients (last_at) WHERE refused;

-- The last uses of 14 days, which are known already.
INSERT INTO key_clients (key_id, refused, address, agent, first_at, last_at, requests)
SELECT id, FALSE, CASE last_used_address WHEN 'unknown' THEN '' ELSE last_used_address END,
    coalesce(last_used_agent, ''), last_used_at, last_used_at, 1
FROM integration_keys
WHERE last_used_address IS NOT NULL
    AND last_used_at > (SELECT max(last_used_at) FROM integration_keys) - 1209600000;

# Targets are described behind two hashes: `make help` prints them.
GO      ?= go
COMMIT  := $(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)
RELEASE := $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
LDFLAGS := -s -w -X main.release=$(RELEASE) -X main.commit=$(COMMIT)
# The race detector checks all code but SQLite's, which is translated from C: docs/decisions/testing.md.
RACE    := -race -gcflags=modernc.org/sqlite/lib=-race=false
AXE     := .cache/axe/node_modules/axe-core/axe.min.js
AXE_VERSION := 4.14.1

.PHONY: help build run demo test test-quick test-needs postgres-needs bench generate clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

build: ## build the one static binary, bin/keyporter
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/keyporter ./cmd/keyporter

run: build ## build and serve at http://localhost:8080 with data/keyporter.db
	exec bin/keyporter serve

demo: build ## serve a database of its own, filled as after a year of use, and an example API behind nginx and the gate
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/ ./docs/examples/product ./docs/examples/demo
	exec bin/demo bin/keyporter bin/product

test: test-needs ## run every test; installs what they need (Debian's chromium, npm, gcc, nginx, caddy, postgresql, pgbouncer) when missing
	$(GO) vet ./...
	PATH="$$PATH:/usr/sbin" $(GO) run ./internal/storetest/withpostgres $(GO) test -parallel 4 $(RACE) -vet=off -shuffle=on -timeout 20m ./...

test-quick: ## run the tests that need no browser, nginx, Caddy or PostgreSQL
	@echo 'on SQLite alone, without browser, nginx and Caddy: make test runs all'
	KEYPORTER_TEST_POSTGRES=off $(GO) test -short ./...

test-needs: $(AXE)
	@command -v chromium >/dev/null || $(MAKE) --no-print-directory install-chromium
	@command -v cc >/dev/null || $(MAKE) --no-print-directory install-gcc
	@PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || $(MAKE) --no-print-directory install-nginx-light
	@command -v caddy >/dev/null || $(MAKE) --no-print-directory install-caddy
	@$(MAKE) --no-print-directory postgres-needs

postgres-needs:
	@PATH="$$PATH:$$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)" command -v initdb >/dev/null || $(MAKE) --no-print-directory install-postgresql
	@PATH="$$PATH:/usr/sbin" command -v pgbouncer >/dev/null || $(MAKE) --no-print-directory install-pgbouncer

$(AXE):
	@command -v npm >/dev/null || $(MAKE) --no-print-directory install-npm
	mkdir -p .cache/axe
	npm install --prefix .cache/axe --no-save --no-audit --no-fund --ignore-scripts axe-core@$(AXE_VERSION)

# Installs one Debian package, or says which one is missing.
install-%:
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $* $(if $(filter gcc,$*),libc6-dev); \
	else \
		echo 'missing: install the package $*, as in: sudo apt-get install $* $(if $(filter gcc,$*),libc6-dev)' >&2; exit 1; \
	fi

bench: postgres-needs ## measure speed and size, as ratios of runs side by side
	PATH="$$PATH:/usr/sbin" $(GO) run ./internal/storetest/withpostgres $(GO) run ./cmd/bench

generate: ## write the Go code of the templ files
	$(GO) tool templ generate

clean: ## remove what was built; databases stay
	rm -rf bin .cache

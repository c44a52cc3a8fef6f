# Everything a person does with a checkout. `make` alone explains it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PORT ?= 8000
VAR := $(abspath $(or $(SOPR_VAR),var))
BIN := $(CURDIR)/.venv/bin
export SOPR_VAR := $(VAR)
export PYTHONUNBUFFERED := 1

# Keys made once beside the data are used when the environment names none.
KEYS := $(VAR)/secret_key $(VAR)/audit_key
KEYED := SOPR_SECRET_KEY="$${SOPR_SECRET_KEY:-$$(cat $(VAR)/secret_key)}" \
	SOPR_AUDIT_KEY="$${SOPR_AUDIT_KEY:-$$(cat $(VAR)/audit_key)}"
MANAGE := $(KEYED) $(BIN)/python manage.py

.PHONY: help
help: ## this list
	@echo "make <target>, with PORT=, SOPR_VAR=, DATABASE_URL=, REDIS_URL=, SOPR_REGION= where they matter:"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 12

.PHONY: setup
setup: ## system libraries, virtual environment, pinned requirements; quick when nothing is missing
	@.ci/setup

$(KEYS):
	@mkdir -p $(@D) && umask 077 && $(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))' > $@

.PHONY: free-port
free-port:
	@[[ "$(PORT)" =~ ^[0-9]+$$ ]] || { echo "PORT=$(PORT) is no port number" >&2; exit 1; }
	@if (exec 3<>/dev/tcp/127.0.0.1/$(PORT)) 2>/dev/null; then \
		echo "Port $(PORT) is busy. Choose another: make demo PORT=$$(($(PORT) + 1))" >&2; exit 1; fi

.PHONY: demo
demo: export SOPR_HTTPS := 0
demo: export SOPR_DEBUG := 0
demo: free-port setup $(KEYS) ## set-up, a seeded region, then web + worker + beat on http://127.0.0.1:$PORT; Ctrl+C stops
	@echo "Preparing the database and static files in $(VAR)"
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) collectstatic --no-input --verbosity 0
	@$(MANAGE) seed_demo
	@echo "Starting on http://127.0.0.1:$(PORT)"
	@$(KEYED) PATH="$(BIN):$$PATH" exec honcho start --port $(PORT)

.PHONY: test
test: ## the whole test suite, on SQLite or on DATABASE_URL and REDIS_URL; ARGS= goes to pytest
	@.ci/setup test
	@if command -v chromium >/dev/null; then $(BIN)/pytest $(ARGS); else \
		$(BIN)/pytest -m "not browser" $(ARGS); \
		echo "LEFT OUT: the tests marked «browser», for want of Chromium. To run them: sudo apt-get install -y chromium chromium-l10n"; \
	fi

.PHONY: check
check: export SOPR_SECRET_KEY := check
check: export SOPR_AUDIT_KEY := check
check: export DATABASE_URL := sqlite://:memory:
check: setup ## linters of code and templates, direction of imports, system checks, missing migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/lint-imports
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run

comma := ,
SIZES ?= 1000,10000,100000
.PHONY: bench
bench: export SOPR_VAR := $(VAR)/bench
bench: setup $(KEYS) ## times on generated registers of SIZES=1000,10000,100000 families: reports, search and lists, import
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) collectstatic --no-input --verbosity 0
	@$(MANAGE) bench_reports --sizes $(SIZES)
	@$(MANAGE) bench_outputs
	@$(MANAGE) bench_families --sizes $(SIZES)
	@$(MANAGE) bench_import --families $(lastword $(subst $(comma), ,$(SIZES)))

.PHONY: backup
backup: setup $(KEYS) ## database and files into one archive in var/backups; safe while the product runs
	@$(MANAGE) backup

.PHONY: restore
restore: setup $(KEYS) ## FILE=<archive of make backup>: put it in place of the data there is; stop the product first
	@test -n "$(FILE)" || { echo "Name the archive: make restore FILE=$(VAR)/backups/....tar" >&2; exit 1; }
	@$(MANAGE) restore "$(FILE)"

.PHONY: clean
clean: ## remove the virtual environment and caches; the data in var/ stays
	rm -rf .venv .ruff_cache .pytest_cache .hypothesis .import_linter_cache $(VAR)/staticfiles $(VAR)/test
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Everything a contributor or the continuous integration runs. `make` alone lists it.
PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
LANGUAGES := de fr es ar ja
CATALOGS := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
export DEBUG ?= true

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

demo: ready ## Import, compose and send a campaign here, then serve the admin (ONCE=1 stops after the ledger)
	$(MANAGE) demo $(if $(ONCE),--once)

run: export MAILBOX_DIR ?= .data/mailbox
run: export MAILERS ?= main=smtp://127.0.0.1:1025?tls=none
run: ready ## Web, cluster and mail catcher for development, on http://127.0.0.1:8000
	$(MANAGE) migrate
	@trap 'kill $$(jobs -p) 2>/dev/null; wait' EXIT INT TERM; \
	$(MANAGE) catch_mail & $(MANAGE) qcluster & $(MANAGE) runserver

# Tests that run at the same time have each a database of their own. What asks no database runs on the first pass only.
PYTEST := $(BIN)/python -m pytest -n $(or $(JOBS),logical) --maxprocesses 4 --dist loadgroup

test: ready ## The whole suite on SQLite, then again on PostgreSQL with Redis and a browser (JOBS=2)
	$(PYTEST) -m "not browser and not services and not alone"
	$(BIN)/python -m tests.services -- $(PYTEST) -m "not once and not alone"
	$(BIN)/python -m tests.services -- $(BIN)/python -m pytest -m alone

lint: ready ## Style, types, layers, templates, migrations and production settings
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	find templates -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +
	$(MANAGE) makemigrations --check --dry-run
	set -a; . config/build.env; $(MANAGE) check --deploy --fail-level WARNING

bench: ready ## Measure against plain Django (ONLY=merge,send ROUNDS=5 MESSAGES=2000 READERS=1000000)
	$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(MESSAGES),--messages $(MESSAGES)) $(if $(READERS),--readers $(READERS))

torture: ready ## Kill clusters while a campaign is sent, and count every mail (KILLS=20 PEOPLE=20000 ROUNDS=1 SEED=)
	@$(BIN)/python -m tests.torture $(if $(KILLS),--kills $(KILLS)) $(if $(PEOPLE),--people $(PEOPLE)) \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED))

messages: ready ## Collect translatable messages into locale/ (needs GNU gettext)
	$(MANAGE) makemessages $(addprefix -l ,$(LANGUAGES)) --add-location file --no-wrap --ignore .venv --ignore tests

check: lint test ## What the continuous integration runs

clean: ## Remove everything that was made here, rows and mails included
	rm -rf .venv .data .demo *.egg-info $(CATALOGS)

ready: .venv/ready $(CATALOGS)

.venv/ready: pyproject.toml config/constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c config/constraints.txt -e '.[dev]'
	@touch $@

%.mo: %.po .venv/ready
	@$(BIN)/pybabel --quiet compile -i $< -o $@

.PHONY: help demo run test lint bench torture messages check clean ready
.DEFAULT_GOAL := help

# `make help` lists the targets. ARGS= is passed on: make demo ARGS="--port 8080"
PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo run test lint format bench lock

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup: $(STAMP) ## set up .venv with everything pinned; costs nothing when nothing changed

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "moocfeed needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## a sample course, collected and served on SQLite
	$(BIN)/moocfeed demo $(ARGS)

run: $(STAMP) ## a real course: migrate, serve and collect (see courses/)
	$(BIN)/moocfeed serve $(ARGS)

test: $(STAMP) ## all tests
	$(BIN)/python -m pytest $(ARGS)

lint: $(STAMP) ## ruff, mypy, import-linter
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## format and sort
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## benchmarks beside their peers
	$(BIN)/python -m benchmarks $(ARGS)

lock: $(STAMP) ## renew the locks after a change in pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--extra dev --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock

# Every target works as the first command in a fresh clone.

.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# What was compiled once is kept: half of what a first test costs is compiling.
unexport PYTHONDONTWRITEBYTECODE
TESTS ?= tests

.PHONY: help setup run text console stop test lint types mypy pyright compiled imports unit bench soak gates tier pictures contracts operations lock clean

help: ## Show this
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## Install what is needed into .venv (by uv if it is there, else by pip)

$(STAMP): requirements.lock pyproject.toml
	@echo "Installing what is needed into $(VENV): a minute or two, once."
	@if command -v uv >/dev/null; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock; \
	else \
	  $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes \
	    -r requirements.lock; \
	fi
	@if command -v uv >/dev/null; then \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	    --no-build-isolation -e .; \
	fi
	@touch $@

run: setup ## Start everything on this machine; Ctrl-C stops it
	@$(BIN)/parley up

text: setup ## Be the phone, in a second terminal
	@$(BIN)/parley text

console: setup ## Print a link that signs you into the console
	@$(BIN)/parley sign-in

stop: setup ## Stop what `make run` started
	@$(BIN)/python -m deploy.local.stop

test: setup ## Everything that must be good before a commit
	@$(MAKE) --no-print-directory -j 2 -O pyright mypy compiled imports lint
	@$(MAKE) --no-print-directory unit

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: mypy pyright

mypy: setup
	@$(BIN)/mypy

pyright: setup
	@$(BIN)/pyright

# Four workers that import the same for the first time would compile it four times.
compiled: setup
	@$(BIN)/python -m pytest $(TESTS) --collect-only -q > /dev/null || true

imports: setup
	@$(BIN)/lint-imports --no-cache

unit: setup
	@$(BIN)/python -m pytest $(TESTS) -n 4 --dist loadscope --no-loadscope-reorder -q -m "not soak"

bench: setup ## Measure throughput, latency and CPU
	@$(BIN)/python -m deploy.bench

soak: setup ## Long fault tests
	@$(BIN)/python -m pytest tests -q -m soak --timeout 3600

gates: setup ## Measure the safety gates and the opt-outs, class by class
	@$(BIN)/python -m tests.gates.report

tier: setup ## Train the tier of the safety gates on the phrases, and set its limits
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-tier.lock
	@$(BIN)/python -m tests.gates.beginnings && $(BIN)/python -m tests.gates.train

operations: setup ## Write the users of NATS, manifests, alarms and dashboard anew
	@$(BIN)/python -m deploy.operations

pictures: setup ## Live through a day and take pictures of every page of the console
	@$(BIN)/python -m tests.pages.screenshots screenshots

contracts: setup ## Write the JSON Schemas and the AsyncAPI document anew
	@$(BIN)/python -m deploy.contracts

lock: setup ## Resolve the requirements anew
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
	  --group dev --python-version 3.11 pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
	  --group tier --python-version 3.11 -o requirements-tier.lock

clean: ## Remove what was installed and cached, never the state
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

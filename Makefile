# `make demo` and `make test` need python3 (3.11 or newer) with venv, and make; they install the rest into .venv-demo
# and .venv. PYTHON=python3.12 make test takes another interpreter.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
export PYTHON

BIN := .venv/bin
CHECKED := src tests $(wildcard benchmarks)
DEMO := src/nordocr/demo/nordic-report.tif

.PHONY: help
help: ## What can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: ## Read the bundled scan with the bundled model (no torch)
	@.ci/environment demo
	@mkdir -p out/demo
	@echo '$$ nordocr process $(DEMO)'
	@.venv-demo/bin/nordocr process $(DEMO)
	@.venv-demo/bin/nordocr process $(DEMO) --format json --output out/demo
	@echo
	@echo 'The same with boxes, words and confidences: out/demo/$(basename $(notdir $(DEMO))).json'

.PHONY: test
test: install ## Everything that must hold: lint, types, imports, tests
	@$(MAKE) lint
	@echo '== pytest'
	@PYTHONWARNDEFAULTENCODING=1 PYTHONWARNINGS=ignore::EncodingWarning $(BIN)/python -m pytest $(ARGS)

.PHONY: install
install: ## The environment for working on nordocr: .venv
	@.ci/system-packages
	@.ci/environment test

.PHONY: lint
lint: install ## ruff, mypy and import-linter
	@echo '== ruff'
	@$(BIN)/python -m ruff check --quiet --output-format concise $(CHECKED)
	@$(BIN)/python -m ruff format --quiet --check $(CHECKED) || \
		{ echo 'Not formatted (make format mends it):'; $(BIN)/python -m ruff format --check $(CHECKED); exit 1; }
	@echo '== mypy'
	@$(BIN)/python -m mypy
	@echo '== import-linter'
	@$(BIN)/lint-imports --no-logo

.PHONY: format
format: install ## Format the code and mend what ruff can mend
	@$(BIN)/python -m ruff check --quiet --fix $(CHECKED) || true
	@$(BIN)/python -m ruff format --quiet $(CHECKED)

.PHONY: clean
clean: ## Remove both environments, caches and everything that was made
	rm -rf .venv .venv-demo out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf src/nordocr.egg-info

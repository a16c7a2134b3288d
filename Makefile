# `make demo` and `make test` need make and python3 (3.11 or newer) with venv. They install everything else, into
# .venv-demo and .venv. PYTHON=python3.12 make test takes another interpreter, WORKERS=0 make test one process,
# make test ARGS='tests/contracts -x' a part of the tests.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
export PYTHON

# Test files run in parallel, each whole in one process, because fixtures of a file are expensive. Every process computes
# on one core.
WORKERS ?= auto
export OMP_NUM_THREADS ?= 1

BIN := .venv/bin
PYTEST := PYTHONWARNDEFAULTENCODING=1 PYTHONWARNINGS=ignore::EncodingWarning $(BIN)/python -m pytest \
	--numprocesses $(WORKERS) --maxprocesses 4 --dist loadfile
CHECKED := src tests $(wildcard benchmarks fuzz)
DEMO := src/nordocr/demo/nordic-report.tif

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

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
test: install ## Run every check: lint, types, imports, tests
	@$(MAKE) lint
	@echo '== pytest'
	@$(PYTEST) $(ARGS)

.PHONY: test-fast
test-fast: install ## Run ruff and the tests that are not slow (the aim: under 60 s on two cores)
	@echo '== ruff'
	@$(BIN)/python -m ruff check --quiet --output-format concise $(CHECKED)
	@echo '== pytest, without the slow tests'
	@$(PYTEST) -m 'not slow' $(ARGS)

.PHONY: install
install: ## Make or renew the development environment, .venv
	@.ci/system-packages
	@.ci/environment test

.PHONY: lint
lint: install ## Run ruff, mypy and import-linter
	@echo '== ruff'
	@$(BIN)/python -m ruff check --quiet --output-format concise $(CHECKED)
	@$(BIN)/python -m ruff format --quiet --check $(CHECKED) || \
		{ echo 'Not formatted (make format does it):'; $(BIN)/python -m ruff format --check $(CHECKED); exit 1; }
	@echo '== mypy'
	@$(BIN)/python -m mypy
	@echo '== import-linter'
	@$(BIN)/lint-imports --no-logo

.PHONY: format
format: install ## Format the code and fix what ruff can fix
	@$(BIN)/python -m ruff check --quiet --fix $(CHECKED) || true
	@$(BIN)/python -m ruff format --quiet $(CHECKED)

FUZZ_SECONDS ?= 60

.PHONY: fuzz
fuzz: install ## Fuzz each parser for a minute (FUZZ_SECONDS, ARGS='TARGET...')
	@$(BIN)/python fuzz/run.py --seconds $(FUZZ_SECONDS) $(ARGS)

.PHONY: docs
docs: install ## Build the documentation as a site: out/site/index.html
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo out/site/index.html

.PHONY: hooks
hooks: install ## Run the checks on every commit (pre-commit)
	@$(BIN)/pre-commit install

.PHONY: clean
clean: ## Remove both environments, all caches and all output
	rm -rf .venv .venv-demo out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf src/nordocr.egg-info

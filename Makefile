# Two commands: `make run` and `make test`. Nothing but Python 3.11 or newer, make and git is needed.
# Variables of docs/configuration.md are taken from the environment: PORT=8000 make run

.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
SHELL := /bin/sh

# The first Python that is new enough; `make run PYTHON=/path/to/python3` chooses another one.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
BIN := .venv/bin

.PHONY: run demo test chaos check lighthouse screenshots lock clean

run: .venv/runs
	@exec $(BIN)/python wsgi.py

# Deskbell with made-up customers on three platforms, on a database that is thrown away.
demo: .venv/runs
	@exec $(BIN)/python -m simulator.demo

test: .venv/tests
	@sh tests/install.sh
	@$(BIN)/python -m pytest > .venv/in-process.log 2>&1 & in_process=$$!; \
	status=0; \
	$(BIN)/python -m pytest -n 2 --dist worksteal --confcutdir=tests/live tests/live || status=1; \
	wait $$in_process || status=1; \
	cat .venv/in-process.log; \
	exit $$status

# Faults by the hundred, with two thousand messages: docs/reliability.md. CHAOS="--seed 7 --messages 500" changes it.
chaos: .venv/tests
	@sh tests/install.sh
	@$(BIN)/python -m chaos $(CHAOS)

check: .venv/tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(MAKE) test

# Scores of the pages, for docs/performance.md. Needs npm and Chromium.
lighthouse: .venv/tests
	@$(BIN)/python bench/lighthouse.py

# The pictures of README.md, from a real server in a real browser. Needs Chromium.
screenshots: .venv/tests
	@$(BIN)/python docs/screenshots.py

# Renews the lock files. `uv` is a tool of its own, not a dependency.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header --upgrade requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header --upgrade requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache

# Stamps: touched last, so that an interrupted install is done again.
.venv/runs: requirements.txt
	@test -n "$(PYTHON)" || { echo "Deskbell needs Python 3.11 or newer, and none was found. Set PYTHON=/path/to/python3." >&2; exit 1; }
	@echo "Installing Deskbell's dependencies into .venv (once) ..."
	@"$(PYTHON)" -m venv .venv || { echo "This Python cannot make virtual environments: install its venv package (Debian: python3-venv)." >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/tests: .venv/runs requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
DEV := .venv-dev/bin
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header --quiet pyproject.toml

.PHONY: help install install-dev demo serve test test-slow lint format bench bench-large bench-quality soak requirements clean

help:  ## What can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## / — /'

install: .venv/.installed  ## The suite in .venv, with .venv/bin/predictive

install-dev: .venv-dev/.installed  ## Everything to test and measure it, in .venv-dev

.venv/.installed: requirements/demo.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 to 3.13 is needed, this is " + sys.version.split()[0]) if not (3, 11) <= sys.version_info[:2] <= (3, 13) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/demo.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv-dev/.installed: requirements/dev.txt pyproject.toml client/pyproject.toml
	$(PYTHON) -m venv .venv-dev
	$(DEV)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(DEV)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . --editable client
	@touch $@

demo: install  ## Real retail data: define, train, score, simulate, compare with what happened, serve
	$(BIN)/python -m examples.complete_journey

serve: install  ## The HTTP service on the workspace in PREDICTIVE_WORKSPACE
	$(BIN)/predictive serve

test: install-dev  ## All tests but the slow ones
	$(DEV)/python -m pytest -n 2 --dist loadfile -m "not slow"

test-slow: install-dev  ## The slow ones: kills, replays, notebooks, backups in use
	$(DEV)/python -m pytest -n 2 --dist loadfile -m slow

lint: install-dev  ## Style, types, layers, Dockerfile
	$(DEV)/ruff check .
	$(DEV)/ruff format --check .
	$(DEV)/mypy
	$(DEV)/lint-imports
	$(DEV)/hadolint Dockerfile

format: install-dev  ## Put the code in order
	$(DEV)/ruff check --fix .
	$(DEV)/ruff format .

bench: install-dev  ## Speed and memory as ratios to bare libraries; writes build/bench.json
	$(DEV)/python -m benchmarks

bench-large: install-dev  ## 10 and 100 million events, half an hour or more; writes build/bench-large.json
	$(DEV)/python -m benchmarks.large

bench-quality: install-dev  ## How good predictions are beside rules, models and AutoML; resumes where it was stopped
	$(DEV)/python -m benchmarks.quality --methods all --twins 14 --docs docs

soak: install-dev  ## A hundred rounds of killing the worker on each database; writes docs/soak.md
	$(DEV)/python -m tests.integration.soak

requirements:  ## Pin anew (needs uv)
	$(COMPILE) --extra postgres -o requirements/runtime.txt
	$(COMPILE) --extra postgres --extra demo -o requirements/demo.txt
	$(COMPILE) --all-extras -o requirements/dev.txt

clean:  ## Remove environments and what was built
	rm -rf .venv .venv-dev build

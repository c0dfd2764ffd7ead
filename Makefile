# The commands of the book. `make help` lists them.
# PYTHON names the interpreter that makes .venv: 3.11, 3.12 or 3.13; without it the first that fits is taken.
SHELL := /bin/sh
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	if $$name -c '$(FITS)' 2>/dev/null; then echo $$name; break; fi; done)
RUN := .venv/bin/python
# On two cores NumPy threads that wait for each other made small networks five times as slow.
export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help environment browser book serve test sweep versions benchmark lighthouse check format clean study lock

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*##/make \1\t/p' Makefile

environment:
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11, 3.12 or 3.13 found (python3 is: $$(python3 --version 2>&1))." >&2; \
		echo "Install one of them, or name it: make book PYTHON=/path/to/python3.12" >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 8))' || { \
		echo "$(PYTHON) can't be started or is too old: the book needs Python 3.11, 3.12 or 3.13." >&2; exit 1; }
	@$(PYTHON) code/bookbuild/environment.py

book: environment  ## execute what is stale, build the site into _build/html, check it
	@$(RUN) -m bookbuild build

serve: book  ## the same, then show it at http://127.0.0.1:8000
	@$(RUN) -m bookbuild serve

test: environment browser  ## all tests (those of the site need `make book` first), TESTS=...: some
	@$(RUN) -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(TESTS)

sweep: environment  ## PAGE=...: which claims fall on other processors and with other seeds (all pages: hours)
	@$(RUN) -m bookbuild sweep $(PAGE)

VERSIONS ?= lowest
OTHER := _build/versions/$(VERSIONS)
# Warnings of what libraries plan to change are the lock's business: old versions warn of what has long happened.
versions: environment  ## the unit tests with the versions of tests/versions: VERSIONS=lowest or colab
	@.venv/bin/uv venv --quiet --clear --python $(RUN) $(OTHER)
	@.venv/bin/uv pip install --quiet --python $(OTHER)/bin/python --constraint tests/versions/$(VERSIONS).txt \
		--editable '.[cpu]' ipython pytest hypothesis pycocotools
	@$(OTHER)/bin/python -m pytest tests/deepmedia code/deepmedia -W ignore::DeprecationWarning

benchmark: environment  ## the speed of our networks against Keras's own (a quiet machine, some minutes)
	@$(RUN) -m pytest tests/benchmarks -m benchmark -s

RUNS ?= 1
lighthouse: environment  ## how fast the built pages appear on a phone: PAGE=...: some, RUNS=5: medians (needs Node)
	@$(RUN) -m bookbuild lighthouse $(PAGE) --runs $(RUNS)

browser: environment
	@$(RUN) -m bookbuild browser

check: environment  ## format, lint, types, spelling of the source tree
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy
	@.venv/bin/typos

format: environment  ## rewrite the Python files as `make check` wants them
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

study: environment  ## NAME=...: repeat a long run and write its result, or NAME="... --compare"
	@$(RUN) -m studies $(NAME)

UPGRADES = $(if $(filter all,$(UPGRADE)),--upgrade,$(UPGRADE:%=--upgrade-package %))
lock: environment  ## requirements.txt from pyproject.toml; UPGRADE=keras (or all) takes new versions, else they stay
	@.venv/bin/uv pip compile --quiet $(UPGRADES) --universal --generate-hashes --python-version 3.11 --group dev \
		--custom-compile-command "make lock" pyproject.toml --output-file requirements.txt

clean:  ## remove all that was built, the environment too
	rm -rf _build .venv .mypy_cache .ruff_cache .pytest_cache dist

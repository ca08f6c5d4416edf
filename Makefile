# `make demo` runs the main job, `make test` passes the tests; both set up .venv first.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# For install and uninstall; see docs/operate.md.
ROOT ?=
PREFIX ?=
NODE ?=
USER_ ?=
DRY ?=
PURGE ?=
CHECK ?=

NEW_ENOUGH = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
  { echo "Outword needs Python 3.11 or newer: apt-get install python3"; exit 1; }

.PHONY: help demo install uninstall install-here test test-slow test-tools check bench clean

help:
	@echo "make demo   the whole story on this machine (ARGS=--once: ends by itself)"
	@echo "make test   the tests                make test-slow   the long ones as well"
	@echo "make install   a node of this machine, with a user and a service (DRY=1: print only)"
	@echo "make uninstall   takes that away again; keys and messages stay (PURGE=1: they go too)"
	@echo "make check  ruff and mypy            make bench       the measurements"

demo: $(VENV)/run
	@$(BIN)/relay demo $(ARGS)

install uninstall:
	@$(NEW_ENOUGH)
	@$(PYTHON) -I -B packaging/install.py $@ --root "$(ROOT)" --prefix "$(PREFIX)" --node "$(NODE)" \
	  --user "$(USER_)" --dry "$(DRY)" --purge "$(PURGE)" --check "$(CHECK)"

install-here: $(VENV)/run
	@echo "The command is $(BIN)/relay"

test: $(VENV)/test test-tools
	$(BIN)/pytest -q -n auto --dist loadfile $(ARGS)

test-slow: $(VENV)/test test-tools
	$(BIN)/pytest -q -m 'slow or not slow' $(ARGS)

# What some suites use from Debian; tests that miss it say so and are skipped.
test-tools:
	@.ci/test-tools

check: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/test
	$(BIN)/python bench/spool.py $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info

$(VENV)/bin/python:
	@$(NEW_ENOUGH)
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "The venv module is missing: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# Requirements are pinned with hashes; ours is installed from this folder without asking anywhere.
define install
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
endef

$(VENV)/run: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) ..."
	$(call install,requirements.txt)

$(VENV)/test: requirements-test.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) ..."
	$(call install,requirements-test.txt)
	@touch $(VENV)/run

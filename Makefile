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
WITH ?=

NEW_ENOUGH = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
  { echo "Outword needs Python 3.11 or newer: apt-get install python3"; exit 1; }

.PHONY: help demo install uninstall install-here test test-slow test-peers test-tools check bench bench-peers clean

help:
	@echo "make demo   the whole story on this machine (ARGS=--once: ends by itself)"
	@echo "make install-here   only the command, in .venv: no user, no service"
	@echo "make test   the tests                make test-slow   the long ones as well"
	@echo "make test-peers  posts to real servers, installed into .servers"
	@echo "make install   a node of this machine, with a user and a service (DRY=1: print only)"
	@echo "make uninstall   takes that away again; keys and messages stay (PURGE=1: they go too)"
	@echo "make check  ruff and mypy            make bench       the measurements"

demo: $(VENV)/run
	@$(BIN)/relay demo $(ARGS)

install uninstall:
	@$(NEW_ENOUGH)
	@$(PYTHON) -I -B packaging/install.py $@ --root "$(ROOT)" --prefix "$(PREFIX)" --node "$(NODE)" \
	  --user "$(USER_)" --with "$(WITH)" --dry "$(DRY)" --purge "$(PURGE)" --check "$(CHECK)"

install-here: $(VENV)/run
	@echo "The command is $(BIN)/relay"

# One worker more than cores: real nodes wait more than they compute. Bytecode is kept, whatever the
# environment says: hundreds of processes are started. What an assert that failed had in it is shown
# in the second run: to make ready for that takes each worker 15 s.
test test-slow: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/test test-tools
	@$(BIN)/pytest -q --assert=plain -n $$(( $$(nproc) + 1 )) --dist loadfile --no-loadscope-reorder $(ARGS) || { \
	  status=$$?; test $$status = 1 || exit $$status; \
	  echo "What failed, once more and alone: a machine that is busy misses deadlines."; \
	  $(BIN)/pytest -q --last-failed --last-failed-no-failures none $(ARGS); }

test-slow: $(VENV)/test test-tools
	$(BIN)/pytest -q -m 'not peers' $(ARGS)

# Posts to real servers by others; what they are made of is installed into .servers.
test-peers: $(VENV)/test test-tools
	$(BIN)/python tests/peers/install.py
	$(BIN)/pytest -q -m peers $(ARGS)

# What some suites use from Debian; tests that miss it say so and are skipped.
test-tools:
	@.ci/test-tools

check: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Beside what people would use instead; ARGS=--quick for two minutes instead of ten.
bench: $(VENV)/test bench-peers
	$(BIN)/python -m bench.accept $(ARGS)
	$(BIN)/python -m bench.relay $(ARGS)
	$(BIN)/python -m bench.spool $(ARGS)

# Postfix as Debian has it (its service is not started: policy-rc.d says so, and only for this
# moment if there was none), and mailrise with its own versions of everything, apart from ours.
POLICY := /usr/sbin/policy-rc.d
bench-peers: .venv-peers/done
	@command -v smtp-source >/dev/null || if test "$$(id -u)" = 0; then \
	  echo "Installing postfix, without starting it ..."; \
	  test -e $(POLICY) || { printf '#!/bin/sh\nexit 101\n' >$(POLICY); \
	    chmod 755 $(POLICY); trap 'rm $(POLICY)' EXIT; }; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
	    -o DPkg::Lock::Timeout=120 postfix </dev/null >/dev/null; \
	else echo "postfix is missing, and only root can install it: that part is left out"; fi

.venv-peers/done: bench/requirements-peers.txt
	@echo "Installing mailrise and py-spy into .venv-peers ..."
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

clean:
	rm -rf $(VENV) .venv-peers .servers .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info

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

# Everything a developer runs. `make run` and `make test` need Debian 12 with Python 3.11 and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONFIG ?= config/demo.toml
PIP := $(BIN)/pip --disable-pip-version-check --no-input -q

.PHONY: run test check unit bench campaign campaign-payments test-usb test-power lock clean help

help: ## list what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

run: $(VENV)/.run ## start a demo shop on http://127.0.0.1:8700
	$(BIN)/edge-hub run --config $(CONFIG)

test: check unit ## everything that must hold: style, types, layers, and all tests

check: $(VENV)/.dev ## ruff, mypy (strict), import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.dev $(VENV)/.system tests/node/node_modules
	$(BIN)/python -m pytest -q -n 3 --dist worksteal

bench: $(VENV)/.dev ## measure, as ratios to this machine's own limits
	$(BIN)/python -m benchmarks

campaign: $(VENV)/.dev $(VENV)/.system tests/node/node_modules ## the long versions of the fault tests (kill -9 a hundred times, thousands of payments, fuzzing): hours
	EDGE_HUB_CAMPAIGN=1 $(BIN)/python -m pytest -v -s -m campaign --timeout 3600

PROTOCOLS :=
campaign-payments: $(VENV)/.dev ## two thousand payments for each card terminal and wallet (or PROTOCOLS="nccc zvt-tcp"): some minutes each
	$(BIN)/python tests/e2e/payments_campaign.py $(PROTOCOLS)

test-usb: $(VENV)/.dev $(VENV)/.guest ## real USB: a printer, a typing scanner, a 7E1 scale and a HID scale in an emulated machine (a minute)
	EDGE_HUB_GUEST=$(VENV)/guest $(BIN)/python -m pytest -q -s -p no:randomly --timeout 900 tests/guest/test_usb.py

test-power: $(VENV)/.dev $(VENV)/.guest ## pull the plug of a whole machine twenty times (an emulator; about half an hour)
	EDGE_HUB_GUEST=$(VENV)/guest $(BIN)/python -m pytest -q -s -p no:randomly --timeout 7200 tests/guest/test_power.py

lock: $(VENV)/.dev ## pin the dependencies anew
	$(PIP) install pip-tools
	$(BIN)/pip-compile -q -U --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --strip-extras \
	  --allow-unsafe --extra hid --extra build -o requirements.lock pyproject.toml
	$(BIN)/pip-compile -q -U --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --strip-extras \
	  --allow-unsafe -c requirements.lock --extra hid --extra build --extra dev -o requirements-dev.lock pyproject.toml

clean: ## remove the environments and the demo shop's data
	rm -rf $(VENV) var dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV) || { apt-get update -q && apt-get install -qy python3-venv && $(PYTHON) -m venv $(VENV); }

$(VENV)/.run: $(VENV)/bin/pip requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/bin/pip requirements-dev.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.run

# What the tests need beside Python: a browser, a tracer of system calls, a compiler for the failing-disk shim, and npm (its own package or Node's).
SYSTEM_PACKAGES := chromium fonts-noto-cjk strace gcc libc6-dev iproute2 systemd udev
$(VENV)/.system: $(VENV)/bin/pip
	@missing=$$(for p in $(SYSTEM_PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); \
	command -v npm >/dev/null || missing="$$missing nodejs npm"; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $$missing; \
	  else echo "These tests need: sudo apt-get install $$missing" >&2; exit 1; fi; \
	fi
	touch $@

# Programs of others that talk to the hub in the tests.
tests/node/node_modules: tests/node/package-lock.json $(VENV)/.system
	npm ci --prefix tests/node --silent
	touch $@

# An emulated machine, for what this one's kernel may not have: a plug to pull.
GUEST_PACKAGES := qemu-system-x86 busybox-static cpio kmod e2fsprogs gcc libc6-dev
$(VENV)/.guest: $(VENV)/bin/pip
	apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $(GUEST_PACKAGES)
	touch $@

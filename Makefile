# setup: everything Lethe runs with, into .venv      serve: setup, and start it (ARGS="--port 8000")
# test:  all checks and tests (RabbitMQ and Chromium come from Debian)      check: format, lint, types, import rules
# torture: faults against a running server, and whether it kept its promises (MINUTES=30 SEED=n)
# screenshots: the console's pages as pictures, in build/screenshots
# pins:  resolve pyproject.toml into requirements/*.txt anew      clean: remove what make has made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Shows what a command says only if it fails: pip and setuptools warn of what is none of the reader's business.
QUIETLY := sh -c 'said=$$("$$@" 2>&1) || { failed=$$?; echo "$$said" >&2; exit $$failed; }' quietly
PIP := $(QUIETLY) env PIP_ROOT_USER_ACTION=ignore $(BIN)/python -m pip --quiet --disable-pip-version-check
RABBITMQ := /usr/lib/rabbitmq/bin/rabbitmq-server
CHROMIUM := /usr/bin/chromium
# Where it is set, each of the hundreds of processes that the tests start would compile all of its modules.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup serve test check torture screenshots pins clean

setup: $(VENV)/runtime.stamp

serve: setup
	@exec $(BIN)/lethe serve $(ARGS)

test: check $(RABBITMQ) $(CHROMIUM)
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

torture: $(VENV)/dev.stamp $(RABBITMQ)
	$(BIN)/python -m tests.torture.run --minutes $(or $(MINUTES),30) $(if $(SEED),--seed $(SEED))

screenshots: $(VENV)/dev.stamp $(CHROMIUM)
	$(BIN)/python -m tests.http.console.screenshots

pins: $(BIN)/python
	$(BIN)/python requirements/pin.py

clean:
	rm -rf $(VENV) build dist *.egg-info clients/python/build clients/python/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find lethe clients tests bench -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/runtime.stamp
	@echo "Installing what the checks and tests need."
	@$(PIP) install --no-deps --no-compile --requirement requirements/dev.txt
	@touch $@

$(VENV)/runtime.stamp: requirements/runtime.txt pyproject.toml clients/python/pyproject.toml | $(BIN)/python
	@echo "Installing what Lethe runs with: a minute or two."
	@$(PIP) install --no-deps --requirement requirements/runtime.txt
	@$(PIP) install --no-deps --editable . --editable clients/python
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Lethe needs Python 3.11 or newer: call make with PYTHON=/path/to/python3.11." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || bash requirements/apt-install python3-venv
	@$(QUIETLY) $(PYTHON) -m venv $(VENV) && $(PIP) install --requirement requirements/pip.txt || { rm -rf $(VENV); exit 1; }

$(RABBITMQ):
	bash requirements/apt-install rabbitmq-server

$(CHROMIUM):
	bash requirements/apt-install chromium fonts-dejavu-core

# Two commands: `make run` shows the whole product, `make test` runs every check. Both set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
APT := $(if $(filter 0,$(shell id -u)),apt-get,sudo apt-get)
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run test check cover format reader clean

run: $(VENV)/.run ## start everything and play the sample tickets
	@$(BIN)/python -m sandbox sdk || true
	@$(BIN)/flask up

test: $(VENV)/.test $(VENV)/.programs ## run every check
	@$(BIN)/python -m sandbox sdk || true
	@$(MAKE) --no-print-directory check

check:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -n 2 --dist loadscope

cover: $(VENV)/.test $(VENV)/.programs ## the tests once more, half as fast, with what they do not reach
	$(BIN)/pytest -n 2 --dist loadscope --cov --cov-report=term:skip-covered

format: $(VENV)/.test ## put the code into the project's form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

reader: ## train the reader anew (training/README.md); PUBLIC is the folder of public data sets
	@test -n "$(PUBLIC)" || { echo "Say where the public data sets are: make reader PUBLIC=/path (training/README.md)"; exit 1; }
	$(PYTHON) -m venv var/training/venv
	var/training/venv/bin/pip install -q -r requirements-training.txt -c constraints.txt
	var/training/venv/bin/python -m training.build --public $(PUBLIC)

clean: ## forget everything that was set up or run here
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage

# --- what the two commands set up ---

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(APT) update -qq && $(APT) install -y -qq python3-venv; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt constraints.txt $(VENV)/bin/python
	$(BIN)/pip install -q -r requirements.txt -c constraints.txt
	@touch $@

$(VENV)/.test: requirements.txt requirements-dev.txt constraints.txt $(VENV)/bin/python
	$(BIN)/pip install -q -r requirements-dev.txt -c constraints.txt
	@touch $@ $(VENV)/.run

# The browser and the database server that the tests use, from Debian; without apt their tests are skipped visibly.
$(VENV)/.programs: $(VENV)/bin/python
	@if command -v apt-get >/dev/null; then \
	  command -v chromium >/dev/null || missing="$$missing chromium"; \
	  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$$missing postgresql"; \
	  if [ -n "$$missing" ]; then $(APT) update -qq && DEBIAN_FRONTEND=noninteractive $(APT) install -y -qq --no-install-recommends $$missing >/dev/null; fi; \
	fi
	@touch $@

# Two commands: `make run` and `make test`. The rest serves people who change the code.

VENV := .venv
PY := $(VENV)/bin/python
# The lock files are resolved for 3.11 and later; 3.11 is what the suite runs on first.
PYTHON = $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes

.PHONY: help run test lint bench screens migration docs lock clean

help: ## Say what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1	\2/' | expand -t 18

run: $(VENV)/.installed ## Start the platform; Ctrl-C ends it
	@env -u PYTHONDONTWRITEBYTECODE $(PY) -m worker.supervise --with-parent # compiled once, so that it starts in seconds

test: $(VENV)/.installed-dev ## Lint and the whole suite, on SQLite and on PostgreSQL
	@$(PY) -m tests.support.suite

lint: $(VENV)/.installed-dev ## Style, types, import contracts, architecture tests
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports --no-logo 2>&1
	@$(PY) -m pytest -q tests/architecture

bench: $(VENV)/.installed-dev ## Measure what a call costs
	@$(PY) -m benchmarks.cost

screens: $(VENV)/.installed-dev ## Photograph every portal page
	@$(PY) -m tests.journeys.screens

migration: $(VENV)/.installed-dev ## Write what the models have and the migrations lack
	@$(PY) -m migrations.generate $(if $(message),"$(message)",)

docs: $(VENV)/.installed ## Regenerate the pages that are made from code
	@$(PY) -c 'from pathlib import Path; from kit.settings import documentation; Path("docs/settings.md").write_text(documentation())'
	@$(PY) -c 'import bootstrap; from api.openapi_files import write; write()'

lock: $(VENV)/.installed-dev ## Resolve the lock files again
	@$(COMPILE) requirements.in -o requirements.lock
	@$(COMPILE) requirements-dev.in -o requirements-dev.lock

clean: ## Remove what was installed and cached; var/ stays
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/.installed: requirements.lock | $(PY) $(VENV)/bin/tableport
	@echo "tableport: installing from requirements.lock"
	@$(PIP) -r requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock tests/openapi/package-lock.json tests/interop/package-lock.json | $(PY) $(VENV)/bin/tableport
	@echo "tableport: installing from requirements-dev.lock"
	@$(PIP) -r requirements-dev.lock
	@for name in openapi interop; do \
		mkdir -p $(VENV)/$$name && cp tests/$$name/package*.json $(VENV)/$$name && PATH="$(CURDIR)/$(VENV)/bin:$$PATH" \
			npm ci --silent --no-audit --no-fund --ignore-scripts --prefix $(VENV)/$$name || exit 1; \
	done
	@touch $@ $(VENV)/.installed

# The client's command for this checkout. Nothing is built, because the platform is no distribution.
$(VENV)/bin/tableport: | $(PY)
	@printf '%s\n' '#!$(CURDIR)/$(PY)' 'import sys' 'sys.path.insert(0, "$(CURDIR)")' \
		'from tableport.main import main' 'sys.exit(main())' > $@
	@chmod +x $@

$(PY):
	@test -n "$(PYTHON)" || { echo "tableport: Python 3.11 or newer is needed (make PYTHON=/path/to/python3)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); $(PYTHON) -m virtualenv -q $(VENV) 2>/dev/null; } \
		|| uv venv --quiet --seed --python $(PYTHON) $(VENV) 2>/dev/null \
		|| { rm -rf $(VENV); echo "tableport: $(PYTHON) cannot create environments: install the package python3-venv"; exit 1; }

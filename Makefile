# The chores of smpolicy; `make help` lists them.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check

# A command may be a stub, too new, or lack venv as Debian's may; so each is tried, complete ones first.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for module in ensurepip sys; do for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c "import $$module; $(SUPPORTED)" 2>/dev/null && echo $$name && exit; done; done)

# A person's own settings must not send the packages elsewhere than to .venv.
export PIP_USER := 0
unexport PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test format answers fit bench bench-slack bench-teams bench-store bench-trust bench-processes bench-scale crash screenshot lock upgrade clean

help: ## List these chores.
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-16s %s\n", $$1, $$2}' Makefile

run: $(VENV)/runtime $(VENV)/installed ## Start the bot with the local page; options: make run ARGS="--port 8081".
	@exec $(BIN)/smpolicy serve --local $(ARGS)

test: $(VENV)/dev $(VENV)/installed ## Set up what the tests need, and run everything that is checked.
	@$(BIN)/python -m tests.setup.node
	@$(BIN)/python -m tests.setup.browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest --numprocesses auto --dist worksteal

format: $(VENV)/dev ## Lay the code out as the tests expect it, and mend what ruff can mend.
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

answers: $(VENV)/dev $(VENV)/installed ## Measure how well questions are answered, and what that hangs on.
	@$(BIN)/python -m tests.answers $(ARGS)

fit: $(VENV)/dev $(VENV)/installed ## Fit the search to the ways of asking, after a change to asks.yaml or policy.md.
	@$(BIN)/python -m tests.fit $(ARGS)

bench: $(VENV)/dev $(VENV)/installed ## Measure how fast the bot answers.
	@$(BIN)/python -m tests.bench $(ARGS)

bench-slack: $(VENV)/dev $(VENV)/installed ## Measure how fast it answers in Slack, beside a bare bolt.
	@$(BIN)/python -m tests.bench_slack $(ARGS)

bench-teams: $(VENV)/dev $(VENV)/installed ## Measure how fast it answers in Teams, beside a stock CloudAdapter.
	@$(BIN)/python -m tests.bench_teams $(ARGS)

bench-store: $(VENV)/dev $(VENV)/installed ## Measure how fast the embedded store is, beside SQLite and TinyDB's own.
	@$(BIN)/python -m tests.bench_store $(ARGS)

bench-trust: $(VENV)/dev $(VENV)/installed ## Measure what a trust of many schools costs one process.
	@$(BIN)/python -m tests.bench_trust $(ARGS)

bench-processes: $(VENV)/dev $(VENV)/installed ## Measure what 1, 2 and 4 processes handle on one PostgreSQL.
	@$(BIN)/python -m tests.bench_processes $(ARGS)

bench-scale: $(VENV)/dev $(VENV)/installed ## Measure what a school costs PostgreSQL, and Monday 09:00 in a hundred.
	@$(BIN)/python -m tests.bench_scale $(ARGS)

crash: $(VENV)/dev $(VENV)/installed ## Kill the program 200 times on each store, and compare the books.
	@$(BIN)/python -m tests.crash $(ARGS)

screenshot: $(VENV)/dev $(VENV)/installed ## Take the README's picture of the local page.
	@$(BIN)/python -m tests.setup.browser
	@$(BIN)/python -m tests.screenshot $(ARGS)

lock: $(VENV)/dev ## Lock what pyproject.toml and package.json ask for, keeping versions that still fit.
	@$(BIN)/python -m tests.setup.lock

upgrade: $(VENV)/dev ## Lock the newest versions that pyproject.toml and package.json allow.
	@$(BIN)/python -m tests.setup.lock --upgrade

clean: ## Remove what was installed and cached; the bot's data stays.
	rm -rf $(VENV) build *.egg-info tests/*/node_modules .*_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/created:
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 found: install one, or name it with make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) tests/setup/environment.py $(VENV)
	@touch $@

$(VENV)/runtime: requirements.lock | $(VENV)/created
	@echo "Installing what the bot needs"
	@$(PIP) --require-hashes --requirement requirements.lock
	@touch $@

$(VENV)/dev: requirements-dev.lock | $(VENV)/runtime
	@echo "Installing what the tests need"
	@$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@

$(VENV)/installed: pyproject.toml | $(VENV)/runtime
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

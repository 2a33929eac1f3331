# The first two targets are the README's two commands; each makes what it needs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ROOM   ?= *
# Tests run in a process a core, at most four: the tests of a file stay together, as they share what is costly to make.
PYTEST := $(BIN)/python -m pytest --numprocesses=logical --maxprocesses=4 --dist=loadfile

.PHONY: demo test test-all check bench browser editor vscode clean

demo: $(VENV)/.demo            ## install what the tour needs, then run it
	$(BIN)/learnsys tour

test: $(VENV)/.dev browser editor ## the default test suite
	$(PYTEST)

test-all: $(VENV)/.dev browser editor vscode ## every test, the slow ones too
	HYPOTHESIS_PROFILE=search $(PYTEST) -m ""

check: $(VENV)/.dev            ## format, lint, types, import rule
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev            ## make bench [ROOM=convex] [ARGS=--quick]
	@mkdir -p bench/results
	@missed=0; for script in bench/$(ROOM)/[!_]*.py; do \
	  name=$$(echo $$script | sed 's|bench/||; s|/|-|g; s|\.py$$||'); \
	  echo "== $$script"; $(BIN)/python $$script $(ARGS) --json bench/results/$$name.json || missed=1; \
	done; exit $$missed

# The report is tested in a real browser: Chromium from the system, else from its package, else Playwright's.
browser: $(VENV)/.dev
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	  || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get -qq update && apt-get -qq install -y chromium >/dev/null; } \
	  || $(BIN)/playwright install chromium

# Code completion is tested in a real Neovim where there is one: from the system, else from its package where that may be installed.
editor:
	@command -v nvim >/dev/null \
	  || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get -qq update && apt-get -qq install -y neovim >/dev/null; } \
	  || echo "no Neovim: its test is left out"

# The extension for VS Code is type-checked and tested by node, where there is one.
vscode:
	@command -v npm >/dev/null || { echo "no npm: the tests of editors/vscode are left out"; exit 0; }; \
	  cd editors/vscode && npm install --silent --no-audit --no-fund && npm test --silent

$(VENV)/.python:
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: pyproject.toml | $(VENV)/.python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/.python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.demo

clean:                         ## remove the environment and all caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

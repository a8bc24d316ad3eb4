# Every target can be called first: it makes the environment .venv with what it needs, and again only after
# pyproject.toml or constraints.txt changed. pip's own settings (index, wheels at hand, cache) are used as they are.

# .venv is made with the first of these that is new enough. To choose: make test PYTHON=/path/to/python
PYTHON ?= python3 python3.13 python3.12 python3.11

VENV := .venv
BIN := $(VENV)/bin
# Twice quiet: errors only, without a warning for each wheel folder of the user's that lacks a package.
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt
REQUIREMENTS := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test lint docs audit lock benchmark screenshots clean

help:  ## Show this list
	@echo "dedup finds the same news story across languages. Targets, none of which needs another one first:"
	@sed -n 's/^\([a-z]*\):.*  ## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

demo: $(VENV)/.installed  ## Group the example articles and show what was found
	@$(BIN)/dedup demo

test: lint  ## Check style and types, run all tests
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist worksteal

lint: $(VENV)/.installed-dev  ## Check style and types only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

docs: $(VENV)/.installed-dev  ## Build the documentation as a site, into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs --quiet build --strict
	@echo "Open site/index.html"

audit: $(VENV)/.installed-dev  ## Ask the index whether weaknesses are known of what the lock names
	@$(BIN)/python -m scripts.audit

lock: $(VENV)/.installed-dev  ## Pin what development installs, with hashes, in requirements/dev.lock
	@$(BIN)/python -m scripts.lock

benchmark: $(VENV)/.installed-benchmarks  ## Measure quality beside other tools and write it into README.md
	$(BIN)/python -m benchmarks.quality --output benchmarks/results/quality.json --readme README.md

screenshots: $(VENV)/.installed-dev  ## Take pictures of the report for docs/report.md (needs Chromium)
	$(BIN)/python -m scripts.screenshots

clean:  ## Remove .venv and everything else that is made, never a file of yours
	rm -rf $(VENV) build dist site .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# pip is quiet, so say what takes the minutes.
$(VENV)/.installed: $(VENV)/.created $(REQUIREMENTS)
	@echo "Installing dedup into $(VENV) (some minutes the first time)"
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.created $(REQUIREMENTS)
	@echo "Installing dedup with its development tools into $(VENV) (some minutes the first time)"
	@$(INSTALL) --editable '.[dev]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-benchmarks: $(VENV)/.created $(REQUIREMENTS)
	@echo "Installing dedup with the tools that it is measured beside into $(VENV) (some minutes the first time)"
	@$(INSTALL) --editable '.[benchmarks]'
	@touch $@ $(VENV)/.installed

# An environment that is there already, of whatever making, is used as it is.
$(VENV)/.created:
	@for python in $(BIN)/python $(PYTHON); do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && found=$$python && break; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "dedup needs Python 3.11 or newer, and none of these is it: $(PYTHON)." >&2; \
	  echo "Install one and name it: make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; exit 1; \
	fi; \
	if [ "$$found" != $(BIN)/python ] && ! $$found -m venv $(VENV); then \
	  echo "$$found cannot make an environment; on Debian and Ubuntu install the package python3-venv." >&2; exit 1; \
	fi
	@touch $@

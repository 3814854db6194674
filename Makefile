# The verbs of the project. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
SITE := $(VENV)/.installed
TOOLS := $(VENV)/.installed-tools

.PHONY: help tools run stack secrets test check lint format types migrations clean machine

help: ## List the verbs
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

run: machine $(SITE) ## Start the site (PORT, HOST, DATA_DIR and the variables of docs/deployment.md)
	@exec $(BIN)/python -m exoplanet_site.serve

stack: machine $(TOOLS) ## Start what compose.yaml has, without containers (STACK_PORT, STACK_DIR)
	@exec $(BIN)/python -m exoplanet_site.stack

secrets: $(SITE) ## Make the keys and passwords that compose.yaml asks for, in secrets/
	@$(BIN)/python -m exoplanet_site.keys secrets

tools: machine $(TOOLS) ## Make the virtual environment with all that tests and checks need

test: machine $(TOOLS) ## Run the tests (ARGS="-k name" to choose)
	@exec $(BIN)/python -m pytest $(ARGS)

check: lint types migrations ## Everything that reads the code without running it

lint: $(TOOLS) ## ruff, bandit, and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive exoplanet_site predictions training
	$(BIN)/djlint --quiet --lint templates

format: $(TOOLS) ## Put code and imports in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(TOOLS) ## mypy
	$(BIN)/mypy

migrations: $(TOOLS) ## Is every change of a model in a migration?
	$(BIN)/python manage.py makemigrations --check --dry-run

clean: ## Remove the virtual environment and the tools' caches; never the data
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage htmlcov

# The stamps are newer than the requirements when what is installed is what they ask for.
$(SITE): requirements.txt constraints.txt $(BIN)/python
	@echo "Installing the requirements (about a minute the first time) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.txt
	@touch $@

$(TOOLS): requirements-dev.txt requirements-production.txt $(SITE)
	@echo "Installing what the tests and checks need …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(BIN)/python:
	@$(PYTHON) -m venv --clear $(VENV)

# The environment's own Python once there is one: PYTHON need not be repeated.
machine:
	@$(eval python := $(if $(wildcard $(BIN)/python),$(BIN)/python,$(PYTHON))) \
	command -v $(python) >/dev/null || { \
		echo "The site needs Python 3.11, and “$(python)” is not here." >&2; \
		echo "Install python3.11 with its venv module, or name yours: make run PYTHON=/path/to/python3.11" >&2; \
		exit 1; }
	@$(python) exoplanet_site/requirements_check.py

# The verbs of the project. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The newest supported Python that really starts; pyenv's shims of versions not chosen do not.
PYTHON ?= $(shell for minor in 14 13 12 11; do \
	python3.$$minor -c "" 2>/dev/null && echo python3.$$minor && exit; done; echo python3)
VENV ?= .venv
BIN := $(VENV)/bin
UV := 0.13.9
SITE := $(VENV)/.installed
TOOLS := $(VENV)/.installed-tools

# A site is several processes, and its tests are hundreds: where the shell forbids to keep what was compiled, each takes
# seconds longer to start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help tools run demo stack secrets containers test check lint format types migrations lock clean machine

help: ## List the verbs
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

run: machine $(SITE) ## Start the site (PORT, HOST, DATA_DIR and the variables of docs/deployment.md)
	@exec $(BIN)/python -m exoplanet_site.serve

demo: machine $(SITE) ## Fill the site with a simulated example (ARGS=--remove takes it away)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py first_administrator
	@exec $(BIN)/python manage.py demo $(ARGS)

stack: machine $(TOOLS) ## Start what compose.yaml has, without containers (STACK_PORT, STACK_DIR)
	@exec $(BIN)/python -m deploy.stack.stack

secrets: $(SITE) ## Make the keys and passwords that compose.yaml asks for, in secrets/
	@$(BIN)/python -m exoplanet_site.keys secrets

containers: machine $(TOOLS) ## Build the image and drill compose.yaml's services in containers (podman, as root)
	@exec deploy/try-containers.sh

tools: machine $(TOOLS) ## Make the virtual environment with all that tests and checks need

test: machine $(TOOLS) ## Run the tests (ARGS="-k name" to choose)
	@exec $(BIN)/python -m pytest $(ARGS)

check: lint types migrations ## Everything that reads the code without running it

lint: $(TOOLS) ## ruff, bandit, and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive exoplanet_site predictions training deploy clients/python/src
	$(BIN)/djlint --quiet --lint templates

format: $(TOOLS) ## Put code and imports in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(TOOLS) ## mypy
	$(BIN)/mypy

migrations: $(TOOLS) ## Is every change of a model in a migration?
	$(BIN)/python manage.py makemigrations --check --dry-run

lock: $(TOOLS) ## Write locked/ anew from the requirements and constraints.txt
	@for file in requirements requirements-production requirements-dev; do \
		$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
			--python-version 3.11 $$file.txt --output-file locked/$$file.txt; done

clean: ## Remove the virtual environment and the tools' caches; never the data
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage htmlcov

# uv installs in seconds what takes pip more than a minute; where it cannot be had, pip does the same. It brings the
# certificates that it trusts; where a network has one of its own, those of the system are asked. The locked files are
# whole, so pip looks for nothing beside them.
define install
	@{ [ -x $(BIN)/uv ] || $(BIN)/python -m pip install -qq --disable-pip-version-check uv==$(UV) 2>/dev/null; } \
		&& { $(BIN)/uv pip install --quiet --python $(BIN)/python -r $(1) 2>/dev/null \
			|| $(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python -r $(1) 2>/dev/null; } \
		|| $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r $(1)
endef

# The stamps are newer than the locked requirements when what is installed is what they ask for.
$(SITE): locked/requirements.txt $(BIN)/python
	@echo "Installing the requirements into $(VENV) …"
	$(call install,locked/requirements.txt)
	@touch $@

$(TOOLS): locked/requirements-dev.txt $(SITE)
	@echo "Installing what the tests and checks need into $(VENV) …"
	$(call install,locked/requirements-dev.txt)
	@touch $@

$(BIN)/python:
	@echo "Making the virtual environment $(VENV) with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv --clear $(VENV)

# An environment whose Python is gone or not supported any more, or another one than PYTHON on the command line
# asks for, is made anew; otherwise the one that is there stays.
machine:
	@command -v $(PYTHON) >/dev/null || [ -x $(BIN)/python ] || { \
		echo "The site needs Python 3.11 to 3.14, and “$(PYTHON)” is not here." >&2; \
		echo "Install python3 with its venv module, or name yours: make run PYTHON=/path/to/python3.13" >&2; \
		exit 1; }
	@if [ -e $(VENV) ] && ! $(BIN)/python exoplanet_site/requirements_check.py --version-only \
		$(if $(filter command% environment%,$(origin PYTHON)),"$$($(PYTHON) --version)"); then \
		echo "$(VENV) is of another Python and is made anew."; rm -rf $(VENV); fi
	@if [ -x $(BIN)/python ]; then python=$(BIN)/python; else python=$(PYTHON); fi; \
	$$python exoplanet_site/requirements_check.py

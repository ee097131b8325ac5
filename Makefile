# Everything here is a `python -m mnist_logreg ...` or another standard command, which
# README.md names for Windows, where there is no make.

# The Python that .venv is made from: make setup PYTHON=python3.12
PYTHON ?= python3
# The build of torch: none for the usual one, or make setup TORCH=cpu. It is remembered.
TORCH ?= $(shell cat .venv/torch-build 2>/dev/null)

IN_VENV := .venv/bin/python -m
# Newer than what it depends on when nothing needs to be installed.
INSTALLED := .venv/installed$(TORCH:%=-%)

.DEFAULT_GOAL := help
.PHONY: help setup run lab test lint data notebooks bench site workshop doctor \
	requirements clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1:/p' Makefile | \
		awk -F: '{ printf "%-18s%s\n", $$1, $$2 }'

setup: $(INSTALLED) ## install everything into .venv (TORCH=cpu takes the small build)

run: $(INSTALLED) ## execute the four notebooks into runs/ (ARGS="--epochs 5")
	@$(IN_VENV) mnist_logreg run $(ARGS)

lab: $(INSTALLED) ## open JupyterLab at the first notebook
	@$(IN_VENV) mnist_logreg lab

test: $(INSTALLED) ## check everything the repository claims (ARGS="-k data")
	@$(IN_VENV) mnist_logreg data
	@$(IN_VENV) pytest $(ARGS)

lint: $(INSTALLED) ## check style and format of code and notebooks
	@$(IN_VENV) ruff check .
	@$(IN_VENV) ruff format --check .

data: $(INSTALLED) ## say which data are here, and fetch MNIST if it is missing
	@$(IN_VENV) mnist_logreg data $(ARGS)

notebooks: $(INSTALLED) ## execute the committed notebooks anew, in place, on MNIST
	@$(IN_VENV) mnist_logreg notebooks

bench: $(INSTALLED) ## measure the speed of the training loops
	@$(IN_VENV) mnist_logreg bench $(ARGS)

site: $(INSTALLED) ## make web pages of the notebooks
	@$(IN_VENV) mnist_logreg site $(ARGS)

workshop: $(INSTALLED) ## make the learners' and the instructor's edition
	@$(IN_VENV) mnist_logreg workshop $(ARGS)

doctor: $(INSTALLED) ## say what this machine has and what it lacks
	@$(IN_VENV) mnist_logreg doctor

requirements: .venv/bin/uv ## renew requirements.txt from pyproject.toml
	.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--extra test --custom-compile-command "make requirements" \
		--output-file requirements.txt pyproject.toml

clean: ## remove .venv and caches; data and results stay
	rm -rf .venv .pytest_cache .ruff_cache mnist_logreg.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# requirements.txt gives the versions; the CPU build of torch needs fewer packages.
$(INSTALLED): requirements.txt pyproject.toml | .venv/bin/uv
	.venv/bin/uv pip install --python .venv/bin/python --constraint requirements.txt \
		$(TORCH:%=--torch-backend %) --editable '.[test]'
	@rm -f .venv/installed*
	@echo $(TORCH) > .venv/torch-build
	@touch $@

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit( \
		"error: Python 3.11 or newer is needed, this is %d.%d. Name another, " \
		"for example: make setup PYTHON=python3.12" % v[:2])'
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint requirements.txt uv

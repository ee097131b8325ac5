# Each target is a `python -m mnist_logreg ...` or another standard command.
# .github/SUPPORT.md lists them for Windows, where there is no make.

# The Python that .venv is made from: make setup PYTHON=python3.12
PYTHON ?= python3
# The build of PyTorch, by uv's name: make setup TORCH=cu130. It is remembered. The
# default is the CPU build.
TORCH ?=

IN_VENV := .venv/bin/python -m

.DEFAULT_GOAL := help
.PHONY: help setup run lab again newer test lint data notebooks tidy bench site workshop \
	doctor requirements clean installed

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1:/p' Makefile | \
		awk -F: '{ printf "%-18s%s\n", $$1, $$2 }'

setup: installed ## install everything into .venv (TORCH=auto for a graphics card)
	@echo "Everything is installed in .venv."

# Quick if nothing has to be done. Mends a folder that was moved or copied.
installed:
	@$(or $(realpath .venv/bin/python),$(PYTHON)) -m mnist_logreg setup \
		$(TORCH:%=--torch %)

run: installed ## execute the four notebooks into runs/ (ARGS="--epochs 5")
	@$(IN_VENV) mnist_logreg run $(ARGS)

lab: installed ## open your own copy of the notebooks in JupyterLab
	@$(IN_VENV) mnist_logreg lab

again: installed ## start a notebook over (NOTEBOOK=02); your copy is set aside
	@$(IN_VENV) mnist_logreg lab --again $(NOTEBOOK)

newer: installed ## update your copy to a newer version; keeps your answers
	@$(IN_VENV) mnist_logreg lab --newer

test: installed ## check everything the repository claims (ARGS="-k data")
	@$(IN_VENV) mnist_logreg data
	@$(IN_VENV) pytest $(ARGS)

lint: installed ## check style, format, types and the workflow
	@$(IN_VENV) ruff check .
	@$(IN_VENV) ruff format --check .
	@$(IN_VENV) mypy
	@.venv/bin/zizmor --offline --quiet --min-severity medium .github

data: installed ## say which data are here, and download MNIST if it is missing
	@$(IN_VENV) mnist_logreg data $(ARGS)

notebooks: installed ## execute the committed notebooks again, in place, on MNIST
	@$(IN_VENV) mnist_logreg notebooks

tidy: installed ## clean the notebooks after editing; executes nothing
	@$(IN_VENV) mnist_logreg notebooks --tidy

bench: installed ## measure the speed of the training loops
	@$(IN_VENV) mnist_logreg bench $(ARGS)

site: installed ## make web pages of the notebooks
	@$(IN_VENV) mnist_logreg site $(ARGS)

workshop: installed ## make the learners' and the instructor's edition
	@$(IN_VENV) mnist_logreg workshop $(ARGS)

doctor: installed ## check this machine, and say how to fix what fails
	@$(IN_VENV) mnist_logreg doctor

requirements: installed ## update requirements.txt from pyproject.toml
	$(IN_VENV) uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--group dev --custom-compile-command "make requirements" \
		--output-file requirements.txt pyproject.toml

clean: ## remove .venv and caches; data and results stay
	rm -rf .venv .pytest_cache .ruff_cache mnist_logreg.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Works with the package index that pip is set up for. On Windows: run from Git Bash.
SHELL := bash
.DEFAULT_GOAL := help

ifeq ($(OS),Windows_NT)
PYTHON ?= python
BIN := .venv/Scripts
else
PYTHON ?= python3
BIN := .venv/bin
endif

INSTALL = $(BIN)/python -m pip install -c constraints.txt -e

.PHONY: help demo test notebooks clean

help:  ## say what each target does
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

demo: .venv/.demo  ## serve the page on 127.0.0.1:7860
	$(BIN)/lkc demo

test: .venv/.all  ## lint, format check, type check, every test, every notebook
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy lkc
	$(BIN)/pytest -n 2 --dist loadfile -m "not notebook"
	$(BIN)/pytest -n 2 --dist worksteal -m notebook tests/test_notebooks.py

notebooks: .venv/.all  ## open the tutorials in JupyterLab
	$(BIN)/jupyter lab notebooks

clean:  ## remove the environment and every cache
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis build *.egg-info

.venv/.created:
	$(PYTHON) -m venv .venv
	touch $@

# Stamps: a second call installs nothing unless a dependency changed.
.venv/.demo: pyproject.toml constraints.txt | .venv/.created
	$(INSTALL) ".[demo]"
	touch $@

.venv/.all: pyproject.toml constraints.txt | .venv/.created
	$(INSTALL) ".[all]"
	touch .venv/.demo $@

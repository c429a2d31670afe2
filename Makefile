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

# Compiled once, tests start sooner, whatever the surroundings ask for.
export PYTHONDONTWRITEBYTECODE :=

INSTALL = $(BIN)/python -m pip install -c constraints.txt -e

TASKS := ir-vis mri-ct mri-pet mri-spect

.PHONY: help demo web check test notebooks docs clean

help:  ## say what each target does
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

demo: .venv/.demo  ## serve the page on 127.0.0.1:7860
	$(BIN)/lkc demo

web: .venv/.all  ## build the page that fuses inside a browser into demo/web/dist; needs npm
	cd demo/web && npm ci && node build.mjs
	mkdir -p demo/web/dist/models
	for task in $(TASKS); do \
		$(BIN)/lkc export --task $$task -o demo/web/dist/models/$$task.onnx || exit 1; \
		$(BIN)/lkc export --task $$task --preset nano -o demo/web/dist/models/nano-$$task.onnx || exit 1; done
	@echo "Open http://127.0.0.1:8000 after: $(BIN)/python -m http.server --bind 127.0.0.1 --directory demo/web/dist 8000"

check: .venv/.all  ## the quick half: format, lint, types, tests without browser, notebooks, slow ones
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy lkc demo benchmarks experiments
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow and not page and not notebook"

test: check  ## the quick half, and then slow tests, the page in a browser, every notebook
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "slow or page or notebook" tests

notebooks: .venv/.all  ## open the tutorials in JupyterLab, with the clone as its root: drawings lie in assets
	$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks

docs: .venv/.all  ## build the site of pages, tutorials and functions into build/site
	$(BIN)/python docs/site/gather.py build/pages
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Open build/site/index.html"

clean:  ## remove the environment and every cache
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis .cache build *.egg-info demo/web/dist demo/web/node_modules

.venv/.created:
	$(PYTHON) -m venv .venv
	touch $@

# Stamps: a second call installs nothing unless a dependency changed.
.venv/.demo: pyproject.toml setup.py constraints.txt | .venv/.created
	$(INSTALL) ".[demo]"
	touch $@

.venv/.all: pyproject.toml setup.py constraints.txt | .venv/.created
	$(INSTALL) ".[all]"
	touch .venv/.demo $@

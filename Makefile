# Every target sets up its own environment first: .venv, or the conda environment kratom-evidence when it is active.

ifeq ($(CONDA_DEFAULT_ENV),kratom-evidence)
BIN := $(CONDA_PREFIX)/bin
else
BIN := $(CURDIR)/.venv/bin
endif

# PATH, so that commands which notebooks and tests start by name are the environment's own.
RUN := PATH="$(BIN):$$PATH" "$(BIN)/python"
CHECKED := src tests scripts benchmarks notebooks
# Templates of reports are run by the tests, with their parameters.
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
# The form for new cases is opened by its user; its widgets are no output to keep.
ANALYSES := $(wildcard notebooks/[0-9]*.ipynb)
# For example: make lab LAB_OPTIONS=--no-browser
LAB_OPTIONS ?=
# For example: make test PYTEST_OPTIONS="-k hunter"
PYTEST_OPTIONS ?=
# Three processes, since tests wait for browsers and kernels.
ON_TWO_CORES := --numprocesses=3 --dist=loadfile --no-loadscope-reorder

.PHONY: help environment report verify test test-programs test-long test-pages fuzz hostile faults lint validate pin notebooks lab lock audit release clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

environment: ## set up the environment, if it is not set up yet
	@sh scripts/set_up

report: environment ## render all reports and say where reports/index.html is
	@$(RUN) -m kratom_evidence report

verify: environment ## make all reports again and compare them with those in reports/
	@$(RUN) -m kratom_evidence verify

# Types are checked while Debian packages are installed. Slow files are begun first, see tests/conftest.py.
test: environment ## check style and types, then run all tests and all notebooks
	@$(MAKE) --no-print-directory --jobs=2 lint test-programs
	@$(RUN) -m pytest $(ON_TWO_CORES) --nbval --nbval-current-env --nbval-kernel-startup-timeout 300 --nbval-sanitize-with tests/nbval_sanitize.cfg $(PYTEST_OPTIONS) tests $(NOTEBOOKS)

test-programs: environment
	@$(RUN) scripts/install_test_programs.py

test-long: environment test-programs ## the long forms of the tests, but for fuzz: every page, every notebook, hundreds of interruptions
	@KRATOM_EVIDENCE_LONG=1 KRATOM_EVIDENCE_FULL=1 KRATOM_EVIDENCE_ALL_PAGES=1 $(RUN) -m pytest $(ON_TWO_CORES) $(PYTEST_OPTIONS) tests

test-pages: report test-programs ## open every page of the whole site in Chromium
	@KRATOM_EVIDENCE_ALL_PAGES=reports $(RUN) -m pytest --numprocesses=2 --dist=worksteal $(PYTEST_OPTIONS) $(wildcard tests/browser/test_pages*.py)

fuzz: environment ## thousands of spoiled data files
	@KRATOM_EVIDENCE_FUZZ=$${KRATOM_EVIDENCE_FUZZ:-500} $(RUN) -m pytest --numprocesses=2 $(PYTEST_OPTIONS) tests/fuzz

hostile: environment ## hostile text in every field of every kind of page and export
	@KRATOM_EVIDENCE_LONG=1 $(RUN) -m pytest $(PYTEST_OPTIONS) tests/hostile

faults: environment ## killed processes, full disks and other faults
	@KRATOM_EVIDENCE_LONG=1 $(RUN) -m pytest $(PYTEST_OPTIONS) tests/faults

lint: environment ## check style and types only
	@$(RUN) -m ruff format --check $(CHECKED)
	@$(RUN) -m ruff check $(CHECKED)
	@$(RUN) -m mypy

validate: environment ## check all data files
	@$(RUN) -m kratom_evidence validate

pin: environment ## pin the results as reference values, when data/CHANGELOG.md names what moved
	@$(RUN) scripts/pin_results.py

notebooks: environment ## run the notebooks again and keep their outputs
	@$(RUN) scripts/run_notebooks.py $(ANALYSES)

lab: environment ## open the notebooks in JupyterLab
	@$(RUN) -m jupyter lab notebooks/ $(LAB_OPTIONS)

lock: environment ## choose the newest versions of all dependencies and write the lock files
	@$(RUN) scripts/lock.py
	@sh scripts/set_up
	@$(RUN) scripts/licences.py

audit: environment ## look for known weaknesses of the locked packages (needs a network connection)
	@$(RUN) -m uv tool run pip-audit --strict --requirement requirements.lock --requirement requirements-installer.lock --disable-pip --require-hashes

release: environment ## build dist/kratom-evidence-VERSION.zip: reports, data and documents with checksums
	@$(RUN) scripts/release.py

clean: ## remove the environment, the reports, exports and releases, and all caches
	rm -rf .venv reports exports dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests scripts benchmarks notebooks -name __pycache__ -prune -exec rm -rf {} +

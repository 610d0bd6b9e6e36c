# Everything runs in .venv, which `make` sets up and keeps up to date.
PYTHON ?= python3
SOURCES ?= ../shared/sources
CASE ?= usa-2026-01
ARGS ?=

SHELL = /bin/sh
.DEFAULT_GOAL := help
# setup-dev adds to the .venv that other targets run in; one at a time, also under -j.
.NOTPARALLEL:
.PHONY: help setup setup-dev report test lint check docs figures refresh reference nuts recovery gain comparison summaries bench browser clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

# ---- setup: .venv/base and .venv/dev are written last, so a half-made .venv is never taken for a finished one
setup: .venv/base ## make .venv with what exeunt needs to run
setup-dev: .venv/dev

.venv/base .venv/dev: pyproject.toml constraints.txt Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "exeunt needs Python 3.11 or newer, and $(PYTHON) is not; say which, as in: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@ls .venv/base .venv/dev 2>/dev/null | grep -q . && .venv/bin/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@rm -f $@
	@echo "setup: installing what exeunt needs ($(@F)), a minute or two"
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input -c constraints.txt \
	  --editable '.$(if $(filter dev,$(@F)),[dev])'
	@touch $@ .venv/base

report: setup ## write the report on a case (CASE=usa-2026-01, ARGS="--lang zh-Hant")
	@.venv/bin/exeunt report $(CASE) $(ARGS)

test: setup-dev ## run the tests (ARGS="-k word" to choose)
	.venv/bin/python -m pytest -n 2 --dist loadfile $(ARGS)

lint: setup-dev ## format, lint and types
	.venv/bin/python -m ruff format --check
	.venv/bin/python -m ruff check
	.venv/bin/python -m mypy src

check: lint test ## lint, then test; a change must pass these and `make browser`

docs: setup-dev ## build the pages of docs/ into build/docs, any warning an error
	.venv/bin/python -m sphinx -W -n --keep-going -q -b html docs build/docs
	@echo build/docs/index.html

figures: setup ## draw the figures of the gallery anew (some minutes)
	@set -e; for name in what timeline factors compared loop fan futures; do .venv/bin/exeunt figure $$name --out docs/figures/$$name.svg; done
	@set -e; for name in reliability pit; do \
	  .venv/bin/exeunt figure $$name --backtest tests/reference/backtest.json --out docs/figures/$$name.svg; done
	@.venv/bin/exeunt argue literature-on-exit --map docs/figures/map.svg

refresh: setup ## rebuild the record from curated facts and raw sources (SOURCES=DIR)
	.venv/bin/exeunt refresh --sources $(SOURCES)

reference: setup-dev ## rerun the R referees, keep their values, compare (needs R with lme4 and glmmTMB; a quarter of an hour)
	@command -v Rscript >/dev/null 2>&1 || { echo "make reference needs R: no Rscript on the PATH (Debian, Ubuntu: apt-get install r-base-core)." >&2; exit 1; }
	.venv/bin/python tests/reference/run.py
	.venv/bin/python -m pytest tests/test_hazard.py $(ARGS)

nuts: setup-dev ## sample the posterior by NUTS, keep it, compare (adds the extra `referee`; ten minutes)
	.venv/bin/python -m pip install --quiet -c constraints.txt numpyro jax
	.venv/bin/python tests/reference/nuts.py
	.venv/bin/python -m pytest tests/test_nuts.py $(ARGS)

recovery: setup-dev ## refit worlds of known truth, write docs/method/recovery.md; goes on where it stopped (half an hour)
	.venv/bin/python tests/reference/recovery.py

gain: setup-dev ## refit worlds of known R, ask `exeunt feedback`, write docs/method/feedback.md (a quarter of an hour)
	.venv/bin/python tests/reference/gain.py
	.venv/bin/exeunt feedback --format json --out tests/reference/feedback.json
	.venv/bin/python scripts/feedback.py

comparison: setup-dev ## score the rivals, back-test forecasts, write their pages in docs/method (quarter of an hour)
	.venv/bin/exeunt compare --format json --out tests/reference/comparison.json $(ARGS)
	.venv/bin/exeunt forecast --backtest --format json --out tests/reference/backtest.json
	@for name in reliability pit; do \
	  .venv/bin/exeunt figure $$name --backtest tests/reference/backtest.json --out docs/figures/$$name.svg; done
	.venv/bin/python scripts/comparison.py
	.venv/bin/python scripts/summaries.py

summaries: setup-dev ## ask for verdicts and scenarios, cut the summaries that ship (a quarter of an hour)
	@set -e; for name in critique-of-batch-2026 case-for-batch-2026 literature-on-exit; do \
	  kept=tests/reference/argument.$$name; [ $$name != critique-of-batch-2026 ] || kept=tests/reference/argument; \
	  for lang in en zh-Hant; do .venv/bin/exeunt argue $$name --lang $$lang --format json --out $$kept.$$lang.json; done; done
	.venv/bin/python scripts/scenarios.py
	.venv/bin/python scripts/summaries.py

bench: setup-dev ## run the benchmarks; each ends with lines `ratio NAME VALUE`
	@set -e; for file in benchmarks/*.py; do \
	  [ -e "$$file" ] || { echo "benchmarks/ holds no benchmark yet." >&2; exit 1; }; \
	  echo "$$file"; .venv/bin/python "$$file"; done

browser: setup-dev ## run the tests that open a page in Chromium, which must be there
	EXEUNT_REQUIRE_BROWSER=1 .venv/bin/python -m pytest -n 2 --dist loadfile -m browser $(ARGS)

clean: ## remove .venv and caches; reports and facts stay
	rm -rf .venv .venv.* build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -path ./.git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

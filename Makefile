# `make` lists what there is. Everything made goes into build/ and ${XDG_CACHE_HOME:-~/.cache}/account_dunning.

.DEFAULT_GOAL := help
.PHONY: help setup test dev-test engine-test upgrade lint format rights pot wheel demo replay claim law-letters figures forecast bench stop clean simulate
MAKEFLAGS += --no-print-directory
comma := ,

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

setup:  ## install what is missing: Odoo, PostgreSQL, Python packages, browser
	@dev/setup.sh

test: setup  ## all tests in a new database; T=test_runs for some, ARGS="-k name" for pytest
	@dev/test fresh $(ARGS)

dev-test: setup  ## the same in a kept database: DB=mine T=test_runs; KEEP=1 skips the update
	@dev/test $(if $(KEEP),keep,update) $(ARGS)

engine-test: setup  ## the tests that need no database
	@dev/with python -m unittest $(ARGS) $(patsubst tests/%.py,odoo.addons.account_dunning.tests.%,$(wildcard tests/test_engine_*.py))

lint: setup  ## check style and rules
	@dev/lint

format: setup  ## put the sources into shape
	@dev/lint --fix

upgrade: setup  ## upgrade databases of every release to these sources; VERSIONS=19.0.1.5.0 for some
	@dev/database base && dev/with python dev/upgrade.py

rights: setup  ## write the access rights from dev/rights.csv
	@dev/with python dev/rights.py

wheel: setup  ## the module as a package for pip, into build/
	@dev/with python -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir build .
	@ls -t build/*.whl | head -n 1

pot: setup  ## regenerate i18n/account_dunning.pot
	@DUNNING_WRITE_POT=1 T=test_i18n dev/test fresh

demo: setup  ## a database with demo data, the nightly run, and Odoo on http://localhost:8069 (admin/admin)
	@dev/demo

replay: setup  ## play a file of invoices day by day: DATA=file.csv, MODE=customer LEVELS=3,10,20 MIN_DAYS=7 (docs/replay.md)
	@dev/replay "$(DATA)" $(if $(MODE),--mode $(MODE)) $(if $(LEVELS),--levels $(LEVELS)) $(if $(MIN_DAYS),--min-days $(MIN_DAYS)) $(ARGS)

claim: setup  ## what the law lets claim: COUNTRY=DE KIND=business AMOUNT=10000 DUE=2026-05-15 DAY=2026-08-15 GROUND=date (docs/law.md)
	@dev/with python dev/claim.py

law-letters: setup  ## the letters that claim by law in each country, as PDF and pictures in build/law-letters (docs/law.md)
	@dev/law_letters

figures: setup  ## the key figures of some days of a file of invoices: DATA=file.csv DAYS=2013-03-31,2013-06-30 (docs/figures.md)
	@dev/figures "$(DATA)" "$(DAYS)"

forecast: setup  ## measure the forecast of payments on a file of invoices: DATA=file.csv (docs/figures.md)
	@dev/with python dev/forecast.py "$(DATA)"

simulate: setup  ## simulate the time of a file of invoices as it happened: DATA=file.csv, with the options of replay (docs/simulation.md)
	@dev/simulate "$(DATA)" $(if $(MODE),--mode $(MODE)) $(if $(LEVELS),--levels $(LEVELS)) $(if $(MIN_DAYS),--min-days $(MIN_DAYS)) $(ARGS)

bench: setup  ## measure: N=10000, or SIZES=10000,100000,1000000; PEER=0 leaves out OCA's module, MODE=customer WORKERS=2 EXPLAIN=1 (docs/performance.md)
	@bench/run $(if $(filter 0,$(PEER)),--no-peer) $(if $(MODE),--mode $(MODE)) $(if $(WORKERS),--workers $(WORKERS)) $(if $(filter 1,$(EXPLAIN)),--explain) $(subst $(comma), ,$(or $(SIZES),$(N)))

stop:  ## stop PostgreSQL
	@dev/postgres stop

clean: stop  ## throw away everything that was made in this checkout
	@rm -rf build

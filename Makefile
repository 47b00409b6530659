# Commands are described in README.md. Everything they make stays in .venv, node_modules, static/vendor and var.
SHELL := /bin/bash
BIN := .venv/bin
PYTHON ?= python3
READY := .venv/.ready
TEST_READY := .venv/.test-ready
BENCH_READY := .venv/.bench-ready
ASSETS := static/vendor/.ready
SOURCES := app sandbox scripts tests bench migrations wsgi.py deploy/gunicorn.conf.py

.PHONY: setup run test check format lock pictures bench bench-quick

setup: $(READY) $(ASSETS)

.venv/bin/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: install it, or name it: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: on Debian and Ubuntu, apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(READY): .venv/bin/uv requirements/runtime.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/runtime.txt
	@touch $@

$(ASSETS): $(READY) package-lock.json scripts/build_assets.mjs scripts/build_assets.sh $(wildcard static/*.*)
	@scripts/build_assets.sh
	@touch $@

$(TEST_READY): $(READY) requirements/test.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/test.txt
	@touch $@

$(BENCH_READY): $(TEST_READY) requirements/bench.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/bench.txt
	@touch $@

run: setup
	@exec $(BIN)/python -m scripts.run

test: setup $(TEST_READY)
	@scripts/install_test_servers.sh
	@NPM_WITH_DEV=1 scripts/build_assets.sh
	@$(BIN)/python -m pytest

check: setup $(TEST_READY)
	@$(BIN)/ruff format --quiet --check $(SOURCES)
	@$(BIN)/ruff check --quiet $(SOURCES)
	@$(BIN)/mypy
	@told=$$($(BIN)/lint-imports --no-cache --no-logo 2>&1) || { echo "$$told"; exit 1; }
	@$(BIN)/djlint --quiet --lint templates

format: $(TEST_READY)
	@$(BIN)/ruff format --quiet $(SOURCES)
	@$(BIN)/ruff check --quiet --fix $(SOURCES)

# New versions: edit requirements/*.in if needed, then `make lock`.
lock: .venv/bin/uv
	@for name in uv node runtime test; do $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate requirements/$$name.in -o requirements/$$name.txt; done
	@for name in aliyun tencent; do $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -c requirements/runtime.txt requirements/$$name.in -o requirements/$$name.txt; done
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -c requirements/test.txt requirements/bench.in -o requirements/bench.txt

pictures: setup $(TEST_READY)
	@$(BIN)/python -m scripts.pictures

bench: setup $(BENCH_READY)
	@scripts/install_test_servers.sh
	@$(BIN)/python -m bench

bench-quick: setup $(BENCH_READY)
	@scripts/install_test_servers.sh
	@$(BIN)/python -m bench --quick

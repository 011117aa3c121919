.DEFAULT_GOAL := help
.PHONY: help install run serve test lint fmt bench docs screenshots clean
PYTHON ?= python3
BIN := .venv/bin

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: .venv/.installed ## Create .venv with everything

.venv/.installed: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pip check -q --disable-pip-version-check
	@touch $@

run: install ## Start the whole product on a made-up company, with live traffic and its page
	$(BIN)/wellspent demo

serve: install ## Start the gateway on your own providers
	$(BIN)/wellspent serve

fmt: install ## Format, and mend what can be mended
	$(BIN)/ruff check -q --fix src tests scripts benchmarks
	$(BIN)/ruff format -q src tests scripts benchmarks

lint: install ## Format, lint, types, import law
	$(BIN)/ruff format --check src tests scripts benchmarks
	$(BIN)/ruff check src tests scripts benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint ## All that CI runs; installs Chromium and the real clients it tests with
	bash scripts/setup_browser.sh
	bash scripts/setup_clients.sh
	$(BIN)/coverage run --parallel-mode -m pytest
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --fail-under=100 --include='src/wellspent/facts/*,src/wellspent/pricing/*,src/wellspent/budgets/*,src/wellspent/routing/*,src/wellspent/analytics/*'

docs: install ## Write the generated pages again
	$(BIN)/python scripts/make_cli_docs.py

screenshots: install ## Take the README's pictures from the demo
	bash scripts/setup_browser.sh
	$(BIN)/python scripts/make_screenshots.py

bench: install ## Measure, side by side with the peers that are installed (docs/benchmarks.md)
	$(BIN)/python -m benchmarks

clean: ## Remove what was built and installed
	rm -rf .venv .clients .browser dist build .coverage .coverage.*

# The verbs of this project. `make help` lists them.

CARGO_TARGET_DIR ?= target
export CARGO_TARGET_DIR
SWITCHBOARD = $(CARGO_TARGET_DIR)/release/switchboard
DASHBOARD = dashboard/dist/index.html
PACKAGES = dashboard/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help build run demo dashboard test lint bench tools test-tools

help: ## List what can be made.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

build: tools dashboard ## Build target/release/switchboard.
	cargo build --release --locked -p switchboard

run: build ## Build, and serve on http://localhost:3000 (PORT, DATA_DIR ... are honoured).
	exec $(SWITCHBOARD) serve

demo: build ## Serve a busy morning on http://localhost:3000, with data that goes when you stop it.
	@./scripts/demo $(SWITCHBOARD)

dashboard: ## Build the dashboard, which the executable carries; without Node.js it carries none.
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(DASHBOARD); \
	else echo "No Node.js (20.19 or newer): the executable will say how to build the dashboard instead of showing it."; fi

$(PACKAGES): dashboard/package-lock.json
	cd dashboard && npm ci --no-audit --no-fund
	@touch $@

$(DASHBOARD): $(PACKAGES) $(shell find dashboard/src dashboard/index.html dashboard/*.ts dashboard/tools/compress.js -type f)
	cd dashboard && npm run build

test: test-tools $(DASHBOARD) ## Install what the tests need, and run all of them.
	cargo build --locked -p switchboard
	cargo test --locked --workspace
	cd dashboard && npm run check && \
	  export SWITCHBOARD_BIN="$$(realpath ../$(CARGO_TARGET_DIR) 2>/dev/null || realpath $(CARGO_TARGET_DIR))/debug/switchboard" && \
	  npm test && npm run test:browser

lint: tools $(PACKAGES) ## Check format, lints and documents.
	cd dashboard && npm run lint && npm run check
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items

bench: test-tools ## Measure every promise of bench/README.md; takes a while.
	cargo build --release --locked -p switchboard -p bench
	cd bench/baseline-node && npm ci --no-audit --no-fund
	$(CARGO_TARGET_DIR)/release/bench all --server $(SWITCHBOARD)

tools:
	@command -v cargo >/dev/null || { echo "Rust is needed: see https://rustup.rs"; exit 1; }
	@command -v cc >/dev/null || { echo "A C compiler is needed to build SQLite: apt-get install gcc"; exit 1; }

test-tools: tools
	@command -v npm >/dev/null || { echo "Node.js 20 or newer is needed, with npm"; exit 1; }
	@./scripts/install-test-tools

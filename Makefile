# `make run` starts a member with sample objects; `make test` runs everything that CI runs.

SHELL := /bin/bash
DATA ?= data
RELEASE := .build-release
TESTING := .build-test
# Test builds hold the faults that tests plant; releases do not.
TEST_FLAGS := -c release --scratch-path $(TESTING) -Xswiftc -enable-testing -Xswiftc -DPLANTED_BUGS
PEERS := $(CURDIR)/.peers
RUN_TESTS := KEELSON_PROGRAMS=$(CURDIR)/$(TESTING)/release \
  scripts/run-tests
PROCESS_TESTS := ^(PeerTransportTests|KeelsonClientTests|keelsonctlTests|InteropTests|CrashTests|ClusterTests|SecurityTests|DeployTests|ExampleTests)
export KEELSON_PEERS := $(PEERS)

.PHONY: help run build test lint fuzz bench bench-quick bench-build check-instructions simulate clean

help:
	@echo "make run              build a release and serve on 127.0.0.1:2379, data in ./$(DATA), with sample objects"
	@echo "make build            build the release programs keelson and keelsonctl"
	@echo "make test             install what is needed, lint, build with testing enabled, run every test"
	@echo "make lint             check the formatting"
	@echo "make fuzz             run the parsers under libFuzzer, FUZZ_SECONDS each (60)"
	@echo "make bench            measure Keelson against etcd in one run, and write docs/benchmarks.md (32 minutes)"
	@echo "make bench-quick      the same with short windows, in two minutes, to $(RELEASE)/benchmarks.md"
	@echo "make check-instructions  count what a request costs, under callgrind, and hold it to scripts/instructions"
	@echo "make simulate         run SEEDS simulated clusters (until interrupted) from SEED on (the time)"
	@echo "make clean            remove build folders"

build:
	@scripts/install-host-packages
	swift build -c release --scratch-path $(RELEASE) --product keelson
	swift build -c release --scratch-path $(RELEASE) --product keelsonctl

run: build
	@scripts/run-with-samples $(RELEASE)/release $(DATA)

# Tests that start real programs or hold connections to their times run one by one after the others, so that neither
# kind waits for the other's processors.
test:
	@scripts/install-host-packages --tests
	@$(MAKE) --no-print-directory lint
	swift build $(TEST_FLAGS) --build-tests
	$(RUN_TESTS) --again $(TEST_FLAGS) --skip-build --skip '$(PROCESS_TESTS)'
	$(RUN_TESTS) --again $(TEST_FLAGS) --skip-build --no-parallel --filter '$(PROCESS_TESTS)'
	@scripts/check-instructions $(TESTING)/release 5

lint:
	swift format lint --strict --configuration .swift-format --recursive Package.swift Sources Tests Fuzzing examples --ignore-unparsable-files

fuzz:
	@scripts/fuzz $${FUZZ_SECONDS:-60}

bench: bench-build
	@scripts/bench $(RELEASE)/release --output docs/benchmarks.md $(BENCH)

bench-quick: bench-build
	@scripts/bench $(RELEASE)/release --quick --command "make bench-quick" --output $(RELEASE)/benchmarks.md $(BENCH)
	@sed -n '/^## The bars/,/^## /p' $(RELEASE)/benchmarks.md | grep '^|'

# `make test` counts as well, in the build for tests; this takes the release.
check-instructions: bench-build
	@scripts/check-instructions $(RELEASE)/release

bench-build: build
	@scripts/install-host-packages --tests
	swift build -c release --scratch-path $(RELEASE) --product keelson-bench

# A violation ends it, with the command that runs its seed again.
simulate:
	@scripts/install-host-packages
	swift build -c release --scratch-path $(RELEASE) --product keelson-simulator
	$(RELEASE)/release/keelson-simulator --seed $${SEED:-$$(date +%s)} --seeds $${SEEDS:-1000000}

clean:
	rm -rf .build $(RELEASE) $(TESTING)

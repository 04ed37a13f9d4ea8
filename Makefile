# The commands of the README. FAULT=switchover (default), kill-leader or fork.
FAULT ?= switchover

# `make soak`: SEED=… repeats a run, SCENARIOS="kill sleep" takes some of them.
SEED ?=
SCENARIOS ?=

.PHONY: demo test unit soak faults scenarios build bench fuzz

demo:
	@lab/demo $(FAULT)

test:
	@Tests/run

soak: build
	@Tests/soak/run --full $(if $(SEED),--seed $(SEED)) $(SCENARIOS)

# COUNT=100 SEED=1: random faults under the writer's load, each judged afterwards.
faults:
	@Tests/faults

# RUNS=5 SEED=1 SCENARIOS="1 22 36": known faults, each with the verdict that it must end with.
RUNS ?= 1

scenarios: build
	@Tests/scenarios/run --runs $(RUNS) $(if $(SEED),--seed $(SEED)) $(SCENARIOS)

# PAGES="zookeeper": the commands of docs/walkthroughs, carried out and compared; default all.
PAGES ?=

.PHONY: walkthroughs
walkthroughs: build
	@Tests/walkthroughs/run $(PAGES)

# MATRIX="newest/kafka/17 wheel/*/15": Debezium, broker and PostgreSQL; needs KAFKA_HOME and DEBEZIUM_HOME.
MATRIX ?=

.PHONY: matrix
matrix: build
	@Tests/matrix/run $(MATRIX)

# Ten minutes of attack on every port of a running lab, with a switchover in the middle.
DRILL_SECONDS ?= 600

.PHONY: drill
drill:
	@DRILL_SECONDS=$(DRILL_SECONDS) Tests/run "a snapshot and the stream" "a switchover under attack"

# Takes the pictures of docs/watch.md and docs/verdict.md anew, on a lab of its own.
.PHONY: screenshots
screenshots: build
	@lab/screenshots

# The first seed's steps in containers, with an engine of this checkout's own; needs KAFKA_HOME, DEBEZIUM_HOME, HANDOVER_BIN.
# PROFILES="zookeeper course": the other profiles of compose/ instead; PROFILES=all is each of them.
PROFILES ?=

.PHONY: test-compose
test-compose:
	@$(if $(PROFILES),Tests/compose/profiles $(filter-out all,$(PROFILES)),Tests/compose/run)

unit:
	@swift test --skip PipelineTests

# Makes the tables of docs/configuration.md and docs/options.md from what the programs know.
.PHONY: docs
docs:
	@swift build
	@swift run --skip-build sink properties --into docs/configuration.md
	@docs/make-options .build/debug >docs/options.md.new && mv docs/options.md.new docs/options.md

build:
	@lab/lab install
	@swift build -c release

# About an hour; CASES='a c' takes some of the cases.
bench: build
	@benchmarks/run $(CASES)

# Mutated events through the decoder, in release: FUZZ_ROUNDS from FUZZ_SEED, which a failure names.
FUZZ_ROUNDS ?= 1000000
FUZZ_SEED ?= 20261121

fuzz:
	@mkdir -p .build/tmp
	@TMPDIR=$(CURDIR)/.build/tmp HANDOVER_FUZZ_ROUNDS=$(FUZZ_ROUNDS) HANDOVER_FUZZ_SEED=$(FUZZ_SEED) \
		swift test -c release -Xswiftc -enable-testing --filter RecordFuzzTests

include packaging/package.mk

# The two commands of the README. FAULT=switchover (default) or kill-leader.
FAULT ?= switchover

# `make soak`: SEED=… repeats a run, SCENARIOS="kill sleep" takes some of them.
SEED ?=
SCENARIOS ?=

.PHONY: demo test unit soak build

demo:
	@lab/demo $(FAULT)

test:
	@Tests/run

soak: build
	@Tests/soak/run --full $(if $(SEED),--seed $(SEED)) $(SCENARIOS)

unit:
	@swift test --skip PipelineTests

build:
	@lab/lab install
	@swift build -c release

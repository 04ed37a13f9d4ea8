# The commands of the README. FAULT=switchover (default) or kill-leader.
FAULT ?= switchover

.PHONY: demo test unit build bench

demo:
	@lab/demo $(FAULT)

test:
	@Tests/run

unit:
	@swift test --skip PipelineTests

# Makes the tables of docs/configuration.md from what the sink knows.
.PHONY: docs
docs:
	@swift run sink properties --into docs/configuration.md

build:
	@lab/lab install
	@swift build -c release

# About an hour; CASES='a c' takes some of the cases.
bench: build
	@benchmarks/run $(CASES)

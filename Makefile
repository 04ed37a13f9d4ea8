# The two commands of the README. FAULT=switchover (default) or kill-leader.
FAULT ?= switchover

.PHONY: demo test faults unit build

demo:
	@lab/demo $(FAULT)

test:
	@Tests/run

# COUNT=100 SEED=1: random faults under the writer's load, each judged afterwards.
faults:
	@Tests/faults

unit:
	@swift test --skip PipelineTests

build:
	@lab/lab install
	@swift build -c release

# Everything that these targets make is under build/, which git ignores; tools that are built once
# are kept in ~/.cache/sourcegraph-executors. `make PYTHON=python3.12 …` chooses the interpreter.

PYTHON ?= python3
STACK ?= dev
TRACE ?= burst
VENV_PYTHON := build/venv/bin/python
# The checkers (promtool, shellcheck, actionlint) are on the PATH of what runs behind this.
WITH_CHECKERS := $(VENV_PYTHON) -m scripts.checkers
LOCAL := $(VENV_PYTHON) -m local_clouds
# Where it is set, every process would compile the provider SDKs anew: four of six seconds of a run.
unexport PYTHONDONTWRITEBYTECODE
SHELL_SCRIPTS = $(shell git ls-files --cached --others --exclude-standard '*.sh') .ci/run

.DEFAULT_GOAL := help
.PHONY: help up preview refresh down outputs wiring test test-fast lint format simulate bench-scaling guide bench venv tools clean

help: ## Show this list
	@echo "make up starts a whole stack on this machine. STACK=name picks Pulumi.name.yaml (now: $(STACK))."
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | \
		while IFS='|' read -r target text; do printf '  make %-13s %s\n' "$$target" "$$text"; done

up: venv ## Bring the stack up on the local clouds; run it again: no changes
	@$(LOCAL) up $(STACK)

preview: venv ## Show what `make up` would change
	@$(LOCAL) preview $(STACK)

refresh: venv ## Read what the local clouds really hold into the stack's state
	@$(LOCAL) refresh $(STACK)

down: venv ## Destroy the stack and check that nothing is left
	@$(LOCAL) down $(STACK)

outputs: venv ## Print the stack's outputs; SECRETS=1 shows the secret ones
	@$(LOCAL) outputs $(STACK) $(if $(SECRETS),--show-secrets)

wiring: venv ## Print what the Sourcegraph side needs; SECTION=helm, say, prints one part or file
	@$(LOCAL) outputs $(STACK) --json | $(VENV_PYTHON) -m components.wiring $(or $(SECTION),all) -

test: lint ## Run every check and every test (about twenty minutes)
	@$(VENV_PYTHON) -m scripts.engine
	@$(WITH_CHECKERS) $(VENV_PYTHON) -m pytest -q -n 2 --dist loadfile

test-fast: venv ## Test configuration and components, without engine (under a minute)
	@$(WITH_CHECKERS) $(VENV_PYTHON) -m pytest -q -n 2 tests/unit tests/contract tests/clouds \
		--ignore tests/unit/agent --ignore tests/unit/boot

lint: venv ## Lint, check the format, the types, the shell scripts and the workflows
	@$(VENV_PYTHON) -m ruff check --quiet .
	@$(VENV_PYTHON) -m ruff format --check --quiet .
	@$(VENV_PYTHON) -m ty check --python build/venv --quiet .
	@$(WITH_CHECKERS) shellcheck $(SHELL_SCRIPTS)
	@$(WITH_CHECKERS) actionlint

format: venv ## Rewrite the sources as `make lint` wants them
	@$(VENV_PYTHON) -m ruff check --fix --quiet .
	@$(VENV_PYTHON) -m ruff format --quiet .

simulate: venv ## Replay TRACE=burst (or ramp, all, a CSV file, …) through what STACK declares
	@$(LOCAL) preview $(STACK) --json build/simulate/$(STACK).json
	@$(VENV_PYTHON) -m simulator run build/simulate/$(STACK).json --trace $(TRACE) \
		$(if $(START),--start "$(START)") $(foreach one,$(ASSUME),--assume $(one))

bench-scaling: venv ## Compare our scaling with the official modules' on every trace
	@$(VENV_PYTHON) -m simulator bench $(foreach one,$(ASSUME),--assume $(one)) \
		$(if $(SENSITIVITY),--sensitivity)

guide: venv ## Write the numbers and pictures of docs/sizing.md and docs/simulator.md anew
	@$(VENV_PYTHON) -m simulator guide

bench: venv ## Measure previews; the report is also in build/bench/
	@$(VENV_PYTHON) -m tests.bench

venv: ## Make or renew build/venv
	@$(PYTHON) -m scripts.venv

tools: venv ## Fetch or build the engine and the checkers ahead of time
	@$(VENV_PYTHON) -m scripts.engine
	@$(VENV_PYTHON) -m scripts.checkers

clean: ## Remove everything under build/ (the local clouds end with it)
	@rm -rf build

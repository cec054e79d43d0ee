# Everything a fresh machine with python3 and make needs: `make cards`, `make test`.
PYTHON ?= python3
VENV := .venv
ORACLES := .venv-oracles
BIN := $(VENV)/bin
PIP_FLAGS := --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help cards test lint accept bench fuzz mutants accuracy slips docs app site wheel clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install $(PIP_FLAGS) --constraint constraints.txt --editable '.[test]'
	$(BIN)/python -m compileall -q generator
	touch $@

$(ORACLES)/.ready: tests/oracles/requirements.txt
	$(PYTHON) -m venv $(ORACLES)
	$(ORACLES)/bin/python -m pip install $(PIP_FLAGS) --requirement tests/oracles/requirements.txt
	touch $@

cards: $(VENV)/.ready ## build every shipped OFSEP card into out/
	find out -mindepth 1 ! -name .gitkeep -delete
	$(BIN)/examcard build specs/protocols/ofsep --all-targets -o out/

lint: $(VENV)/.ready ## ruff and mypy --strict
	$(BIN)/ruff check generator tests bench docs
	$(BIN)/ruff format --check generator tests bench docs
	$(BIN)/mypy

# What is compiled is kept, or each process of the tests would compile it again.
test: lint $(ORACLES)/.ready ## lint, types and the whole test suite
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n auto

accept: $(VENV)/.ready ## accept changed golden exports and message snapshots
	$(BIN)/pytest --accept-golden --snapshot-update tests

bench: $(VENV)/.ready $(ORACLES)/.ready ## compare speed with the peers, in one run; write docs/performance.md
	$(BIN)/python -m bench --write

SECONDS ?= 60
fuzz: $(VENV)/.ready ## damage files of every format for SECONDS (60) and give them to all readers and donor builds
	$(BIN)/python -m bench.fuzz $(SECONDS)

SEED ?= 1
mutants: $(VENV)/.ready ## change the program in 200 places and print what no test notices (20 minutes)
	$(BIN)/python -m bench.mutants --seed $(SEED)

accuracy: $(VENV)/.ready ## compare estimated times with the consoles, write docs/accuracy.md
	$(BIN)/python -m bench.accuracy --write

slips: $(VENV)/.ready ## move every decimal point of the shipped protocols, write docs/slips.md
	$(BIN)/python -m bench.slips --write

docs: $(VENV)/.ready ## write the pages that are made from rules, decisions and the tree
	$(BIN)/python docs/generate.py

app: $(VENV)/.ready ## build the page that runs the program in a browser into app/ (needs nodejs and npm)
	$(BIN)/examcard app -o app

site: $(VENV)/.ready ## build the download site of all shipped protocols into site/
	$(BIN)/examcard publish specs/publication/ofsep.yaml -o site

wheel: $(VENV)/.ready ## build the wheel into dist/
	$(BIN)/python -m pip wheel $(PIP_FLAGS) --no-deps --wheel-dir dist .

clean: ## remove what the targets above made
	rm -rf $(VENV) $(ORACLES) .cache dist build app site out/*

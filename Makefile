# Two commands matter: `make demo` and `make test`. Both build .venv from constraints.txt if it is missing or out of date.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
export PIP_ROOT_USER_ACTION := ignore

.PHONY: demo test lint bench airflow lock clean

demo: $(VENV)/.demo
	$(BIN)/hub demo

test: $(VENV)/.dev lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench

# Airflow on loopback with the DAGs and the demo's workspace. Its home is .airflow: with the repository as home it would
# run plugins/*.py as its own.
airflow: export AIRFLOW_HOME := $(CURDIR)/.airflow
airflow: export HUB_WORKSPACE := $(CURDIR)/.airflow/workspace
airflow: export AIRFLOW__CORE__DAGS_FOLDER := $(CURDIR)/dags
airflow: export AIRFLOW__CORE__LOAD_EXAMPLES := False
airflow: export AIRFLOW__API__HOST := 127.0.0.1
airflow: export AIRFLOW__API__PORT := 8080
airflow: export AIRFLOW__API__WORKERS := 1
airflow: export AIRFLOW__CORE__EXECUTION_API_SERVER_URL := http://127.0.0.1:8080/execution/
airflow: export AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL := 15
airflow: $(VENV)/.dev
	test -d $(HUB_WORKSPACE) || $(BIN)/hub demo --keep $(HUB_WORKSPACE)
	$(BIN)/python -m hub_soap.demo_erp --workspace $(HUB_WORKSPACE) --orders $(HUB_WORKSPACE)/erp-orders.db & erp=$$!; \
	trap "kill $$erp" EXIT; PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/airflow standalone

# Needs uv on the machine; users do not.
lock:
	uv pip compile --universal --all-extras --no-annotate --no-header --python-version 3.11 pyproject.toml -o constraints.txt

clean:
	rm -rf $(VENV) .airflow .mypy_cache .pytest_cache .ruff_cache .hypothesis dist

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e '.[x12,soap]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e '.[x12,soap,stores,cards,postgresql,airflow,dev]'
	@touch $@ $(VENV)/.demo

"""Batch scoring on Spark with models from the registry: `make test-spark`."""

import os

import conftest
import pytest

CLIENTS = {"3.17.2": "OXFLOW_PY_SPARK_317", "2.11.3": "OXFLOW_PY_SPARK_211"}


@pytest.mark.parametrize("version", CLIENTS)
@conftest.on_sqlite
def test_spark_scores_with_registered_models(oxflow, version):
    python = os.environ.get(CLIENTS[version])
    if not python:
        pytest.skip(f"{CLIENTS[version]} does not name a Python with PySpark; `make test-spark` makes one")
    printed = conftest.run_script(python, conftest.HERE / "spark_batch.py", oxflow.url)
    assert printed.count(f"client {version}: Spark scored 1000 rows") == 3, printed

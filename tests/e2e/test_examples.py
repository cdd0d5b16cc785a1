"""The examples run, and check for themselves what came back."""

import os

import conftest
import pytest

EXAMPLES = conftest.ROOT / "examples"


@pytest.mark.parametrize("version", ["3.17.2", "2.11.3"])
def test_wine(oxflow, version):
    python = conftest.client_python(version)
    printed = conftest.run_script(python, EXAMPLES / "wine" / "train.py", oxflow.url, seconds=120)
    assert "everything that was logged came back" in printed
    assert f"mlflow {version}" in printed


@conftest.on_sqlite
def test_lightning(oxflow):
    python = os.environ.get("OXFLOW_PY_LIGHTNING")
    if not python:
        pytest.skip("OXFLOW_PY_LIGHTNING does not name a Python with Lightning; see tests/e2e/setup_lightning.sh")
    printed = conftest.run_script(python, EXAMPLES / "lightning" / "train.py", oxflow.url, seconds=180)
    assert "everything that was logged came back" in printed

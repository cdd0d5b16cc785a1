"""The unmodified client of each version, doing what people do with it."""

import conftest
import pytest

SKIPPED = {"3.17.2": set(), "2.11.3": {"image_steps", "logged_models"}}


@pytest.mark.parametrize("version", ["3.17.2", "2.11.3"])
def test_everyday(oxflow, version):
    python = conftest.client_python(version)
    printed = conftest.run_script(python, conftest.HERE / "everyday.py", oxflow.url)
    assert f"client {version}" in printed
    skipped = {line.split()[1].rstrip(":") for line in printed.splitlines() if line.startswith("skipped ")}
    assert skipped == SKIPPED[version]

"""The matrix: the unmodified client of each version doing what people do with it, on each kind of database.

A failure names the client, the database and the steps, and ends with what each of them said.
"""

import conftest
import pytest

# What came with 2.0, 2.3, 2.4, 2.8, 2.10, 2.14, 2.21 and 3.0.
NOT_IN_1_30 = {"asynchronous", "system_metrics", "tables", "inputs", "aliases", "copies"}
NOT_BEFORE_2_22 = {"image_steps", "prompts"}
NOT_BEFORE_3_0 = {"logged_models"}
# What went with 2.0.
ONLY_IN_1_30 = {"lists_of_1x"}

LACKING = {
    "1.30.0": NOT_IN_1_30 | NOT_BEFORE_2_22 | NOT_BEFORE_3_0,
    "2.11.3": NOT_BEFORE_2_22 | NOT_BEFORE_3_0 | ONLY_IN_1_30,
    "2.22.5": NOT_BEFORE_3_0 | ONLY_IN_1_30,
    "3.6.0": ONLY_IN_1_30,
    "3.17.2": ONLY_IN_1_30,
}


@pytest.mark.parametrize("version", conftest.CLIENTS)
def test_everyday(oxflow, backend, version):
    done = conftest.start_script(conftest.client_python(version), conftest.HERE / "everyday", oxflow.url)
    lines = [line.split() for line in done.stdout.splitlines()]
    steps = {word: {line[1].rstrip(":") for line in lines if line[:1] == [word]} for word in ("ok", "skipped", "FAILED")}
    failed = ", ".join(sorted(steps["FAILED"]))
    said = done.stdout[done.stdout.find("== FAILED") :][-8000:] if failed else done.stderr[-4000:]
    assert not failed and done.returncode == 0, f"client {version} on {backend}: {failed or 'no step'} failed\n{said}"
    assert f"client {version}" in done.stdout
    assert steps["skipped"] == LACKING[version]
    assert len(steps["ok"]) >= 20

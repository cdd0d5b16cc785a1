"""Random requests to a real `mlflow server` and to Oxflow: the same answers but for what docs/differences.md lists."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from differential import rules  # noqa: E402
from differential.__main__ import report  # noqa: E402
from differential.answers import Side, differences, parsed, Answer  # noqa: E402
from differential.generator import Generator  # noqa: E402
from differential.play import Player, show  # noqa: E402
from differential.servers import both  # noqa: E402

SEEDS = [int(seed) for seed in os.environ.get("OXFLOW_DIFFERENTIAL_SEEDS", "1").split()]
REQUESTS = int(os.environ.get("OXFLOW_DIFFERENTIAL_REQUESTS", "2000"))
BACKEND = os.environ.get("OXFLOW_DIFFERENTIAL_BACKEND", "sqlite")


@pytest.fixture(scope="module")
def player(tmp_path_factory):
    if not os.environ.get("OXFLOW_BIN") and not os.environ.get("OXFLOW_SERVER_COMMAND"):
        pytest.skip("OXFLOW_BIN does not name the oxflow binary")
    os.environ.setdefault("OXFLOW_PY_317", sys.executable)
    with both(tmp_path_factory.mktemp("differential"), BACKEND) as (mlflow, oxflow):
        player = Player(mlflow, oxflow)
        yield player
        print(report(player))


@pytest.mark.parametrize("seed", SEEDS)
def test_mlflow_and_oxflow_answer_alike(player, seed):
    failures = player.play(seed, REQUESTS)
    assert not failures, "\n\n".join(["the answers differ:", *map(str, failures)])
    # A sequence that mostly fails would show little.
    assert player.statuses[200] > 0.6 * player.sent


def test_every_rule_is_a_row_of_the_document():
    assert not rules.undocumented()


def test_a_seed_gives_the_same_requests_again():
    first, second = ([show(step) for _, step in zip(range(500), Generator(3).requests())] for _ in range(2))
    assert first == second
    assert first != [show(step) for _, step in zip(range(500), Generator(4).requests())]


def answer_of(side, text):
    return Answer(200, {"content-type": "application/json"}, side.comparable(parsed({"content-type": "application/json"}, text.encode())))


@pytest.mark.parametrize(
    "mlflow, oxflow, differ",
    [
        ('{"run_id": "' + "a" * 32 + '"}', '{"run_id": "' + "b" * 32 + '"}', False),
        ('{"run_id": "' + "a" * 32 + '"}', '{"run_id": "' + "c" * 32 + '"}', True),
        ('{"message": "no ' + "a" * 32 + '!"}', '{"message": "no ' + "b" * 32 + '!"}', False),
        ('{"run_id": "' + "a" * 32 + '"}', '{"run_id": "' + "a" * 32 + '"}', True),
        ('{"value": 1.0}', '{"value": 1}', True),
        ('{"value": 0.0}', '{"value": -0.0}', True),
        ('{"data": {"tags": [1, 2]}}', '{"data": {"tags": [2, 1]}}', False),
        ('{"metrics": [1, 2]}', '{"metrics": [2, 1]}', True),
        ('{"runs": [1, 2]}', '{"runs": [2, 1]}', True),
        ('{"a": 1}', "{}", True),
        ('{"creation_time": 5}', '{"creation_time": 6}', True),
    ],
)
def test_what_counts_as_the_same(mlflow, oxflow, differ):
    left, right = Side("mlflow", "http://a"), Side("oxflow", "http://b")
    left.define("run1", "a" * 32)
    right.define("run1", "b" * 32)
    assert bool(differences(answer_of(left, mlflow), answer_of(right, oxflow), "GET")) == differ

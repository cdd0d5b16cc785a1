"""32 clients at one registered model: its versions are 1 to N, without a gap and without a repeat.

On PostgreSQL the clients are spread over two replicas, on SQLite they share one server.
"""

import pytest
from servers import Api
from test_replicas import CLIENTS, Collisions, all_succeed, one_wins

ROUNDS = 8


@pytest.fixture
def all_of(new_oxflow, backend):
    count = 2 if backend == "postgres" else 1
    urls = [new_oxflow("shared").start().url for _ in range(count)]
    collisions = Collisions(urls)
    yield collisions
    collisions.close()
    assert not [surprise for client in collisions.clients for surprise in client.surprises]


def create_model(all_of, name):
    Api(all_of.urls[0]).post("registered-models/create", name=name)


def create_versions(all_of, name, rounds):
    """What each of `rounds` requests of every client made, each client in a row and all clients at once."""

    def some(number):
        answers = []
        all_of.together.wait(60)
        for turn in range(rounds):
            source = f"s3://bucket/{number}/{turn}"
            answers.append(
                all_of.clients[number].send("POST", "model-versions/create", {"name": name, "source": source})
            )
        return answers

    done = [all_of.pool.submit(some, number) for number in range(CLIENTS)]
    answers = [answer for client in done for answer in client.result()]
    all_succeed(answers)
    return [answer["model_version"] for _, answer in answers]


def read_versions(all_of, name):
    """From every replica the same."""
    query = {"filter": f"name = '{name}'", "max_results": 10000, "order_by": "version_number ASC"}
    pages = [Api(url).get("model-versions/search", **query) for url in all_of.urls]
    assert all(page == pages[0] for page in pages)
    return pages[0].get("model_versions", [])


def test_versions_made_at_once_are_numbered_without_gap_or_repeat(all_of):
    create_model(all_of, "crowded")
    made = create_versions(all_of, "crowded", ROUNDS)
    numbers = [int(version["version"]) for version in made]
    assert sorted(numbers) == list(range(1, CLIENTS * ROUNDS + 1))
    # Everyone got the version with its own source, and that is what is there.
    read = read_versions(all_of, "crowded")
    assert [int(version["version"]) for version in read] == list(range(1, CLIENTS * ROUNDS + 1))
    sources = {version["version"]: version["source"] for version in made}
    assert {version["version"]: version["source"] for version in read} == sources
    latest = Api(all_of.urls[-1]).post("registered-models/get-latest-versions", name="crowded")["model_versions"]
    assert [version["version"] for version in latest] == [str(CLIENTS * ROUNDS)]


def test_models_do_not_share_their_numbers(all_of):
    names = [f"model {number}" for number in range(4)]
    for name in names:
        create_model(all_of, name)
    answers = all_of.at_once(
        "POST", "model-versions/create", lambda number: {"name": names[number % 4], "source": "s3://bucket/x"}
    )
    all_succeed(answers)
    for name in names:
        assert [int(version["version"]) for version in read_versions(all_of, name)] == list(range(1, CLIENTS // 4 + 1))


def test_the_number_of_a_deleted_version_is_not_given_again(all_of):
    """All make one, all delete theirs, four times."""
    create_model(all_of, "fleeting")
    seen = []
    for _ in range(4):
        made = all_of.at_once(
            "POST", "model-versions/create", lambda number: {"name": "fleeting", "source": f"s3://bucket/{number}"}
        )
        all_succeed(made)
        numbers = [answer["model_version"]["version"] for _, answer in made]
        all_succeed(
            all_of.at_once(
                "DELETE", "model-versions/delete", lambda number: {"name": "fleeting", "version": numbers[number]}
            )
        )
        seen += map(int, numbers)
    assert sorted(seen) == list(range(1, CLIENTS * 4 + 1))
    assert read_versions(all_of, "fleeting") == []


def test_a_model_made_by_everyone_is_made_once(all_of):
    answers = all_of.at_once("POST", "registered-models/create", lambda _: {"name": "wanted"})
    one_wins(answers, "RESOURCE_ALREADY_EXISTS")


def test_an_alias_moved_by_everyone_points_to_one_version(all_of):
    create_model(all_of, "pointed at")
    create_versions(all_of, "pointed at", 1)
    all_succeed(
        all_of.at_once(
            "POST",
            "registered-models/alias",
            lambda number: {"name": "pointed at", "alias": "champion", "version": str(number + 1)},
        )
    )
    model = all_of.read("registered-models/get", name="pointed at")["registered_model"]
    assert [item["alias"] for item in model["aliases"]] == ["champion"]
    found = all_of.read("registered-models/alias", name="pointed at", alias="champion")["model_version"]
    assert found["version"] == model["aliases"][0]["version"]


def test_one_version_is_left_in_a_stage_that_everyone_takes_alone(all_of):
    create_model(all_of, "staged")
    create_versions(all_of, "staged", 1)
    all_succeed(
        all_of.at_once(
            "POST",
            "model-versions/transition-stage",
            lambda number: {
                "name": "staged",
                "version": str(number + 1),
                "stage": "Production",
                "archive_existing_versions": True,
            },
        )
    )
    stages = [version["current_stage"] for version in read_versions(all_of, "staged")]
    assert sorted(stages) == ["Archived"] * (CLIENTS - 1) + ["Production"]

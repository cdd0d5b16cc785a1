"""The model registry: registered models, versions, stages, aliases, tags, searches. Loading a version is in models.py."""

import inspect
import time

import mlflow

from everyday.common import Lacks, client, needs, new_experiment, refused, unique, walk

# Nothing reads what is there; the registry only remembers it.
SOURCE = "s3://bucket/models/{}"


def new_model(name, **rest):
    name = f"{name} {unique}"
    client.create_registered_model(name, **rest)
    return name


def new_version(name, number=1, **rest):
    return client.create_model_version(name, SOURCE.format(number), **rest)


def registered_models():
    name = new_model("model", tags={"team": "blue"}, description="what it is")
    refused("RESOURCE_ALREADY_EXISTS", client.create_registered_model, name)
    refused("INVALID_PARAMETER_VALUE", client.create_registered_model, "a/b")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, f"no model {unique}")
    found = client.get_registered_model(name)
    assert (found.description, found.tags, list(found.latest_versions)) == ("what it is", {"team": "blue"}, [])
    assert found.last_updated_timestamp >= found.creation_timestamp > 1_600_000_000_000
    client.update_registered_model(name, "größe " * 800)
    client.set_registered_model_tag(name, "team", "red")
    client.set_registered_model_tag(name, "long", "ü" * 5000)
    client.set_registered_model_tag(name, "gone", "x")
    client.delete_registered_model_tag(name, "gone")
    found = client.get_registered_model(name)
    assert found.description == "größe " * 800 and found.tags == {"team": "red", "long": "ü" * 5000}

    new_version(name)
    other = new_model("taken")
    refused("RESOURCE_ALREADY_EXISTS", client.rename_registered_model, name, other)
    renamed = f"{name} renamed"
    client.rename_registered_model(name, renamed)
    refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, name)
    found = client.get_registered_model(renamed)
    assert found.tags["team"] == "red" and [item.version for item in found.latest_versions] == ["1"]
    assert client.get_model_version(renamed, "1").source == SOURCE.format(1)

    client.delete_registered_model(renamed)
    refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, renamed)
    refused("RESOURCE_DOES_NOT_EXIST", client.get_model_version, renamed, "1")
    client.create_registered_model(renamed)
    assert new_version(renamed).version == "1"


def model_versions():
    name = new_model("versions")
    run = client.create_run(new_experiment("of versions")).info
    first = client.create_model_version(
        name, f"{run.artifact_uri}/model", run.run_id, tags={"a": "1"}, description="first"
    )
    assert (first.version, first.run_id, first.status, first.current_stage) == ("1", run.run_id, "READY", "None")
    assert (first.description, first.tags, first.source) == ("first", {"a": "1"}, f"{run.artifact_uri}/model")
    assert client.get_model_version_download_uri(name, "1") == f"{run.artifact_uri}/model"
    refused("INVALID_PARAMETER_VALUE", client.create_model_version, name, "mlflow-artifacts:/0/../secrets", run.run_id)
    refused("RESOURCE_DOES_NOT_EXIST", new_version, f"no model {unique}")

    assert [new_version(name, number).version for number in (2, 3)] == ["2", "3"]
    client.update_model_version(name, "2", "second")
    client.set_model_version_tag(name, "2", "b", "ü" * 5000)
    client.set_model_version_tag(name, "2", "c", 5)
    client.set_model_version_tag(name, "2", "gone", "x")
    client.delete_model_version_tag(name, "2", "gone")
    second = client.get_model_version(name, "2")
    assert second.description == "second" and second.tags == {"b": "ü" * 5000, "c": "5"}
    assert [item.version for item in client.get_latest_versions(name)] == ["3"]

    client.delete_model_version(name, "3")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_model_version, name, "3")
    refused("RESOURCE_DOES_NOT_EXIST", client.set_model_version_tag, name, "3", "a", "b")
    assert [item.version for item in client.get_latest_versions(name)] == ["2"]
    assert new_version(name, 4).version == "4", "the number of a deleted version was used again"


def stages():
    name = new_model("stages")
    for number in range(1, 5):
        new_version(name, number)
    to = lambda version, stage, **rest: client.transition_model_version_stage(name, version, stage, **rest)
    assert to("1", "production").current_stage == "Production"
    to("2", "Staging")
    to("3", "Production", archive_existing_versions=True)
    current = lambda: {
        item.version: item.current_stage for item in client.search_model_versions(f"name = '{name}'")
    }
    assert current() == {"1": "Archived", "2": "Staging", "3": "Production", "4": "None"}
    refused("INVALID_PARAMETER_VALUE", to, "1", "Sideways")
    refused("RESOURCE_DOES_NOT_EXIST", to, "9", "Staging")
    latest = lambda *wanted: {item.current_stage: item.version for item in client.get_latest_versions(name, *wanted)}
    assert latest() == {"None": "4", "Staging": "2", "Production": "3", "Archived": "1"}
    assert latest(["Production", "Staging"]) == {"Staging": "2", "Production": "3"}
    assert list(client.get_model_version_stages(name, "1")) == ["None", "Staging", "Production", "Archived"]
    client.set_model_version_tag(name, key="by", value="stage", stage="Staging")
    assert client.get_model_version(name, "2").tags == {"by": "stage"}
    client.delete_model_version_tag(name, key="by", stage="Staging")
    to("3", "None")
    assert latest(["Production"]) == {}
    held = {item.version: item.current_stage for item in client.get_registered_model(name).latest_versions}
    assert held == {"4": "None", "2": "Staging", "1": "Archived"}


def aliases():
    needs(client, "set_registered_model_alias")
    name = new_model("aliases")
    for number in range(1, 4):
        new_version(name, number)
    client.set_registered_model_alias(name, "champion", "1")
    client.set_registered_model_alias(name, "größe_1-a", "1")
    assert sorted(client.get_model_version(name, "1").aliases) == ["champion", "größe_1-a"]
    client.set_registered_model_alias(name, "champion", "3")
    assert client.get_model_version_by_alias(name, "champion").version == "3"
    assert client.get_registered_model(name).aliases == {"champion": "3", "größe_1-a": "1"}
    # A search tells no aliases.
    found = client.search_model_versions(f"name = '{name}'", order_by=["version_number ASC"])
    assert [list(item.aliases) for item in found] == [[], [], []]
    refused("INVALID_PARAMETER_VALUE", client.set_registered_model_alias, name, "latest", "1")
    refused("INVALID_PARAMETER_VALUE", client.set_registered_model_alias, name, "v3", "1")
    refused("RESOURCE_DOES_NOT_EXIST", client.set_registered_model_alias, name, "champion", "9")
    client.delete_registered_model_alias(name, "größe_1-a")
    client.delete_registered_model_alias(name, "größe_1-a")
    refused("INVALID_PARAMETER_VALUE", client.get_model_version_by_alias, name, "größe_1-a")
    renamed = f"{name} renamed"
    client.rename_registered_model(name, renamed)
    assert client.get_model_version_by_alias(renamed, "champion").version == "3"
    client.delete_model_version(renamed, "3")
    assert client.get_registered_model(renamed).aliases == {}


def copies():
    needs(client, "copy_model_version")
    name, target = new_model("copied"), f"copies {unique}"
    new_version(name, 1, tags={"a": "1"}, description="what it is")
    client.set_registered_model_alias(name, "champion", "1")
    first = client.copy_model_version(f"models:/{name}/1", target)
    second = client.copy_model_version(f"models:/{name}@champion", target)
    assert [(item.name, item.version) for item in (first, second)] == [(target, "1"), (target, "2")]
    assert client.get_model_version(target, "1").source == f"models:/{name}/1"
    for version in ("1", "2"):
        assert client.get_model_version_download_uri(target, version) == SOURCE.format(1)
    # A copy of a copy leads to the files, too.
    third = client.copy_model_version(f"models:/{target}/2", f"{target} again")
    assert client.get_model_version_download_uri(third.name, third.version) == SOURCE.format(1)


def search_models():
    names = [new_model(f"found{number:02}", tags={"parity": str(number % 2)}) for number in range(25)]
    for name in names[:3]:
        new_version(name)
    text = f"name LIKE 'found% {unique}'"
    find = lambda text, **rest: [item.name for item in client.search_registered_models(text, **rest)]
    pages = walk(client.search_registered_models, filter_string=text, max_results=10, order_by=["name DESC"])
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [item.name for page in pages for item in page] == names[::-1]
    assert find(text) == names
    assert find(f"name = '{names[7]}'") == [names[7]]
    assert find(f"name ILIKE 'FOUND1% {unique.upper()}'") == names[10:20]
    assert find(f"{text} AND tags.parity = '1'") == names[1::2]
    assert find(f"{text} AND tags.parity != '1'", max_results=4) == names[0:8:2]
    client.set_registered_model_tag(names[20], "late", "x")
    client.update_registered_model(names[20], "touched")
    assert find(text, order_by=["last_updated_timestamp DESC"], max_results=1) in ([names[20]], [names[24]])
    shown = client.search_registered_models(f"name = '{names[0]}'")[0]
    assert [item.version for item in shown.latest_versions] == ["1"] and shown.tags == {"parity": "0"}
    refused("INVALID_PARAMETER_VALUE", client.search_registered_models, "nothing = 'x'")
    refused("INVALID_PARAMETER_VALUE", client.search_registered_models, order_by=["nothing"])
    if hasattr(mlflow, "search_registered_models"):
        assert [item.name for item in mlflow.search_registered_models(filter_string=text, max_results=3)] == names[:3]


def search_versions():
    name, other = new_model("many versions"), new_model("few versions")
    run = client.create_run(new_experiment("searched versions")).info
    for number in range(1, 46):
        new_version(name, number, tags={"ten": "yes"} if number % 10 == 0 else None, await_creation_for=0)
    client.create_model_version(other, f"{run.artifact_uri}/model", run.run_id)
    numbers = lambda found: [int(item.version) for item in found]
    text = f"name = '{name}'"
    assert sorted(numbers(client.search_model_versions(text))) == list(range(1, 46))
    assert numbers(client.search_model_versions(f"run_id = '{run.run_id}'")) == [1]
    assert numbers(client.search_model_versions(f"source_path = '{SOURCE.format(17)}' AND {text}")) == [17]
    refused("INVALID_PARAMETER_VALUE", client.search_model_versions, "nothing = 'x'")
    if "order_by" not in inspect.signature(client.search_model_versions).parameters:
        return  # 1.30 sends a filter and nothing else.
    pages = walk(client.search_model_versions, filter_string=text, max_results=20, order_by=["version_number ASC"])
    assert [numbers(page) for page in pages] == [list(range(1, 21)), list(range(21, 41)), list(range(41, 46))]
    descending = ["version_number DESC"]
    assert numbers(client.search_model_versions(f"{text} AND tags.ten = 'yes'", order_by=descending)) == [40, 30, 20, 10]
    both = client.search_model_versions(
        f"name IN ('{name}', '{other}') AND version_number < 3", order_by=["name ASC", "version_number DESC"]
    )
    assert [(item.name, item.version) for item in both] == [(other, "1"), (name, "2"), (name, "1")]
    if hasattr(mlflow, "search_model_versions"):
        assert len(mlflow.search_model_versions(filter_string=text)) == 45

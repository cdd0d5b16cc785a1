"""Experiments: created, renamed, tagged, searched, deleted, restored."""

import mlflow
from mlflow.entities import ViewType

from everyday.common import client, needs, new_experiment, refused, unique, walk


def experiments():
    first = new_experiment("days", tags={"team": "blue"})
    found = client.get_experiment(first)
    assert (found.name, found.tags["team"], found.lifecycle_stage) == (f"days {unique}", "blue", "active")
    assert found.artifact_location == f"mlflow-artifacts:/{first}"
    refused("RESOURCE_ALREADY_EXISTS", client.create_experiment, f"days {unique}")
    client.set_experiment_tag(first, "team", "red")
    client.set_experiment_tag(first, "größe", "ü" * 5000)
    client.rename_experiment(first, f"nights {unique}")
    renamed = client.get_experiment_by_name(f"nights {unique}")
    assert renamed.experiment_id == first and renamed.tags == {"team": "red", "größe": "ü" * 5000}
    assert client.get_experiment_by_name(f"days {unique}") is None
    client.delete_experiment(first)
    assert client.get_experiment(first).lifecycle_stage == "deleted"
    refused("INVALID_PARAMETER_VALUE", client.create_run, first)
    client.restore_experiment(first)
    assert client.get_experiment(first).lifecycle_stage == "active"
    refused("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "99999999")

    made = [new_experiment(f"page{number}", tags={"number": str(number)}) for number in range(7)]
    text = f"name LIKE 'page% {unique}'"
    pages = walk(client.search_experiments, filter_string=text, order_by=["name DESC"], max_results=3)
    walked = [item.experiment_id for page in pages for item in page]
    assert walked == made[::-1], (walked, made)
    some = mlflow.search_experiments(filter_string=f"{text} AND tags.number = '3'")
    assert [item.experiment_id for item in some] == [made[3]]
    client.delete_experiment(made[0])
    deleted = client.search_experiments(ViewType.DELETED_ONLY, filter_string=text)
    assert [item.experiment_id for item in deleted] == [made[0]]
    assert len(client.search_experiments(ViewType.ALL, filter_string=text)) == 7


def lists_of_1x():
    """What MLflow 2.0 replaced by searches."""
    needs(client, "list_experiments", "list_registered_models", "list_run_infos")
    made = [new_experiment(f"listed{number}") for number in range(3)]
    client.delete_experiment(made[1])
    ids = lambda pages: [item.experiment_id for page in pages for item in page if item.experiment_id in made]
    assert sorted(ids(walk(client.list_experiments, max_results=2))) == sorted([made[0], made[2]])
    assert ids(walk(client.list_experiments, view_type=ViewType.DELETED_ONLY, max_results=1000)) == [made[1]]
    assert sorted(ids(walk(client.list_experiments, view_type=ViewType.ALL, max_results=1000))) == sorted(made)
    assert {made[0], made[2]} <= {item.experiment_id for item in mlflow.list_experiments()}
    runs = [client.create_run(made[0], start_time=1000 + number).info.run_id for number in range(3)]
    assert [info.run_id for info in client.list_run_infos(made[0])] == runs[::-1]
    names = [f"listed{number} {unique}" for number in range(5)]
    for name in names:
        client.create_registered_model(name)
    pages = walk(client.list_registered_models, max_results=2)
    assert {len(page) for page in pages[:-1]} == {2}
    assert [model.name for page in pages for model in page if model.name in names] == names

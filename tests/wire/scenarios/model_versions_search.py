"""model-versions/search."""

from record import query, refused
from scenarios.registry import PROMPT, VERSIONS, Registry, tags


def given_versions(s):
    """Two models and a prompt; the first version was changed last."""
    r = Registry(s)
    a, b, p = (f"{r.name} {letter}" for letter in "abp")
    for name in [a, b]:
        r.model(name, no_body=True)
    r.model(p, tags=[PROMPT], no_body=True)
    versions = [
        (a, "s3://bucket/one", "1" * 32, {"team": "blue", "kind": "tree"}),
        (a, "s3://bucket/Two", "2" * 32, {"team": "Red", "my tag": "x"}),
        (a, "s3://bucket/gone", "1" * 32, {}),
        (a, "s3://other/one", "", {"team": "redder"}),
        (b, "s3://bucket/one", "2" * 32, {"team": "blue"}),
        (b, "dbfs:/b", "3" * 32, {}),
    ]
    for name, source, run_id, values in versions:
        r.version(name, source=source, run_id=run_id, tags=tags(**values), no_body=True)
    r.version(p, source="dummy-source", tags=[PROMPT, {"key": "mlflow.prompt.text", "value": "Hi"}], no_body=True)
    r.delete_version("3", a)
    s.patch(VERSIONS + "update", {"name": a, "version": "1", "description": "changed"}, no_body=True)

    def find(filter=None, **fields):
        own = f"name LIKE '{r.name} %'"
        rest = {name: fields.pop(name) for name in ["status", "oxflow", "no_body", "capture", "any"] if name in fields}
        filter = f"{own} AND {filter}" if filter else own
        return s.get(VERSIONS + "search", query(filter=filter, **fields), **rest)

    return r, find


def record(recorder):
    with recorder.scenario("model versions are found by their attributes") as s:
        r, find = given_versions(s)
        find()
        for filter in [
            f"name = '{r.name} a'",
            f"attribute.name = '{r.name} a'",
            f"name != '{r.name} a'",
            "name LIKE '%a'",
            "name ILIKE '%A'",
            f"name IN ('{r.name} a', '{r.name} b')",
            f"name NOT IN ('{r.name} a')",
            "run_id = '11111111111111111111111111111111'",
            "run_id != '11111111111111111111111111111111'",
            "run_id LIKE '1%'",
            "run_id = ''",
            "run_id IN ('11111111111111111111111111111111', '33333333333333333333333333333333')",
            "run_id NOT IN ('11111111111111111111111111111111')",
            "run_id in ('33333333333333333333333333333333',)",
            "version_number = 1",
            "version_number != 1",
            "version_number > 1",
            "version_number >= 2",
            "version_number < 2",
            "version_number <= 2",
            "version_number = '2'",
            "version_number > '1'",
            "version_number = -1",
            "source_path = 's3://bucket/one'",
            "source_path != 's3://bucket/one'",
            "source_path LIKE 's3://bucket/%'",
            "source_path LIKE '%two'",
            "source_path ILIKE '%two'",
            "attribute.source_path = 'dbfs:/b' AND version_number = 2",
            f"name = '{r.name} a' and run_id = '22222222222222222222222222222222' AND version_number > 1",
            "name = 'nothing'",
        ]:
            find(filter)

    with recorder.scenario("model versions are found by tag") as s:
        r, find = given_versions(s)
        for filter in [
            "tags.team = 'blue'",
            "tag.team = 'blue'",
            "tags.team != 'blue'",
            "tags.team LIKE 're%'",
            "tags.team ILIKE 're%'",
            "tags.`my tag` = 'x'",
            "tags.team = 'blue' AND tags.kind = 'tree'",
            "tags.team LIKE 'r%' AND tags.team LIKE '%er'",
            "tags.team = 'blue' AND tags.team = 'Red'",
            "tags.nothing != 'x'",
            "tags.team = 'blue' AND version_number = 1",
        ]:
            find(filter)

    with recorder.scenario("versions of prompts are found only when asked for") as s:
        r, find = given_versions(s)
        key = "tags.`mlflow.prompt.is_prompt`"
        for filter in [
            f"name = '{r.name} p'",
            f"{key} = 'true'",
            f"{key} = 'True'",
            f"{key} != 'false'",
            f"{key} = 'false'",
            f"{key} != 'true'",
            f"{key} LIKE 'true'",
            f"tag.`mlflow.prompt.is_prompt` = 'true' AND name = '{r.name} p'",
            f"{key} = 'true' AND tags.`mlflow.prompt.text` = 'Hi'",
        ]:
            find(filter)

    with recorder.scenario("model versions are ordered") as s:
        r, find = given_versions(s)
        for order in [
            "name",
            "name DESC",
            "version_number",
            "version_number DESC",
            "creation_timestamp",
            "creation_timestamp DESC",
            "last_updated_timestamp",
            "last_updated_timestamp desc",
            ["version_number ASC", "name DESC"],
            ["name DESC", "version_number ASC"],
            "`version_number`",
            "attribute.version_number",
        ]:
            find(order_by=order)

    with recorder.scenario("what model versions cannot be ordered by") as s:
        r, find = given_versions(s)
        for order in ["timestamp", "run_id", "source_path", "nobody", "tags.team", "name UP", "name, x", ""]:
            find(order_by=order, status=400)

    with recorder.scenario("model versions ordered twice by one key") as s:
        r, find = given_versions(s)
        for order in [["name", "name DESC"], ["version_number", "version_number"]]:
            find(order_by=order, status=500, oxflow=refused("registry-order-by-duplicate"))

    with recorder.scenario("pages of model versions") as s:
        r, find = given_versions(s)
        order = ["name ASC", "version_number ASC"]
        find(max_results=2, order_by=order, capture={"page": "/next_page_token"})
        find(max_results=2, order_by=order, page_token="${page}", capture={"last": "/next_page_token"})
        find(max_results=2, order_by=order, page_token="${last}")
        find(max_results=5, order_by=order)
        find(max_results=200000, order_by=order)
        find(page_token="")

    with recorder.scenario("bounds of the pages of model versions") as s:
        r, find = given_versions(s)
        for count in [0, -1, 200001, "a", "1.5", ""]:
            find(max_results=count, status=400)

    with recorder.scenario("bad page tokens of model versions") as s:
        r, find = given_versions(s)
        for token in ["abc", "!!", "e30="]:
            find(page_token=token, status=400)
        clean = refused("page-token-is-checked")
        find(page_token="bnVsbA==", status=500, oxflow=clean)
        find(page_token="eyJvZmZzZXQiOiAtMX0=", no_body=True, oxflow=clean)
        find(page_token="eyJvZmZzZXQiOiA5OTk5fQ==")

    with recorder.scenario("filters that model versions cannot have") as s:
        s.get(VERSIONS + "search", query(filter="name = 'nothing' AND"), status=200)
        for filter in [
            "name",
            "name = a",
            "name = 5",
            "name > 'a'",
            "name = 'a' OR name = 'b'",
            "NOT name = 'a'",
            "(name = 'a')",
            "name = 'a'; name = 'b'",
            "name IN ()",
            "name IN (1)",
            "run_id IN ()",
            "run_id IN ('a', 5)",
            "run_id > 'a'",
            "run_id = 5",
            "source_path IN ('a')",
            "source_path NOT IN ('a')",
            "source_path > 'a'",
            "version_number = 1.5",
            "version_number = 'a'",
            "version_number = '1.5'",
            "version_number LIKE '1'",
            "version_number LIKE 1",
            "version_number IN (1, 2)",
            "version_number IN ('1')",
            "versions = 1",
            "sources = 'a'",
            "current_stage = 'Staging'",
            "creation_timestamp > 5",
            "last_updated_timestamp > 5",
            "metrics.a > 5",
            "params.a = '5'",
            "attributes.name = 'a'",
            "tags.team = 5",
            "tags.team = blue",
            "tags.team > 'a'",
            "tags.team IN ('a')",
            "name = 'a",
        ]:
            s.get(VERSIONS + "search", query(filter=filter), status=400)

    with recorder.scenario("filters that MLflow breaks on when it searches model versions") as s:
        for filter in ["tags.team IS NULL", "tags.team IS NOT NULL", "name IS NULL", "version_number IS NOT NULL"]:
            s.get(VERSIONS + "search", query(filter=filter), status=500, oxflow=refused("registry-filter"))

"""registered-models/search."""

from record import query, refused
from scenarios.registry import MODELS, PROMPT, Registry, tags


def given_models(s):
    """Four models and two prompts; the later ones were created later, then `a` was touched."""
    r = Registry(s)
    models = [
        ("a", {"team": "blue", "kind": "tree"}, "first"),
        ("b", {"team": "Red", "my tag": "x"}, None),
        ("C", {"team": "redder"}, ""),
        ("d_1", {}, None),
    ]
    for name, values, description in models:
        r.model(f"{r.name} {name}", tags=tags(**values), description=description, no_body=True)
    r.model(f"{r.name} p", tags=[PROMPT, *tags(team="blue")], no_body=True)
    r.model(f"{r.name} q", tags=[{"key": PROMPT["key"], "value": "True"}], no_body=True)
    r.model(f"{r.name} r", tags=[{"key": PROMPT["key"], "value": "false"}], no_body=True)
    r.version(f"{r.name} a", no_body=True)

    def find(filter=None, **fields):
        own = f"name LIKE '{r.name}%'"
        rest = {name: fields.pop(name) for name in ["status", "oxflow", "no_body", "capture", "any"] if name in fields}
        filter = f"{own} AND {filter}" if filter else own
        return s.get(MODELS + "search", query(filter=filter, **fields), **rest)

    return r, find


def find_bad(s, filter, status=400, **rest):
    return s.get(MODELS + "search", query(filter=filter), status=status, **rest)


def record(recorder):
    with recorder.scenario("registered models are found by name") as s:
        r, find = given_models(s)
        find()
        for filter in [
            f"name = '{r.name} a'",
            f"name != '{r.name} a'",
            f"attribute.name = '{r.name} a'",
            "name LIKE '%b'",
            "name LIKE '%c'",
            "name ILIKE '%c'",
            "name like '%b'",
            "name ilike '%C'",
            "name LIKE '%d__'",
            "name LIKE '%d_1'",
            f"name IN ('{r.name} a', '{r.name} b', 'nothing')",
            f"name NOT IN ('{r.name} a', '{r.name} b')",
            f"name in ('{r.name} a')",
            f"name not in ('{r.name} a')",
            f"name IN ('{r.name} a',)",
            f'name = "{r.name} a"',
            "name = 'nothing'",
            "name = ''",
        ]:
            find(filter)

    with recorder.scenario("registered models are found by tag") as s:
        r, find = given_models(s)
        for filter in [
            "tags.team = 'blue'",
            "tag.team = 'blue'",
            "tags.team != 'blue'",
            "tags.team LIKE 're%'",
            "tags.team ILIKE 're%'",
            "tags.`my tag` = 'x'",
            'tags."my tag" = \'x\'',
            "tags.`team` = 'blue' AND tags.kind = 'tree'",
            "tags.team = 'blue' AND tags.team LIKE 'b%'",
            "tags.team LIKE 'r%' AND tags.team LIKE '%er'",
            "tags.team = 'blue' AND tags.team = 'Red'",
            "tags.nothing != 'x'",
            "tags.team = 'blue' and name LIKE '%a'",
        ]:
            find(filter)

    with recorder.scenario("prompts are found only when asked for") as s:
        r, find = given_models(s)
        key = "tags.`mlflow.prompt.is_prompt`"
        for filter in [
            f"{key} = 'true'",
            f"{key} = 'True'",
            f"{key} != 'false'",
            f"{key} = 'false'",
            f"{key} != 'true'",
            f"{key} = 'x'",
            f"{key} != 'x'",
            f"{key} LIKE 't%'",
            f"{key} ILIKE 'TRUE'",
            "tag.`mlflow.prompt.is_prompt` = 'true'",
            'tags."mlflow.prompt.is_prompt" = \'true\'',
            "tags.mlflow.prompt.is_prompt = 'true'",
            f"{key} = 'true' AND tags.team = 'blue'",
            f"{key} != 'true' AND tags.team = 'blue'",
            f"{key} = 'true' AND {key} = 'true'",
            f"{key} = 'true' AND {key} = 'false'",
            f"{key} = 'false' AND {key} = 'true'",
            f"{key} != 'true' AND {key} = 'true'",
            "tags.team = 'blue'",
        ]:
            find(filter)

    with recorder.scenario("registered models are ordered") as s:
        r, find = given_models(s)
        for order in [
            "name",
            "name ASC",
            "name desc",
            "name DESC",
            "timestamp",
            "timestamp DESC",
            "last_updated_timestamp",
            "last_updated_timestamp DESC",
            "`name` DESC",
            "name   DESC",
            ["last_updated_timestamp ASC", "name DESC"],
            ["timestamp ASC"],
        ]:
            find(order_by=order)
        find("tags.team LIKE '%'", order_by="name DESC")

    with recorder.scenario("what registered models cannot be ordered by") as s:
        r, find = given_models(s)
        for order in [
            "creation_timestamp",
            "nobody",
            "tags.team",
            "name UP",
            "name DESC ",
            " name",
            "name ASC DESC",
            "name, timestamp",
            "",
            "attribute.name",
            "description",
            "latest_versions",
        ]:
            find(order_by=order, status=400)

    with recorder.scenario("registered models ordered twice by one key") as s:
        r, find = given_models(s)
        for order in [["name", "name DESC"], ["timestamp", "last_updated_timestamp"]]:
            find(order_by=order, status=500, oxflow=refused("registry-order-by-duplicate"))

    with recorder.scenario("pages of registered models") as s:
        r, find = given_models(s)
        find(max_results=2, capture={"page": "/next_page_token"})
        find(max_results=2, page_token="${page}", capture={"last": "/next_page_token"})
        find(max_results=2, page_token="${last}")
        find(max_results=5)
        find(max_results=4, capture={"rest": "/next_page_token"})
        find(max_results=4, page_token="${rest}")
        find(max_results=1000)
        find(page_token="")
        find("name LIKE '%a'", page_token="${page}")

    with recorder.scenario("bounds of the pages of registered models") as s:
        r, find = given_models(s)
        find(max_results=1001, status=400)
        find(max_results=100000, status=400)
        find(max_results="a", status=400)
        find(max_results="1.5", status=400)
        find(max_results="", status=400)
        clean = refused("registry-max-results")
        find(max_results=0, no_body=True, oxflow=clean)
        find(max_results=-1, no_body=True, oxflow=clean)
        find(max_results=-2, no_body=True, oxflow=clean)

    with recorder.scenario("bad page tokens of registered models") as s:
        r, find = given_models(s)
        for token in ["abc", "!!", "${token_like}", "e30="]:
            if "$" not in token:
                find(page_token=token, status=400)
        clean = refused("page-token-is-checked")
        find(page_token="bnVsbA==", status=500, oxflow=clean)
        find(page_token="eyJvZmZzZXQiOiAtMX0=", no_body=True, oxflow=clean)
        find(page_token="eyJvZmZzZXQiOiAiMSJ9", no_body=True, oxflow=clean)
        find(page_token="eyJvZmZzZXQiOiA5OTk5fQ==")

    with recorder.scenario("filters that registered models cannot have") as s:
        for filter in ["name = 'nothing' AND", "name = 'nothing' name = 'b'", "tags. = 'a'"]:
            find_bad(s, filter, status=200)
        for filter in [
            "name",
            "name =",
            "= 'a'",
            "'a' = name",
            "name = a",
            "name = 5",
            "name == 'a'",
            "name <> 'a'",
            "name > 'a'",
            "name >= 'a'",
            "name = 'a' OR name = 'b'",
            "NOT name = 'a'",
            "(name = 'a')",
            "name BETWEEN 'a' AND 'b'",
            "name = 'a'; name = 'b'",
            "name = 'a' -- comment",
            "name IN ()",
            "name IN 'a'",
            "name IN (1)",
            "name IN ('a', 5)",
            "name LIKE 5",
            "creation_timestamp > 5",
            "last_updated_timestamp > 5",
            "description = 'a'",
            "versions = 1",
            "run_id = 'a'",
            "metrics.a > 5",
            "params.a = '5'",
            "attributes.name = 'a'",
            "foo.name = 'a'",
            "tags.team = blue",
            "tags.team = 5",
            "tags.team > 'a'",
            "tags.team IN ('a')",
            "tags.team NOT IN ('a')",
            "name = 'a",
            ",",
            "*",
            ". = 'a'",
        ]:
            find_bad(s, filter)

    with recorder.scenario("filters that MLflow breaks on when it searches registered models") as s:
        for filter in ["tags.team IS NULL", "tags.team IS NOT NULL", "name IS NULL", "name IS NOT NULL"]:
            find_bad(s, filter, status=500, oxflow=refused("registry-filter"))

    with recorder.scenario("types of the fields of a search for registered models") as s:
        r, find = given_models(s)
        find(unknown="x")
        s.get(MODELS + "search", query(filter=[f"name = '{r.name} a'", f"name = '{r.name} b'"]), no_body=True)
        s.get(MODELS + "search", query(filter="name = 'nothing'", order_by=["name", "timestamp"]))
        s.call("GET", MODELS + "search", json={"filter": f"name = '{r.name} a'", "max_results": 1})
        s.call("GET", MODELS + "search", json={"filter": 5}, status=400)
        s.call("GET", MODELS + "search", json={"filter": "name = 'nothing'", "order_by": "name"}, status=400)
        s.call("GET", MODELS + "search", json={"filter": "name = 'nothing'", "order_by": [5]}, status=400)
        s.call("GET", MODELS + "search", json={"filter": "name = 'nothing'", "page_token": 5}, status=400)
        s.call("GET", MODELS + "search", json={"filter": "name = 'nothing'", "max_results": "5"})

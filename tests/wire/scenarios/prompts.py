"""Prompts: registered models with a tag, as the client's prompt functions write and read them."""

import json

from record import query
from scenarios.registry import MODELS, VERSIONS, PROMPT, Registry

TYPE, TEXT = "_mlflow_prompt_type", "mlflow.prompt.text"


def prompt_tags(text, kind="text", **values):
    pairs = [(PROMPT["key"], "true"), (TYPE, kind), (TEXT, text), *values.items()]
    return [{"key": key, "value": value} for key, value in pairs]


def record(recorder):
    with recorder.scenario("what the client sends for a prompt") as s:
        r = Registry(s)
        r.read(status=404)
        r.model(tags=[PROMPT, {"key": "a", "value": "b"}], description="first")
        r.version(
            source="dummy-source",
            tags=[{"key": "a", "value": "b"}, *prompt_tags("Hi {{name}}")],
            description="first",
        )
        r.read()
        r.version(source="dummy-source", tags=prompt_tags("Hello {{name}}"), description="second")
        s.post(MODELS + "set-tag", {"name": r.name, "key": "_mlflow_experiment_ids", "value": ",0,"})
        r.alias("production", "1")
        r.read_alias("production")
        r.read_alias("latest")
        r.read_version("2")
        s.get(
            MODELS + "search",
            query(filter=f"name = '{r.name}' AND tags.`mlflow.prompt.is_prompt` = 'true'", max_results=100),
        )
        s.get(
            VERSIONS + "search",
            query(
                filter=f"name = '{r.name}' AND tag.`mlflow.prompt.is_prompt` = 'true'",
                max_results=100,
                order_by="version_number DESC",
            ),
        )
        s.post(VERSIONS + "set-tag", {"name": r.name, "version": "1", "key": "k", "value": "v"})
        s.post(MODELS + "set-tag", {"name": r.name, "key": "k", "value": "v"})
        r.delete_alias("production")
        r.delete_version("1")
        r.delete_version("2")
        s.delete(MODELS + "delete", {"name": r.name})

    with recorder.scenario("a chat prompt with a response format") as s:
        r = Registry(s)
        r.model(tags=[PROMPT])
        messages = json.dumps([{"role": "user", "content": "Hi {{x}}, ü"}])
        extra = {"_mlflow_prompt_response_format": '{"type": "object"}', "_mlflow_prompt_model_config": "{}"}
        r.version(source="dummy-source", tags=prompt_tags(messages, "chat", **extra))
        r.read_version("1")
        r.read()

    with recorder.scenario("a prompt text is at most 100000 characters") as s:
        r = Registry(s)
        r.model(tags=[PROMPT])
        r.version(source="dummy-source", tags=prompt_tags("${ü*100000}"), no_body=True)
        r.version(source="dummy-source", tags=prompt_tags("${ü*100001}"), status=400)
        text = {"name": r.name, "version": "1", "key": TEXT}
        s.post(VERSIONS + "set-tag", {**text, "value": "${t*100001}"}, status=400)
        s.post(VERSIONS + "set-tag", {**text, "value": "${t*100000}"})
        s.post(MODELS + "set-tag", {"name": r.name, "key": TEXT, "value": "${t*100001}"}, status=400)
        s.post(VERSIONS + "set-tag", {**text, "value": "short"})
        r.read_version("1")

    with recorder.scenario("a search for models does not show prompts and their versions") as s:
        r = Registry(s)
        r.model(r.name + " prompt", tags=[PROMPT])
        r.version(r.name + " prompt", source="dummy-source", tags=prompt_tags("x"))
        r.model(r.name + " model")
        r.version(r.name + " model")
        own = f"name LIKE '{r.name}%'"
        for path in [MODELS, VERSIONS]:
            for rest in ["", " AND tags.`mlflow.prompt.is_prompt` = 'true'", " AND tags.`mlflow.prompt.is_prompt` = 'false'"]:
                s.get(path + "search", query(filter=own + rest))

    with recorder.scenario("versions without the tag of their prompt, and the reverse") as s:
        r = Registry(s)
        r.model(r.name + " prompt", tags=[PROMPT])
        r.version(r.name + " prompt")
        r.model(r.name + " model")
        r.version(r.name + " model", source="dummy-source", tags=prompt_tags("x"))
        own = f"name LIKE '{r.name}%'"
        for rest in ["", " AND tags.`mlflow.prompt.is_prompt` = 'true'", " AND tags.`mlflow.prompt.is_prompt` != 'true'"]:
            s.get(MODELS + "search", query(filter=own + rest))
            s.get(VERSIONS + "search", query(filter=own + rest))

    with recorder.scenario("a prompt goes through stages and a rename like a model") as s:
        r = Registry(s)
        r.model(tags=[PROMPT])
        r.version(source="dummy-source", tags=prompt_tags("x"))
        r.stage("1", "Production")
        r.latest("Production")
        s.post(MODELS + "rename", {"name": r.name, "new_name": r.name + " new"})
        r.read(r.name + " new")
        r.model(r.name + " new", status=400)

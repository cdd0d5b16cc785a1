"""What the areas of the model registry have in common; no area itself.

Searches look at every model of the server, so the names of a scenario begin with its slug and its filters say so.
"""

from record import query

MODELS, VERSIONS = "registered-models/", "model-versions/"
PROMPT = {"key": "mlflow.prompt.is_prompt", "value": "true"}
MISSING = "no such model"


def tags(**values):
    return [{"key": key, "value": value} for key, value in values.items()]


class Registry:
    """The endpoints of the registry; a model without a name is the one called like the scenario."""

    def __init__(self, scenario):
        self.s = scenario
        self.name = scenario.slug

    def model(self, name=None, **fields):
        fields, rest = split(fields)
        return self.s.post(MODELS + "create", {"name": name or self.name, **fields}, **rest)

    def read(self, name=None, **rest):
        return self.s.get(MODELS + "get", query(name=name or self.name), **rest)

    def version(self, name=None, source="s3://bucket/model", **fields):
        fields, rest = split(fields)
        body = {"name": name or self.name, "source": source, **fields}
        return self.s.post(VERSIONS + "create", {key: value for key, value in body.items() if value is not None}, **rest)

    def read_version(self, version, name=None, **rest):
        return self.s.get(VERSIONS + "get", query(name=name or self.name, version=version), **rest)

    def delete_version(self, version, name=None, **rest):
        return self.s.delete(VERSIONS + "delete", {"name": name or self.name, "version": version}, **rest)

    def stage(self, version, stage, archive=False, name=None, **rest):
        body = {"name": name or self.name, "version": version, "stage": stage, "archive_existing_versions": archive}
        return self.s.post(VERSIONS + "transition-stage", body, **rest)

    def alias(self, alias, version, name=None, **rest):
        return self.s.post(MODELS + "alias", {"name": name or self.name, "alias": alias, "version": version}, **rest)

    def read_alias(self, alias, name=None, **rest):
        return self.s.get(MODELS + "alias", query(name=name or self.name, alias=alias), **rest)

    def delete_alias(self, alias, name=None, **rest):
        return self.s.delete(MODELS + "alias", {"name": name or self.name, "alias": alias}, **rest)

    def latest(self, *stages, name=None, **rest):
        fields = {"name": name or self.name, **({"stages": list(stages)} if stages else {})}
        return self.s.get(MODELS + "get-latest-versions", query(**fields), unordered=["/model_versions"], **rest)


def split(fields):
    """Fields of the request and what `Scenario.call` takes."""
    of_the_step = ["status", "oxflow", "no_body", "capture", "any", "headers"]
    rest = {name: fields.pop(name) for name in of_the_step if name in fields}
    return fields, rest

"""Logged models."""

from differential.requests import V2, tags
from differential.vocabulary import METRICS, PARAMS, TEXTS


class LoggedModels:
    def create_model(self):
        experiment = self.pick(self.experiments, deleted=False)
        handle = self.fresh("model")
        body = {"experiment_id": "${%s}" % experiment, "name": "m " + self.rng.choice(["a", "b", handle])}
        if self.rng.random() < 0.5:
            body["model_type"] = self.rng.choice(["agent", "", "tree"])
        own = [name for name, run in self.runs.items() if run["exp"] == experiment]
        if own and self.rng.random() < 0.6:
            body["source_run_id"] = "${%s}" % self.rng.choice(own)
        if self.rng.random() < 0.6:
            body["params"] = tags((key, self.rng.choice(TEXTS)) for key in self.some(PARAMS, 0, 3))
        if self.rng.random() < 0.6:
            body["tags"] = tags(self.tag_pairs())
        self.models[handle] = {"deleted": False, "exp": experiment, "name": body["name"], "step": 0}
        yield self.post("logged-models", body, define={handle: "/model/info/model_id"})

    def change_model(self):
        handle = self.pick(self.models, deleted=False if self.rng.random() < 0.95 else None)
        if not handle:
            return
        own, path = {"model_id": "${%s}" % handle}, "logged-models/${%s}" % handle
        kind = self.rng.randrange(6)
        if kind <= 1:
            status = self.rng.choice([1, 2, 3, "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED", "LOGGED_MODEL_PENDING"])
            yield self.send("PATCH", path, {**own, "status": status})
        elif kind == 2:
            yield self.send("PATCH", path + "/tags", {**own, "tags": tags(self.tag_pairs())})
        elif kind == 3:
            yield {"method": "DELETE", "path": V2 + path + "/tags/" + self.rng.choice(["team", "kind", "note.x", "nothing"])}
        elif kind == 4:
            key = self.fresh("late")
            yield self.post(path + "/params", {**own, "params": tags([(key, self.text())])})
        elif self.rng.random() < 0.4:
            self.models[handle]["deleted"] = True
            yield {"method": "DELETE", "path": V2 + path}

    def read_model(self):
        handle = self.pick(self.models)
        if handle:
            query = [] if self.rng.random() < 0.7 else [("allow_deleted", self.rng.choice(["true", "false", "True"]))]
            yield self.get("logged-models/${%s}" % handle, query)

    def search_models(self):
        names = [model["name"] for model in self.models.values()][:3] + ["m %"]
        body = {"experiment_ids": ["${%s}" % handle for handle in self.some(list(self.experiments), 1, 4)]}
        if self.rng.random() < 0.75:
            body["filter"] = self.grammar.models(names)
        if self.rng.random() < 0.5:
            field = self.rng.choice(["name", "creation_timestamp", "model_type", "last_updated_timestamp", f"metrics.{self.rng.choice(METRICS[:2])}"])
            body["order_by"] = [{"field_name": field, "ascending": self.rng.random() < 0.5}]
        if self.rng.random() < 0.2:
            body["datasets"] = [{"dataset_name": "d1", "dataset_digest": "x1"}]
        if self.rng.random() < 0.6:
            body["max_results"] = self.rng.choice([1, 2, 3, 50])
        yield from self.walk("logged-models/search", body, "POST")

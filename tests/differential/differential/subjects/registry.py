"""The model registry."""

from differential.requests import PROMPT, V2, tags
from differential.vocabulary import SOURCES, STAGES, TAGS


class Registry:
    def create_registered(self):
        if len(self.registered) > 12:
            return
        handle = self.fresh("reg")
        name = "${salt} keep " + handle
        body = {"name": name}
        pairs = self.tag_pairs()
        if self.rng.random() < 0.2:
            pairs.append((PROMPT, self.rng.choice(["true", "true", "True", "false"])))
        if pairs or self.rng.random() < 0.3:
            body["tags"] = tags(pairs)
        if self.rng.random() < 0.5:
            body["description"] = self.text()
        self.registered[name] = {"deleted": False, "last": 0, "versions": []}
        yield self.post("registered-models/create", body)

    def change_registered(self):
        name = self.pick(self.registered)
        if not name:
            return
        model, at = self.registered[name], {"name": name}
        version = str(self.rng.choice(model["versions"] + [1]))
        alias = self.rng.choice(["champion", "Champion", "c1", "ü"])
        kind = self.rng.randrange(11)
        if kind == 0:
            yield self.send("PATCH", "registered-models/update", {**at, **({"description": self.text()} if self.rng.random() < 0.8 else {})})
        elif kind == 1:
            new = self.rng.choice(["${salt} keep " + self.fresh("renamed "), name, self.pick(self.registered)])
            if new == name or new not in self.registered:
                self.registered[new] = self.registered.pop(name)
                yield self.post("registered-models/rename", {**at, "new_name": new})
        elif kind == 2 and self.rng.random() < 0.3:
            del self.registered[name]
            yield self.send("DELETE", "registered-models/delete", at)
        elif kind <= 4:
            yield self.post("registered-models/set-tag", {**at, "key": self.rng.choice(TAGS), "value": self.text()})
        elif kind == 5:
            yield self.send("DELETE", "registered-models/delete-tag", {**at, "key": self.rng.choice(TAGS)})
        elif kind == 6:
            yield self.post("registered-models/create", {**at, **({"tags": tags([(PROMPT, "true")])} if self.rng.random() < 0.3 else {})})
        elif kind <= 9:
            yield self.post("registered-models/alias", {**at, "alias": alias, "version": version})
        else:
            yield self.send("DELETE", "registered-models/alias", {**at, "alias": alias})

    def create_version(self):
        name = self.pick(self.registered)
        if not name:
            return
        body = {"name": name, "source": self.rng.choice(SOURCES)}
        run = self.pick(self.runs)
        kind = self.rng.randrange(6)
        if kind == 0:
            body |= {"source": "runs:/${%s}/model" % run, "run_id": "${%s}" % run}
        elif kind == 1 and self.models:
            model = self.pick(self.models, deleted=False)
            if model:
                body |= {"source": "models:/${%s}" % model, "model_id": "${%s}" % model}
        elif kind == 2:
            other = self.pick(self.registered)
            body["source"] = f"models:/{other}" + self.rng.choice(["/1", "/2", "/latest", "@champion"])
        elif kind == 3:
            body |= {"run_id": "${%s}" % run}
        if self.rng.random() < 0.4:
            body["tags"] = tags(self.tag_pairs())
        if self.rng.random() < 0.3:
            body["description"] = self.text()
        if self.rng.random() < 0.2:
            body["run_link"] = "https://tracking.example/run"
        model = self.registered[name]
        model["last"] += 1
        model["versions"].append(model["last"])
        yield self.post("model-versions/create", body)

    def version_of(self):
        name = self.pick(self.registered)
        if not name:
            return None
        numbers = self.registered[name]["versions"] + [1]
        return {"name": name, "version": str(self.rng.choice(numbers))}

    def change_version(self):
        at = self.version_of()
        if not at:
            return
        kind = self.rng.randrange(7)
        if kind <= 2:
            stage = self.rng.choice(STAGES + ["staging", "PRODUCTION"])
            archive = stage.lower() in ("staging", "production") and self.rng.random() < 0.5
            yield self.post("model-versions/transition-stage", {**at, "stage": stage, "archive_existing_versions": archive})
        elif kind == 3:
            yield self.send("PATCH", "model-versions/update", {**at, **({"description": self.text()} if self.rng.random() < 0.8 else {})})
        elif kind == 4:
            yield self.post("model-versions/set-tag", {**at, "key": self.rng.choice(TAGS), "value": self.text()})
        elif kind == 5:
            yield self.send("DELETE", "model-versions/delete-tag", {**at, "key": self.rng.choice(TAGS)})
        elif self.rng.random() < 0.5:
            yield self.send("DELETE", "model-versions/delete", at)

    def read_registry(self):
        at = self.version_of()
        if not at:
            return
        stages = [("stages", stage) for stage in self.some(STAGES + ["production"], 0, 2)]
        only_name = [("name", at["name"])]
        yield self.rng.choice(
            [
                self.get("registered-models/get", only_name),
                self.get("registered-models/get", only_name),
                self.get("model-versions/get", at.items()),
                self.get("model-versions/get-download-uri", at.items()),
                self.get("registered-models/alias", only_name + [("alias", self.rng.choice(["champion", "Champion", "c1", "ü", "latest", "x"]))]),
                self.get("registered-models/get-latest-versions", only_name + stages, unordered=["/model_versions"]),
                self.post("registered-models/get-latest-versions", {"name": at["name"]}, unordered=["/model_versions"]),
                self.get("registered-models/get", [("name", "${salt} nothing")]),
                self.get("model-versions/get", [("name", at["name"]), ("version", self.rng.choice(["99", "abc", "0", "1.5", "01"]))]),
            ]
        )

    def search_registry(self):
        names = [name for name in self.registered][:4] + ["%reg%", "${salt}%"]
        of_versions = self.rng.random() < 0.5
        filter = "name LIKE '${salt} keep%'"
        if self.rng.random() < 0.7:
            runs = ["${%s}" % handle for handle in self.some(list(self.runs), 0, 3)]
            filter += " AND " + (self.grammar.versions(names, runs) if of_versions else self.grammar.registered_models(names))
        elif self.rng.random() < 0.5:
            filter += f" AND tags.`{PROMPT}` {self.rng.choice(['=', '!='])} '{self.rng.choice(['true', 'false'])}'"
        if self.rng.random() < 0.15:
            filter = self.grammar.broken(filter) + " AND name = '${salt} nothing'"
        orders = ["name", "version_number", "creation_timestamp", "last_updated_timestamp"] if of_versions else ["name", "timestamp", "last_updated_timestamp"]
        order = [f"{key}{self.rng.choice(['', ' ASC', ' DESC'])}" for key in self.some(orders[:2] if not of_versions else orders, 0, 2)]
        body = {"filter": filter, "max_results": self.rng.choice([1, 2, 3, 100]), "order_by": order}
        steps = self.walk("model-versions/search" if of_versions else "registered-models/search", body, "GET")
        for step in steps:
            yield {**step, "marks": ["broken"]} if "nothing" in filter else step

    def probe_registry(self):
        self.group += 1
        group = self.group
        for step in self.registry_steps():
            yield {**step, "group": group}

    def registry_steps(self):
        name = "${salt} pit " + self.fresh("reg")
        body = {"name": name, "description": "d", "tags": tags([("team", "blue")])}
        if self.rng.random() < 0.2:
            yield self.spoil({"method": "POST", "path": V2 + "registered-models/create", "json": body})
            return
        yield self.post("registered-models/create", body)
        yield self.post("model-versions/create", {"name": name, "source": "s3://bucket/a"})
        at = {"name": name, "version": "1"}
        create = {"name": name, "source": "s3://bucket/b", "run_id": "0" * 32, "description": "d", "run_link": "l", "tags": tags([("a", "b")])}
        yield self.spoil(
            self.rng.choice(
                [
                    self.send("PATCH", "registered-models/update", {"name": name, "description": "x"}),
                    self.post("registered-models/rename", {"name": name, "new_name": name + " new"}),
                    self.post("registered-models/set-tag", {"name": name, "key": "a", "value": "b"}),
                    self.send("DELETE", "registered-models/delete-tag", {"name": name, "key": "team"}),
                    self.post("registered-models/alias", {**at, "alias": "champion"}),
                    self.get("registered-models/alias", [("name", name), ("alias", "champion")]),
                    self.post("model-versions/create", create),
                    self.post("model-versions/create", create),
                    self.send("PATCH", "model-versions/update", {**at, "description": "x"}),
                    self.post("model-versions/transition-stage", {**at, "stage": "Staging", "archive_existing_versions": False}),
                    self.post("model-versions/set-tag", {**at, "key": "a", "value": "b"}),
                    self.send("DELETE", "model-versions/delete-tag", {**at, "key": "a"}),
                    self.send("DELETE", "model-versions/delete", at),
                    self.get("model-versions/get", at.items()),
                    self.get("model-versions/get-download-uri", at.items()),
                    self.get("registered-models/get-latest-versions", [("name", name), ("stages", "None")]),
                    self.get("registered-models/search", [("filter", f"name = '{name}'"), ("max_results", 5), ("order_by", "name")]),
                    self.get("model-versions/search", [("filter", f"name = '{name}'"), ("max_results", 5), ("order_by", "name")]),
                ]
            )
        )
        yield self.get("registered-models/get", [("name", name)])

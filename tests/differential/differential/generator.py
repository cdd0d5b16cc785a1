"""Makes the requests of a seed.

A request is a dictionary: method, path, query (pairs), json or text or bytes, headers, and
  define   names for values of the answer; `${run3}` in a later request stands for the value of each server
  marks    words for the rules: what is wrong with the request
  group    a number: requests about an entity that nothing else looks at

What follows depends on the seed only, never on an answer. Requests that may be answered differently are sent to entities
of their own, made for the purpose, and read back afterwards; whatever they store, the rest of the sequence does not see it.
All others must leave both servers with the same state, errors included.
"""

import random

from differential import mutations
from differential.vocabulary import (
    METRICS,
    NUMBERS,
    ODD_NUMBERS,
    ODD_TEXTS,
    PARAMS,
    SOURCES,
    STAGES,
    STATUSES,
    STEPS,
    TAGS,
    TEXTS,
    TIMES,
    Grammar,
)

V2, AJAX = "/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/"
FILES = "/api/2.0/mlflow-artifacts/artifacts/"
PROMPT = "mlflow.prompt.is_prompt"


def filter_of(step):
    """Of the searches that see more than one sequence."""
    if "runs/" in step["path"] or "logged-models/" in step["path"]:
        return None
    fields = step["json"] if isinstance(step.get("json"), dict) else dict(step.get("query", []))
    return fields.get("filter")


def tags(pairs):
    return [{"key": key, "value": value} for key, value in pairs]


class Generator:
    """`requests()` yields the sequence of a seed. Names begin with `${salt}`, so that a sequence can be sent again."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.grammar = Grammar(self.rng)
        self.count = 0
        self.group = 0
        # The entities that are meant to exist, by the name of their id, with what is known about them.
        self.experiments, self.runs, self.models = {}, {}, {}
        self.registered, self.versions = {}, {}
        self.clock = 1_700_000_000_000

    # --- small things -----------------------------------------------------------------------------------------------
    def fresh(self, kind):
        self.count += 1
        return f"{kind}{self.count}"

    def some(self, values, least=0, most=3):
        return self.rng.sample(values, min(len(values), self.rng.randint(least, most)))

    def tag_pairs(self, most=3):
        return [(key, self.rng.choice(TEXTS)) for key in self.some(TAGS, 0, most)]

    def text(self):
        return self.rng.choice(TEXTS if self.rng.random() < 0.85 else ODD_TEXTS)

    def number(self):
        return self.rng.choice(NUMBERS if self.rng.random() < 0.8 else ODD_NUMBERS)

    def start_time(self):
        """Never twice the same: runs that start together have no order that both servers share."""
        self.clock += 1
        return self.clock - self.rng.choice([0, 10**6, 10**9]) * 7

    def pick(self, entities, deleted=None):
        names = [name for name, entity in entities.items() if deleted is None or entity["deleted"] == deleted]
        return self.rng.choice(names) if names else None

    def post(self, path, json, **rest):
        return {"method": "POST", "path": self.prefix() + path, "json": json, **rest}

    def get(self, path, query, **rest):
        return {"method": "GET", "path": self.prefix() + path, "query": [[k, v] for k, v in query], **rest}

    def send(self, method, path, json, **rest):
        return {"method": method, "path": self.prefix() + path, "json": json, **rest}

    def prefix(self):
        return V2 if self.rng.random() < 0.8 else AJAX

    # --- the sequence -----------------------------------------------------------------------------------------------
    def requests(self):
        # Two experiments and a few runs, and the experiment that spoiled requests go to.
        yield self.post("experiments/create", {"name": "${salt} pit"}, define={"pit": "/experiment_id"})
        yield from self.create_experiment()
        yield from self.create_experiment()
        for _ in range(3):
            yield from self.create_run()
        units = self.units()
        names, weights = [unit for unit, _ in units], [weight for _, weight in units]
        while True:
            yield from self.rng.choices(names, weights)[0]()

    def units(self):
        """What a sequence is made of, and how often."""
        return [
            (self.create_experiment, 1.5),
            (self.change_experiment, 3),
            (self.read_experiment, 2),
            (self.search_experiments, 3),
            (self.create_run, 4),
            (self.nameless_run, 0.5),
            (self.change_run, 4),
            (self.read_run, 4),
            (self.search_runs, 8),
            (self.pages_of_runs, 1.5),
            (self.log, 14),
            (self.log_batch, 5),
            (self.history, 5),
            (self.inputs, 3),
            (self.search_datasets, 1),
            (self.create_model, 3),
            (self.change_model, 4),
            (self.read_model, 2),
            (self.search_models, 4),
            (self.artifacts, 6),
            (self.missing, 2),
            (self.broken_search, 5),
            (self.odds_and_ends, 1),
            (self.probe, 16),
            (self.create_registered, 2),
            (self.change_registered, 4),
            (self.create_version, 4),
            (self.change_version, 5),
            (self.read_registry, 5),
            (self.search_registry, 5),
            (self.probe_registry, 7),
        ]

    # --- experiments ------------------------------------------------------------------------------------------------
    def create_experiment(self):
        if len(self.experiments) > 12:
            return
        handle = self.fresh("exp")
        body = {"name": "${salt} keep " + handle}
        if self.rng.random() < 0.6:
            body["tags"] = tags(self.tag_pairs())
        if self.rng.random() < 0.3:
            body["artifact_location"] = self.rng.choice(["s3://bucket/${salt}", "s3://bucket/a?x=1", "gs://b/${salt}/", "dbfs:/x"])
        self.experiments[handle] = {"deleted": False, "name": body["name"], "served": "artifact_location" not in body}
        yield self.post("experiments/create", body, define={handle: "/experiment_id"})

    def change_experiment(self):
        handle = self.pick(self.experiments)
        experiment = self.experiments[handle]
        at = {"experiment_id": "${%s}" % handle}
        kind = self.rng.randrange(7)
        if kind == 0 and not experiment["deleted"]:
            experiment["name"] = "${salt} keep " + self.fresh("renamed ")
            yield self.post("experiments/update", {**at, "new_name": experiment["name"]})
        elif kind == 1 and (experiment["deleted"] or len([e for e in self.experiments.values() if not e["deleted"]]) > 2):
            if not experiment["deleted"]:
                for run in self.runs.values():
                    run["deleted"] |= run["exp"] == handle
            experiment["deleted"] = True
            yield self.post("experiments/delete", at)
        elif kind == 2:
            if experiment["deleted"]:
                for run in self.runs.values():
                    run["deleted"] &= run["exp"] != handle
            experiment["deleted"] = False
            yield self.post("experiments/restore", at)
        elif kind == 3:
            yield self.post("experiments/create", {"name": experiment["name"]})
        elif kind in (4, 5):
            yield self.post("experiments/set-experiment-tag", {**at, "key": self.rng.choice(TAGS), "value": self.text()})
        else:
            yield self.post("experiments/delete-experiment-tag", {**at, "key": self.rng.choice(TAGS)})

    def read_experiment(self):
        handle = self.pick(self.experiments)
        if self.rng.random() < 0.6:
            yield self.get("experiments/get", [("experiment_id", "${%s}" % handle)])
        else:
            yield self.get("experiments/get-by-name", [("experiment_name", self.experiments[handle]["name"])])

    def search_experiments(self):
        names = [experiment["name"] for experiment in self.experiments.values()] + ["%exp%", "${salt}%"]
        ids = ["${%s}" % handle for handle in self.experiments]
        body = {"max_results": self.rng.choice([1, 2, 3, 100]), "filter": "name LIKE '${salt} keep%'"}
        if self.rng.random() < 0.7:
            body["filter"] += " AND " + self.grammar.experiments(names, ids)
        if self.rng.random() < 0.7:
            body["view_type"] = self.rng.choice(["ACTIVE_ONLY", "DELETED_ONLY", "ALL"])
        body["order_by"] = self.grammar.experiments_order()
        yield from self.walk("experiments/search", body)

    def walk(self, path, body, method=None, pages=3):
        """A search and its next pages; what has no next page is not sent."""
        as_query = (method or self.rng.choice(["GET", "POST"])) == "GET" if path == "experiments/search" else method == "GET"
        token = None
        for _ in range(self.rng.randint(1, pages)):
            fields = {**body, **({"page_token": "${%s}" % token} if token else {})}
            token = self.fresh("token")
            define = {token: "/next_page_token"}
            if as_query:
                pairs = []
                for key, value in fields.items():
                    pairs += [(key, item) for item in value] if isinstance(value, list) else [(key, value)]
                yield self.get(path, pairs, define=define)
            else:
                yield self.post(path, fields, define=define)

    # --- runs -------------------------------------------------------------------------------------------------------
    def create_run(self, **fields):
        experiment = self.pick(self.experiments, deleted=False if self.rng.random() < 0.95 else None)
        handle = self.fresh("run")
        body = {"experiment_id": "${%s}" % experiment, "start_time": self.start_time(), "run_name": "r " + handle}
        if self.rng.random() < 0.3:
            body["user_id"] = self.rng.choice(["me", "you", ""])
        if self.rng.random() < 0.6:
            body["tags"] = tags(self.tag_pairs())
        if not self.experiments[experiment]["deleted"]:
            self.runs[handle] = {"deleted": False, "exp": experiment, "name": body["run_name"], "files": []}
        yield self.post("runs/create", {**body, **fields}, define={handle: "/run/info/run_id"})

    def nameless_run(self):
        """A run whose name the server makes up is named at once: names take part in searches."""
        experiment = self.pick(self.experiments, deleted=False)
        handle = self.fresh("run")
        body = {"experiment_id": "${%s}" % experiment, "start_time": self.start_time()}
        yield self.post("runs/create", body, define={handle: "/run/info/run_id"})
        self.runs[handle] = {"deleted": False, "exp": experiment, "name": "r " + handle, "files": []}
        yield self.post("runs/update", {"run_id": "${%s}" % handle, "run_name": "r " + handle})

    def run_field(self, handle):
        return {self.rng.choice(["run_id", "run_id", "run_id", "run_uuid"]): "${%s}" % handle}

    def change_run(self):
        handle = self.pick(self.runs)
        run, at = self.runs[handle], self.run_field(handle)
        kind = self.rng.randrange(6)
        if kind <= 1:
            body = {**at}
            if self.rng.random() < 0.7:
                body["status"] = self.rng.choice(STATUSES)
            if self.rng.random() < 0.5:
                body["end_time"] = self.rng.choice(TIMES)
            if self.rng.random() < 0.3:
                body["run_name"] = self.rng.choice(["r " + self.fresh("renamed"), "", "r same"])
            yield self.post("runs/update", body)
        elif kind == 2:
            # The id of a run to delete or restore has one name only.
            run["deleted"] = True
            yield self.post("runs/delete", {"run_id": "${%s}" % handle})
        elif kind <= 4:
            run["deleted"] = False
            yield self.post("runs/restore", {"run_id": "${%s}" % handle})
        else:
            yield self.post("runs/set-tag", {**at, "key": "mlflow.runName", "value": "r " + self.fresh("tagged")})

    def read_run(self):
        yield self.get("runs/get", self.run_field(self.pick(self.runs)).items())

    def runs_search_body(self, filter=True):
        experiments = self.some(list(self.experiments), 1, 4)
        body = {"experiment_ids": ["${%s}" % handle for handle in experiments]}
        if filter and self.rng.random() < 0.85:
            ids = ["${%s}" % handle for handle in self.some(list(self.runs), 0, 6)]
            names = [self.runs[handle]["name"] for handle in self.some(list(self.runs), 0, 3)] + ["r %", "R%"]
            body["filter"] = self.grammar.runs(ids, names)
        if self.rng.random() < 0.5:
            body["run_view_type"] = self.rng.choice(["ACTIVE_ONLY", "DELETED_ONLY", "ALL"])
        if self.rng.random() < 0.6:
            body["order_by"] = self.grammar.runs_order()
        return body

    def search_runs(self):
        body = self.runs_search_body()
        if self.rng.random() < 0.4:
            body["max_results"] = self.rng.choice([1, 2, 5, 1000, 50000])
        yield self.post("runs/search", body)

    def pages_of_runs(self):
        body = {**self.runs_search_body(filter=self.rng.random() < 0.4), "max_results": self.rng.choice([1, 2, 3, 5])}
        yield from self.walk("runs/search", body, "POST", 4)

    def metric(self):
        point = {"key": self.rng.choice(METRICS), "value": self.number(), "timestamp": self.rng.choice(TIMES)}
        if self.rng.random() < 0.8:
            point["step"] = self.rng.choice(STEPS)
        return point

    def log(self):
        handle = self.pick(self.runs, deleted=False if self.rng.random() < 0.9 else None) or self.pick(self.runs)
        at = self.run_field(handle)
        kind = self.rng.randrange(8)
        if kind <= 3:
            body = {**at, **self.metric()}
            live = [name for name, model in self.models.items() if not model["deleted"]]
            if live and self.rng.random() < 0.2:
                model = self.rng.choice(live)
                body["model_id"] = "${%s}" % model
                # One value for a model, metric, time, step and run.
                body["step"] = self.models[model]["step"] = self.models[model]["step"] + 1
                if self.rng.random() < 0.5:
                    body |= {"dataset_name": "d1", "dataset_digest": "x1"}
            yield self.post("runs/log-metric", body)
        elif kind <= 5:
            yield self.post("runs/log-parameter", {**at, "key": self.rng.choice(PARAMS), "value": self.text()})
        elif kind == 6:
            yield self.post("runs/set-tag", {**at, "key": self.rng.choice(TAGS), "value": self.text()})
        else:
            yield self.post("runs/delete-tag", {"run_id": "${%s}" % handle, "key": self.rng.choice(TAGS)})
        if self.rng.random() < 0.15:
            yield self.get("runs/get", [("run_id", "${%s}" % handle)])

    def log_batch(self):
        handle = self.pick(self.runs, deleted=False if self.rng.random() < 0.9 else None) or self.pick(self.runs)
        body = {"run_id": "${%s}" % handle}
        if self.rng.random() < 0.8:
            body["metrics"] = [self.metric() for _ in range(self.rng.choice([1, 2, 5, 30]))]
        if self.rng.random() < 0.4:
            body["params"] = tags((key, self.rng.choice(TEXTS)) for key in self.some(PARAMS, 1, 3))
        if self.rng.random() < 0.5:
            body["tags"] = tags(self.tag_pairs())
        yield self.post("runs/log-batch", body)
        yield self.get("runs/get", [("run_id", "${%s}" % handle)])

    def history(self):
        handle = self.pick(self.runs)
        key = self.rng.choice(METRICS)
        kind = self.rng.randrange(4)
        if kind <= 1:
            query = [(self.rng.choice(["run_id", "run_uuid"]), "${%s}" % handle), ("metric_key", key)]
            if self.rng.random() < 0.4:
                token = self.fresh("token")
                query.append(("max_results", self.rng.choice([1, 2, 5, 25000])))
                step = self.get("metrics/get-history", query, define={token: "/next_page_token"})
                yield step
                yield self.get("metrics/get-history", query + [("page_token", "${%s}" % token)])
            else:
                yield self.get("metrics/get-history", query)
            return
        handles = self.some(list(self.runs), 1, 4)
        if kind == 2:
            query = [("run_id", "${%s}" % run) for run in handles] + [("metric_key", key)]
            if len(handles) == 1 and self.rng.random() < 0.5:
                query.append(("max_results", self.rng.choice([1, 3, 25000, 99999])))
            # Points come by run id, which is random.
            yield {"method": "GET", "path": AJAX + "metrics/get-history-bulk", "query": [list(pair) for pair in query], "unordered": ["/metrics"]}
            return
        query = [("run_ids", "${%s}" % run) for run in handles] + [("metric_key", key)]
        if self.rng.random() < 0.5:
            query.append(("max_results", self.rng.choice([1, 2, 3, 7, 2500])))
        if self.rng.random() < 0.4:
            first, last = sorted(self.rng.choices(STEPS, k=2))
            query += [("start_step", first), ("end_step", last)]
        yield self.get("metrics/get-history-bulk-interval", query)

    def inputs(self):
        handle = self.pick(self.runs, deleted=False) or self.pick(self.runs)
        run = self.runs[handle]
        kind = self.rng.randrange(4)
        live = [name for name, model in self.models.items() if not model["deleted"]]
        if kind <= 1 or not live:
            name, digest = self.rng.choice(["d1", "d2", "d 3"]), self.rng.choice(["x1", "x2"])
            dataset = {"name": name, "digest": digest, "source_type": "local", "source": "{}"}
            if self.rng.random() < 0.5:
                dataset |= {"schema": "{}", "profile": self.rng.choice(["", "{}", "p"])}
            item = {"dataset": dataset}
            if self.rng.random() < 0.6:
                item["tags"] = tags([("mlflow.data.context", self.rng.choice(["train", "test"]))])
            yield self.post("runs/log-inputs", {"run_id": "${%s}" % handle, "datasets": [item]})
        elif kind == 2:
            yield self.post("runs/log-inputs", {"run_id": "${%s}" % handle, "models": [{"model_id": "${%s}" % self.rng.choice(live)}]})
        else:
            model = self.rng.choice(live)
            if (handle, model) in run.setdefault("outputs", []):
                return
            run["outputs"].append((handle, model))
            body = {"run_id": "${%s}" % handle, "models": [{"model_id": "${%s}" % model, "step": self.rng.choice([0, 1, 5])}]}
            yield self.post("runs/outputs", body)
        yield self.get("runs/get", [("run_id", "${%s}" % handle)])

    def search_datasets(self):
        ids = ["${%s}" % handle for handle in self.some(list(self.experiments), 1, 4)]
        yield {"method": "POST", "path": AJAX + "experiments/search-datasets", "json": {"experiment_ids": ids}}

    # --- logged models ----------------------------------------------------------------------------------------------
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

    # --- artifacts --------------------------------------------------------------------------------------------------
    def artifacts(self):
        served = [name for name, run in self.runs.items() if self.experiments[run["exp"]]["served"]]
        if not served:
            return
        handle = self.rng.choice(served)
        run = self.runs[handle]
        root = "${%s}/${%s}/artifacts" % (run["exp"], handle)
        names = ["a.txt", "dir/b.json", "dir/sub/c", "MLmodel", "page.html", "with space.txt", "%C3%BC.bin", "empty", "dir/x+y.csv"]
        kind = self.rng.randrange(10)
        if kind <= 3:
            name = self.rng.choice(names)
            text = "" if name == "empty" else f"content of {self.fresh('file')}"
            run["files"].append(name)
            yield {"method": "PUT", "path": FILES + root + "/" + name, "text": text}
        elif kind == 4:
            query = [["run_uuid", "${%s}" % handle], ["path", self.rng.choice(["up.txt", "dir/up.bin"])]]
            yield {"method": "POST", "path": AJAX + "upload-artifact", "query": query, "text": self.rng.choice(["abc", "", "x" * 2000])}
        elif kind <= 6:
            query = [("run_id", "${%s}" % handle)]
            if self.rng.random() < 0.6:
                query.append(("path", self.rng.choice(["dir", "dir/sub", "", "nothing", "a.txt", "../x", "dir/"])))
            yield self.get("artifacts/list", query)
        elif kind == 7:
            yield {"method": "GET", "path": FILES.rstrip("/"), "query": [["path", root + self.rng.choice(["", "/dir", "/dir/sub", "/nothing", "/dir/"])]]}
        elif kind == 8:
            name = self.rng.choice(names + run["files"] * 3 + ["dir", "nothing"])
            if self.rng.random() < 0.5:
                yield {"method": "GET", "path": FILES + root + "/" + name}
            else:
                yield {"method": "GET", "path": "/get-artifact", "query": [["run_id", "${%s}" % handle], ["path", name.replace("%C3%BC", "ü")]]}
        else:
            yield {"method": "DELETE", "path": FILES + root + "/" + self.rng.choice(names + ["dir", "nothing"])}

    # --- what is not there, and what is wrong -----------------------------------------------------------------------
    def missing(self):
        gone, no_model = "0" * 32, "m-" + "0" * 32
        value = {"key": "k", "value": "v"}
        steps = [
            self.get("experiments/get", [("experiment_id", self.rng.choice(["99999999", "-1", "abc", "1.5", "", " 0", "0x1"]))]),
            self.get("experiments/get-by-name", [("experiment_name", "${salt} nothing")]),
            self.post("experiments/delete", {"experiment_id": "99999999"}),
            self.post("experiments/set-experiment-tag", {"experiment_id": "99999999", **value}),
            self.get("runs/get", [("run_id", self.rng.choice([gone, "x", "x/y", ""]))]),
            self.post("runs/update", {"run_id": gone, "status": "FINISHED"}),
            self.post("runs/log-metric", {"run_id": gone, "key": "k", "value": 1.0, "timestamp": 1}),
            self.post("runs/log-parameter", {"run_id": gone, **value}),
            self.post("runs/set-tag", {"run_id": gone, **value}),
            self.post("runs/delete-tag", {"run_id": gone, "key": "k"}),
            self.post("runs/log-batch", {"run_id": self.rng.choice([gone, "!!"]), "tags": [value]}),
            self.post("runs/log-inputs", {"run_id": gone, "datasets": []}),
            self.post("runs/delete", {"run_id": gone}),
            self.post("runs/restore", {"run_id": gone}),
            self.post("runs/create", {"experiment_id": self.rng.choice(["99999999", "abc"]), "start_time": 5}),
            self.get("metrics/get-history", [("run_id", gone), ("metric_key", "loss")]),
            self.get("metrics/get-history-bulk-interval", [("run_ids", gone), ("metric_key", "loss")]),
            self.get("artifacts/list", [("run_id", gone)]),
            self.get("logged-models/" + no_model, []),
            self.send("PATCH", "logged-models/" + no_model, {"model_id": no_model, "status": 2}),
            self.post("logged-models", {"experiment_id": "99999999", "name": "x"}),
            {"method": "DELETE", "path": V2 + "logged-models/" + no_model},
            self.post("runs/search", {"experiment_ids": ["99999999"]}),
            self.post("runs/search", {"experiment_ids": []}),
            self.post("logged-models/search", {"experiment_ids": ["99999999"]}),
        ]
        yield self.rng.choice(steps)

    def broken_search(self):
        """A filter, an order or a page that is wrong; nothing is stored."""
        kind = self.rng.randrange(4)
        ids = ["${%s}" % self.pick(self.experiments)]
        marks = ["broken"]
        if kind == 0:
            text = self.grammar.broken(self.grammar.runs([], ["r x"]))
            step = self.post("runs/search", {"experiment_ids": ids, "filter": text})
        elif kind == 1:
            text = self.grammar.broken("name LIKE '${salt} keep%' AND " + self.grammar.experiments(["x"], ids))
            # A mistake may take the limit to this sequence away.
            step = self.post("experiments/search", {"max_results": 1, "filter": text + " AND name = '${salt} nothing'"})
        elif kind == 2:
            text = self.grammar.broken(self.grammar.models(["m a"]))
            step = self.post("logged-models/search", {"experiment_ids": ids, "filter": text})
        else:
            order = self.rng.choice(["nothing", "metrics", "metrics.", "start_time UP", "start_time, end_time", "", " ", "tags.a b", "params.`a", "name ASC x", "attribute.start_time desc", "foo.bar"])
            body = {"experiment_ids": ids, "order_by": [order]}
            if self.rng.random() < 0.4:
                body = {"experiment_ids": ids, "page_token": self.rng.choice(["abc", "!!", "e30=", "bnVsbA==", "eyJvZmZzZXQiOiAtMX0=", "eyJvZmZzZXQiOiAiYSJ9"])}
            elif self.rng.random() < 0.3:
                body = {"experiment_ids": ids, "max_results": self.rng.choice([0, -1, 50001, 2**31, "5", "a"])}
            step = self.post("runs/search", body)
        yield {**step, "marks": marks}

    def odds_and_ends(self):
        yield self.rng.choice(
            [
                {"method": "GET", "path": "/health"},
                {"method": "GET", "path": "/version"},
                {"method": "GET", "path": "/api/3.0/mlflow/server-info"},
                {"method": "GET", "path": "/api/2.0/mlflow/nothing"},
                {"method": "GET", "path": "/api/2.0/mlflow/experiments/list"},
                {"method": "GET", "path": "/api/2.0/preview/mlflow/experiments/get", "query": [["experiment_id", "0"]]},
                {"method": "PUT", "path": V2 + "runs/get", "json": {}},
                {"method": "DELETE", "path": V2 + "experiments/create", "json": {}},
                {"method": "HEAD", "path": "/health"},
            ]
        )

    # --- spoiled requests -------------------------------------------------------------------------------------------
    def probe(self):
        """A fresh entity, a spoiled request to it, and what it looks like afterwards."""
        self.group += 1
        group = self.group
        kind = self.rng.choice(["experiment", "run", "run", "run", "model", "search"])
        for step in getattr(self, f"probe_{kind}")():
            yield {**step, "group": group}

    def spoil(self, step):
        """What limits a search to this sequence stays."""
        while True:
            spoiled = mutations.spoil(self.rng, step, ODD_TEXTS)
            body = spoiled.get("json")
            # Beside the path, the id in the body has no meaning but that MLflow drops what follows a wrong one.
            repeated = body.get("model_id") if isinstance(body, dict) and "/logged-models/" in step["path"] else None
            if filter_of(spoiled) == filter_of(step) and isinstance(repeated, str | None):
                return spoiled

    def probe_experiment(self):
        handle = self.fresh("pitexp")
        body = {"name": "${salt} pit " + handle, "tags": tags([("team", "blue")])}
        if self.rng.random() < 0.4:
            yield self.spoil({"method": "POST", "path": V2 + "experiments/create", "json": {**body, "artifact_location": "s3://bucket/x"}, "define": {handle: "/experiment_id"}})
            return
        yield self.post("experiments/create", body, define={handle: "/experiment_id"})
        at = {"experiment_id": "${%s}" % handle}
        path, fields = self.rng.choice(
            [
                ("experiments/update", {"new_name": "${salt} pit new " + handle}),
                ("experiments/set-experiment-tag", {"key": "k", "value": "v"}),
                ("experiments/delete-experiment-tag", {"key": "team"}),
                ("experiments/delete", {}),
                ("experiments/restore", {}),
            ]
        )
        yield self.spoil(self.post(path, {**at, **fields}))
        yield self.get("experiments/get", at.items())

    def probe_run(self):
        handle = self.fresh("pitrun")
        body = {"experiment_id": "${pit}", "start_time": 5, "run_name": "pit"}
        if self.rng.random() < 0.15:
            made = {"method": "POST", "path": V2 + "runs/create", "json": {**body, "user_id": "me", "tags": tags([("team", "blue")])}}
            yield self.spoil({**made, "define": {handle: "/run/info/run_id"}})
            return
        yield self.post("runs/create", body, define={handle: "/run/info/run_id"})
        at = {"run_id": "${%s}" % handle}
        metric = {"key": "loss", "value": 0.5, "timestamp": 5, "step": 1}
        # An experiment has one dataset of a name and digest.
        dataset = {"name": handle, "digest": "x", "source_type": "local", "source": "s", "schema": "{}", "profile": "p"}
        path, fields = self.rng.choice(
            [
                ("runs/update", {"status": "FINISHED", "end_time": 9, "run_name": "pit new"}),
                ("runs/log-metric", metric),
                ("runs/log-metric", metric),
                ("runs/log-parameter", {"key": "lr", "value": "1"}),
                ("runs/set-tag", {"key": "team", "value": "blue"}),
                ("runs/delete-tag", {"key": "mlflow.runName"}),
                ("runs/log-batch", {"metrics": [metric], "params": tags([("lr", "1")]), "tags": tags([("team", "a")])}),
                ("runs/log-batch", {"metrics": [metric, {**metric, "step": 2}], "params": tags([("lr", "1"), ("b", "2")])}),
                ("runs/log-inputs", {"datasets": [{"dataset": dataset, "tags": tags([("mlflow.data.context", "train")])}]}),
                ("runs/delete", {}),
                ("runs/restore", {}),
            ]
        )
        yield self.spoil(self.post(path, {**at, **fields}))
        yield self.get("runs/get", at.items())

    def probe_model(self):
        handle = self.fresh("pitmodel")
        body = {"experiment_id": "${pit}", "name": "pit", "model_type": "agent"}
        if self.rng.random() < 0.4:
            more = {"params": tags([("lr", "1")]), "tags": tags([("team", "blue")]), "source_run_id": "0" * 32}
            yield self.spoil({"method": "POST", "path": V2 + "logged-models", "json": {**body, **more}, "define": {handle: "/model/info/model_id"}})
            return
        yield self.post("logged-models", body, define={handle: "/model/info/model_id"})
        path, own = "logged-models/${%s}" % handle, {"model_id": "${%s}" % handle}
        step = self.rng.choice(
            [
                self.send("PATCH", path, {**own, "status": "LOGGED_MODEL_READY"}),
                self.send("PATCH", path + "/tags", {**own, "tags": tags([("a", "b")])}),
                self.post(path + "/params", {**own, "params": tags([("a", "b")])}),
            ]
        )
        yield self.spoil(step)
        yield self.get(path, [])

    def probe_search(self):
        """Requests that read; nothing is stored."""
        run = "${%s}" % self.pick(self.runs)
        ids = ["${%s}" % handle for handle in self.some(list(self.experiments), 1, 2)]
        mine = {"filter": "name LIKE '${salt} keep%'"}
        yield self.spoil(
            self.rng.choice(
                [
                    self.post("runs/search", {"experiment_ids": ids, "filter": "metrics.loss > 0", "max_results": 5, "run_view_type": "ALL"}),
                    self.post("runs/search", {"experiment_ids": ids, "order_by": ["start_time DESC"], "max_results": 3}),
                    self.post("experiments/search", {"max_results": 2, "view_type": "ALL", **mine}),
                    self.post("logged-models/search", {"experiment_ids": ids, "max_results": 2, "order_by": [{"field_name": "name", "ascending": True}]}),
                    self.get("runs/get", [("run_id", run)]),
                    self.get("metrics/get-history", [("run_id", run), ("metric_key", "loss"), ("max_results", 5)]),
                    self.get("metrics/get-history-bulk-interval", [("run_ids", run), ("metric_key", "loss"), ("max_results", 5), ("start_step", 0), ("end_step", 5)]),
                    {"method": "GET", "path": AJAX + "metrics/get-history-bulk", "query": [["run_id", run], ["metric_key", "loss"], ["max_results", 5]]},
                    self.get("artifacts/list", [("run_id", run), ("path", "dir")]),
                    self.get("experiments/get", [("experiment_id", ids[0])]),
                    {"method": "POST", "path": AJAX + "experiments/search-datasets", "json": {"experiment_ids": ids}},
                ]
            )
        )

    # --- the model registry -----------------------------------------------------------------------------------------
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

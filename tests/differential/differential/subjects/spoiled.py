"""Requests for what is not there, and requests that are spoiled."""

from differential import mutations
from differential.requests import AJAX, V2, filter_of, tags
from differential.vocabulary import ODD_TEXTS


class Spoiled:
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

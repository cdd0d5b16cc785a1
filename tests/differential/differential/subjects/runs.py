"""Runs: what is logged to them, their searches and histories."""

from differential.requests import AJAX, tags
from differential.vocabulary import METRICS, PARAMS, STATUSES, STEPS, TAGS, TEXTS, TIMES


class Runs:
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

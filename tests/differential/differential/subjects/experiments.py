"""Experiments and their searches."""

from differential.requests import tags
from differential.vocabulary import TAGS


class Experiments:
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

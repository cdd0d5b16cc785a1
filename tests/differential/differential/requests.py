"""How requests are written, and what all of them share."""

import random

from differential.vocabulary import NUMBERS, ODD_NUMBERS, ODD_TEXTS, TAGS, TEXTS, Grammar

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


class Writer:
    """Knows which entities are meant to exist, and writes requests about them."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.grammar = Grammar(self.rng)
        self.count = 0
        self.group = 0
        # The entities that are meant to exist, by the name of their id, with what is known about them.
        self.experiments, self.runs, self.models = {}, {}, {}
        self.registered, self.versions = {}, {}
        self.clock = 1_700_000_000_000

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

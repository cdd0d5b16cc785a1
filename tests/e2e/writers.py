"""Clients that write things of every kind, and keep a history: each request that they sent, and what became of it.

`history.py` says what a server must have after such histories.
"""

import base64
import dataclasses
import enum
import hashlib
import http.client
import json
import random
import threading
import time
import urllib.parse

ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
# The model that all writers make versions of.
VERSIONS = "home of versions"
WORDS = ["amber", "birch", "cedar", "delta", "ember"]
# Those of the test that runs.
STARTED = []


class Outcome(enum.Enum):
    ACKNOWLEDGED = "200"
    # An error that says that nothing was done.
    REFUSED = "refused"
    # No answer, or a 503: it may have been done, or not.
    UNKNOWN = "unknown"


@dataclasses.dataclass
class Request:
    method: str
    path: str
    fields: object
    outcome: Outcome = Outcome.UNKNOWN
    answer: object = None


class NoAnswer(Exception):
    """The connection ended before the answer to a request was there."""


class Connection:
    """A kept-alive connection."""

    def __init__(self, url, login=None, timeout=60):
        self.address = urllib.parse.urlsplit(url)
        self.headers = {"content-type": "application/json"}
        if login:
            self.headers["authorization"] = "Basic " + base64.b64encode(":".join(login).encode()).decode()
        self.connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=timeout)

    def send(self, method, path, fields=None):
        """Status and answer. Bytes are sent as they are, fields as JSON, or in the query of a GET."""
        target = path if path.startswith("/") else f"/api/2.0/mlflow/{path}"
        body = None
        if isinstance(fields, bytes):
            body = fields
        elif method == "GET":
            target += "?" + urllib.parse.urlencode(fields or {}, doseq=True)
        elif fields is not None:
            body = json.dumps(fields)
        try:
            self.connection.request(method, target, body, self.headers)
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise NoAnswer(f"{method} {target}: {type(error).__name__} {error}") from error
        if answer.headers.get_content_type() == "application/json" and content:
            return answer.status, json.loads(content)
        return answer.status, content

    def close(self):
        self.connection.close()


def content_of(path, generation, size):
    """What the client puts at a path for the n-th time: no two are alike, and every block of one belongs to it only."""
    block = hashlib.sha256(f"{path} {generation}".encode()).digest()
    return (block * (size // len(block) + 1))[:size]


class Writer(threading.Thread):
    """Sends one request after the other until it is told to finish.

    Where the server may go away for good (`goes_on=False`) it ends at the first request without an answer; else it goes on
    with another connection. An answer that is none of the expected ones is kept in `problem`, and ends it.
    """

    def __init__(self, url, name, home, versions=None, login=None, seed=0, goes_on=False):
        super().__init__(name=name, daemon=True)
        self.url, self.home, self.versions, self.login, self.goes_on = url, home, versions, login, goes_on
        self.connection = Connection(url, login)
        self.random = random.Random(f"{seed} {name}")
        self.finish = threading.Event()
        self.history = []
        self.refused = []  # (status, answer)
        self.unanswered = []  # what was sent and how the connection ended
        self.acknowledged = 0
        self.last_success = 0.0
        self.problem = None
        self.number = 0
        self.runs, self.experiments, self.models, self.logged_models, self.files = [], [], [], [], {}
        # The common ones come first and more than once.
        self.kinds = [
            *[self.log_metric, self.log_batch, self.log_param, self.set_tag] * 3,
            *[self.create_run, self.put_artifact] * 2,
            self.set_last_tag,
            self.delete_tag,
            self.update_run,
            self.log_inputs,
            self.delete_or_restore_run,
            self.create_experiment,
            self.create_the_same_experiment,
            self.delete_or_restore_experiment,
            self.create_model,
            self.tag_model,
            self.delete_model,
            self.create_logged_model,
            self.finalize_logged_model,
            self.tag_logged_model,
            self.delete_logged_model,
            self.delete_artifact,
        ]
        if versions:
            self.kinds += [self.create_version] * 2 + [self.move_alias]

    def run(self):
        try:
            while not self.finish.is_set():
                self.number += 1
                kind = self.create_run if not self.runs else self.random.choice(self.kinds)
                try:
                    kind()
                except NoAnswer as error:
                    self.unanswered.append((time.monotonic(), str(error)))
                    if not self.goes_on:
                        return
                    self.hold_back()
        except Exception as error:  # shown by the test: a thread's own traceback would be lost
            self.problem = error
        finally:
            self.connection.close()

    def send(self, method, path, fields=None, refusals=()):
        """The answer, or None if it was refused for a reason that has to be expected."""
        request = Request(method, path, fields)
        self.history.append(request)
        status, answer = self.connection.send(method, path, fields)
        request.answer = answer
        if status == 200:
            request.outcome = Outcome.ACKNOWLEDGED
            self.acknowledged += 1
            self.last_success = time.monotonic()
            return answer
        code = answer.get("error_code") if isinstance(answer, dict) else None
        if status in (503, 507):
            if status == 507:
                request.outcome = Outcome.REFUSED
            self.refused.append((status, answer))
            self.hold_back()
            return None
        assert status < 500 and code in refusals, f"{method} {path} {str(fields)[:300]}: {status} {str(answer)[:500]}"
        request.outcome = Outcome.REFUSED
        return None

    def hold_back(self):
        """Not a wait for anything: a client that got nothing does not ask again at once."""
        self.finish.wait(0.02)

    def post(self, path, refusals=(), /, **fields):
        return self.send("POST", path, fields, refusals)

    def some_run(self):
        """A newer one rather than an older one."""
        return self.random.choice(self.runs[-5:])

    # -- runs

    def create_run(self):
        made = self.post(
            "runs/create",
            experiment_id=self.home,
            run_name=f"{self.name} {self.number}",
            start_time=self.number,
            tags=[{"key": "first", "value": self.name}],
        )
        if made:
            self.runs.append(made["run"]["info"]["run_id"])

    def log_metric(self):
        value = self.random.random()
        key = self.random.choice(["single", "other"])
        self.post("runs/log-metric", run_id=self.some_run(), key=key, value=value, timestamp=1, step=self.number)

    def log_batch(self):
        """Points, a param and a tag of one number: all of them are stored, or none."""
        n = self.number
        self.post(
            "runs/log-batch",
            run_id=self.some_run(),
            metrics=[{"key": "batch", "value": n + i / 64, "timestamp": n, "step": n * 100 + i} for i in range(20)],
            params=[{"key": f"batch {n}", "value": str(n)}],
            tags=[{"key": f"batch {n}", "value": str(n)}],
        )

    def log_param(self):
        self.post("runs/log-parameter", run_id=self.some_run(), key=f"p{self.number}", value=self.random.choice(WORDS))

    def set_tag(self):
        self.post("runs/set-tag", run_id=self.some_run(), key=f"t{self.number}", value=self.random.choice(WORDS))

    def set_last_tag(self):
        self.post("runs/set-tag", run_id=self.some_run(), key="last", value=str(self.number))

    def delete_tag(self):
        self.post("runs/delete-tag", ("RESOURCE_DOES_NOT_EXIST",), run_id=self.some_run(), key="last")

    def update_run(self):
        status = self.random.choice(["FINISHED", "FAILED", "KILLED", "RUNNING"])
        self.post("runs/update", run_id=self.some_run(), status=status, end_time=self.number)

    def log_inputs(self):
        name = f"data {self.number}"
        dataset = {"name": name, "digest": "d", "source_type": "local", "source": "{}"}
        tags = [{"key": "mlflow.data.context", "value": "train"}]
        self.post("runs/log-inputs", run_id=self.some_run(), datasets=[{"dataset": dataset, "tags": tags}])

    def delete_or_restore_run(self):
        """Only the oldest: a deleted run takes no metrics."""
        if len(self.runs) > 5:
            self.post(self.random.choice(["runs/delete", "runs/restore"]), run_id=self.random.choice(self.runs[:-5]))

    # -- experiments

    def create_experiment(self):
        made = self.post("experiments/create", name=f"{self.name} e{self.number}")
        if made:
            self.experiments.append(made["experiment_id"])
            self.post("experiments/set-experiment-tag", experiment_id=made["experiment_id"], key="k", value=self.name)

    def create_the_same_experiment(self):
        """All writers try the same names: one gets it."""
        name = f"{self.name.split()[0]} same {self.random.randrange(200)}"
        self.post("experiments/create", ("RESOURCE_ALREADY_EXISTS",), name=name)

    def delete_or_restore_experiment(self):
        if self.experiments:
            what = self.random.choice(["delete", "restore"])
            self.post(
                f"experiments/{what}", ("RESOURCE_DOES_NOT_EXIST",), experiment_id=self.random.choice(self.experiments)
            )

    # -- registered models

    def create_model(self):
        name = f"{self.name} m{self.number}"
        if self.post("registered-models/create", name=name):
            self.models.append(name)

    def tag_model(self):
        if self.models:
            self.post("registered-models/set-tag", name=self.random.choice(self.models), key="k", value=str(self.number))

    def delete_model(self):
        if self.models:
            name = self.models.pop(self.random.randrange(len(self.models)))
            self.send("DELETE", "registered-models/delete", {"name": name})

    def create_version(self):
        self.post(
            "model-versions/create",
            name=self.versions,
            source=f"s3://bucket/{self.number}",
            description=f"{self.name} v{self.number}",
        )

    def move_alias(self):
        mine = [r.answer for r in self.history if r.path == "model-versions/create" and r.outcome is Outcome.ACKNOWLEDGED]
        if mine:
            version = self.random.choice(mine)["model_version"]["version"]
            alias = self.name.replace(" ", "_")
            self.post("registered-models/alias", name=self.versions, alias=alias, version=version)

    # -- logged models

    def create_logged_model(self):
        params = [{"key": "depth", "value": str(self.number)}]
        name = f"{self.name.replace(' ', '-')}-l{self.number}"
        made = self.post("logged-models", experiment_id=self.home, name=name, params=params)
        if made:
            self.logged_models.append(made["model"]["info"]["model_id"])

    def finalize_logged_model(self):
        if self.logged_models:
            model = self.random.choice(self.logged_models)
            status = self.random.choice(["LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"])
            self.send("PATCH", f"logged-models/{model}", {"model_id": model, "status": status})

    def tag_logged_model(self):
        if self.logged_models:
            model = self.random.choice(self.logged_models)
            tags = [{"key": "k", "value": str(self.number)}]
            self.send("PATCH", f"logged-models/{model}/tags", {"model_id": model, "tags": tags})

    def delete_logged_model(self):
        if self.logged_models:
            model = self.logged_models.pop(self.random.randrange(len(self.logged_models)))
            self.send("DELETE", f"logged-models/{model}")

    # -- artifacts

    def put_artifact(self):
        """To a new path, or over what is there."""
        folder = f"{self.home}/{self.name.replace(' ', '-')}"
        path = self.random.choice([f"{folder}/new/{self.number}.bin", f"{folder}/over/{self.random.randrange(4)}.bin"])
        size = self.random.choice([0, 700, 40_000, 600_000])
        self.files[path] = self.number
        self.send("PUT", f"{ARTIFACTS}/{path}", content_of(path, self.number, size))

    def delete_artifact(self):
        if self.files:
            path = self.random.choice(sorted(self.files))
            del self.files[path]
            self.send("DELETE", f"{ARTIFACTS}/{path}", None, ("RESOURCE_DOES_NOT_EXIST",))


def start_writers(urls, count, word="all", login=None, seed=0, goes_on=False):
    """Writers in a home of their own, spread over the servers; the names of all that they make begin with the word."""
    urls = [urls] if isinstance(urls, str) else urls
    connection = Connection(urls[0], login)
    connection.send("POST", "registered-models/create", {"name": VERSIONS})
    status, made = connection.send("POST", "experiments/create", {"name": f"home {word}"})
    assert status == 200, made
    home = made["experiment_id"]
    connection.close()
    writers = [Writer(urls[i % len(urls)], f"{word} w{i}", home, VERSIONS, login, seed, goes_on) for i in range(count)]
    STARTED.extend(writers)
    for writer in writers:
        writer.start()
    return writers


def every(writers, condition):
    """Whether all of them meet it; those that ended with a problem need not."""
    return lambda: all(writer.problem or condition(writer) for writer in writers)


def wait_until(condition, what, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)


def join(writers, seconds=60):
    """All of them end, none with a problem."""
    for writer in writers:
        writer.finish.set()
    for writer in writers:
        writer.join(seconds)
        assert not writer.is_alive(), f"{writer.name} hangs"
        assert writer.problem is None, f"{writer.name}: {writer.problem!r}"


def end_all():
    """After a test, however it ended: writers that went on would take the machine from the tests after it."""
    for writer in STARTED:
        writer.finish.set()
    STARTED.clear()

"""What a server must have after the histories of `writers.py`: what was acknowledged, nothing that was not sent, nothing twice.

Requests of unknown outcome may have been carried out or not, but only whole, and only in their order: the last
value of anything is that of its last acknowledged request or of a later one.
"""

import hashlib
import os
from collections import Counter, defaultdict

from writers import ARTIFACTS, Connection, Outcome

ABSENT = "(absent)"
PRESENT = "(present)"


class Register:
    """One value that requests change."""

    def __init__(self, first=ABSENT):
        self.possible = {first}

    def write(self, value, outcome):
        if outcome is Outcome.ACKNOWLEDGED:
            self.possible = {value}
        elif outcome is Outcome.UNKNOWN:
            self.possible.add(value)


class Expected:
    """What histories allow to be stored."""

    def __init__(self, histories):
        self.registers = defaultdict(Register)
        self.points = defaultdict(dict)  # (run, metric) -> {(step, value): acknowledged}
        self.batches = []  # (run, number) of all that were sent
        self.acknowledged_names = Counter()
        self.versions = {}  # description -> number, or None
        self.homes = set()
        self.name_of_logged_model = {}
        for history in histories:
            for request in history:
                self.take(request)

    def take(self, request):
        path, fields, outcome = request.path, request.fields, request.outcome
        write = lambda *key, value=PRESENT: self.registers[key].write(value, outcome)
        acknowledged = outcome is Outcome.ACKNOWLEDGED
        match path.split("/"):
            case ["runs", "create"]:
                self.homes.add(fields["experiment_id"])
                write("run", fields["run_name"])
                if acknowledged:
                    run = request.answer["run"]["info"]["run_id"]
                    self.registers["stage", run] = Register("active")
                    self.registers["status", run] = Register("RUNNING")
                    for tag in fields["tags"]:
                        write("tag", run, tag["key"], value=tag["value"])
            case ["runs", "log-metric"]:
                self.point(fields["run_id"], fields, acknowledged, outcome)
            case ["runs", "log-batch"]:
                run = fields["run_id"]
                for point in fields["metrics"]:
                    self.point(run, point, acknowledged, outcome)
                for kind in ["param", "tag"]:
                    for item in fields[kind + "s"]:
                        write(kind, run, item["key"], value=item["value"])
                self.batches.append((run, fields["metrics"][0]["timestamp"]))
            case ["runs", "log-parameter"]:
                write("param", fields["run_id"], fields["key"], value=fields["value"])
            case ["runs", "set-tag"]:
                write("tag", fields["run_id"], fields["key"], value=fields["value"])
            case ["runs", "delete-tag"]:
                write("tag", fields["run_id"], fields["key"], value=ABSENT)
            case ["runs", "update"]:
                write("status", fields["run_id"], value=fields["status"])
            case ["runs", "log-inputs"]:
                write("input", fields["run_id"], fields["datasets"][0]["dataset"]["name"])
            case ["runs", "delete" | "restore" as what]:
                write("stage", fields["run_id"], value="deleted" if what == "delete" else "active")
            case ["experiments", "create"]:
                write("experiment", fields["name"])
                if acknowledged and request.answer:
                    self.acknowledged_names[fields["name"]] += 1
                    self.registers["experiment stage", request.answer["experiment_id"]] = Register("active")
            case ["experiments", "set-experiment-tag"]:
                write("experiment tag", fields["experiment_id"], fields["key"], value=fields["value"])
            case ["experiments", "delete" | "restore" as what]:
                write("experiment stage", fields["experiment_id"], value="deleted" if what == "delete" else "active")
            case ["registered-models", "create"]:
                write("model", fields["name"])
            case ["registered-models", "set-tag"]:
                write("model tag", fields["name"], fields["key"], value=fields["value"])
            case ["registered-models", "alias"]:
                write("alias", fields["name"], fields["alias"], value=str(fields["version"]))
            case ["registered-models", "delete"]:
                write("model", fields["name"], value=ABSENT)
                write("model tag", fields["name"], "k", value=ABSENT)
            case ["model-versions", "create"]:
                number = int(request.answer["model_version"]["version"]) if acknowledged else None
                if outcome is not Outcome.REFUSED:
                    assert fields["description"] not in self.versions
                    self.versions[fields["description"]] = number
            case ["logged-models"]:
                write("logged model", fields["name"])
                if acknowledged:
                    model = request.answer["model"]["info"]["model_id"]
                    self.name_of_logged_model[model] = fields["name"]
                    self.registers["logged model status", model] = Register("LOGGED_MODEL_PENDING")
            case ["logged-models", model] if request.method == "PATCH":
                write("logged model status", model, value=fields["status"])
            case ["logged-models", model]:
                # What is deleted is found by no search.
                for key in [("logged model status", model), ("logged model tag", model, "k")]:
                    write(*key, value=ABSENT)
                write("logged model", self.name_of_logged_model[model], value=ABSENT)
            case ["logged-models", model, "tags"]:
                for tag in fields["tags"]:
                    write("logged model tag", model, tag["key"], value=tag["value"])
            case _ if path.startswith(ARTIFACTS):
                value = ABSENT if request.method == "DELETE" else digest(request.fields)
                write("artifact", path.removeprefix(ARTIFACTS + "/"), value=value)
            case _:
                raise AssertionError(f"the check does not know {request.method} {path}")

    def point(self, run, point, acknowledged, outcome):
        if outcome is not Outcome.REFUSED:
            points = self.points[run, point["key"]]
            at = (point["step"], point["value"], point["timestamp"])
            points[at] = points.get(at, False) or acknowledged


def digest(content):
    return f"{len(content)} bytes, {hashlib.sha256(content).hexdigest()[:16]}"


class Stored:
    """What a server has, in the words of `Expected`, read through its API.

    Of what is in no home (experiments, models, their aliases) only that whose name begins with `prefix`; versions all.
    """

    def __init__(self, url, homes, prefix="", login=None):
        self.connection = Connection(url, login)
        self.homes = sorted(homes)
        self.prefix = prefix
        self.values = {}
        self.points = defaultdict(list)
        self.doubles = []
        self.versions = []
        self.latest = {}
        self.read_experiments()
        self.read_runs()
        self.read_models()
        self.read_logged_models()
        for home in self.homes:
            self.read_artifacts(home)
        self.connection.close()

    def add(self, *key, value=PRESENT):
        if key in self.values:
            self.doubles.append(key)
        self.values[key] = value

    def is_ours(self, name):
        """Not what the test itself made: homes, the model that versions are of; nor the experiment that is always there."""
        return name.startswith(self.prefix) and not name.startswith(("home ", "Default"))

    def ask(self, method, path, fields):
        status, answer = self.connection.send(method, path, fields)
        assert status == 200, f"{method} {path} {fields}: {status} {answer}"
        return answer

    def pages(self, method, path, items, **fields):
        token = None
        while True:
            page = self.ask(method, path, {**fields, **({"page_token": token} if token else {})})
            yield from page.get(items, [])
            token = page.get("next_page_token")
            if not token:
                return

    def read_experiments(self):
        found = self.pages(
            "POST", "experiments/search", "experiments", max_results=1000, view_type="ALL", order_by=["experiment_id ASC"]
        )
        for experiment in found:
            if not self.is_ours(experiment["name"]):
                continue
            self.add("experiment", experiment["name"])
            self.add("experiment stage", experiment["experiment_id"], value=experiment["lifecycle_stage"])
            for tag in experiment.get("tags", []):
                if not tag["key"].startswith("mlflow."):
                    self.add("experiment tag", experiment["experiment_id"], tag["key"], value=tag["value"])

    def read_runs(self):
        runs = []
        for home in self.homes:
            for run in self.pages(
                "POST", "runs/search", "runs", experiment_ids=[home], run_view_type="ALL", max_results=500
            ):
                info, data = run["info"], run["data"]
                runs.append(info["run_id"])
                self.add("run", info["run_name"])
                self.add("stage", info["run_id"], value=info["lifecycle_stage"])
                self.add("status", info["run_id"], value=info["status"])
                for kind in ["param", "tag"]:
                    for item in data.get(kind + "s", []):
                        if not item["key"].startswith("mlflow."):
                            self.add(kind, info["run_id"], item["key"], value=item["value"])
                for metric in data.get("metrics", []):
                    self.latest[info["run_id"], metric["key"]] = (metric["step"], metric["timestamp"], metric["value"])
                for one in run.get("inputs", {}).get("dataset_inputs", []):
                    self.add("input", info["run_id"], one["dataset"]["name"])
        path = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"
        for key in ["single", "other", "batch"]:
            for start in range(0, len(runs), 50):
                some = runs[start : start + 50]
                points = self.ask("GET", path, {"run_id": some, "metric_key": key, "max_results": 25000})["metrics"]
                assert len(points) < 25000, "more points than one answer holds"
                for point in points:
                    self.points[point["run_id"], key].append((point["step"], point["value"], point["timestamp"]))

    def read_models(self):
        for model in self.pages("GET", "registered-models/search", "registered_models", max_results=1000):
            for alias in model.get("aliases", []):
                if self.is_ours(alias["alias"].replace("_", " ")):
                    self.add("alias", model["name"], alias["alias"], value=str(alias["version"]))
            if not self.is_ours(model["name"]):
                continue
            self.add("model", model["name"])
            for tag in model.get("tags", []):
                self.add("model tag", model["name"], tag["key"], value=tag["value"])
        for version in self.pages("GET", "model-versions/search", "model_versions", max_results=10000):
            self.versions.append((version["name"], int(version["version"]), version["description"]))

    def read_logged_models(self):
        for home in self.homes:
            found = self.pages("POST", "logged-models/search", "models", experiment_ids=[home], max_results=50)
            for model in found:
                info, model_id = model["info"], model["info"]["model_id"]
                self.add("logged model", info["name"])
                self.add("logged model status", model_id, value=info["status"])
                params = model.get("data", {}).get("params", [])
                assert [param["key"] for param in params] == ["depth"], f"a logged model without its params: {model}"
                for tag in info.get("tags", []):
                    if not tag["key"].startswith("mlflow."):
                        self.add("logged model tag", model_id, tag["key"], value=tag["value"])

    def read_artifacts(self, folder):
        for entry in self.ask("GET", ARTIFACTS, {"path": folder}).get("files", []):
            path = f"{folder}/{entry['path']}"
            assert "oxflow" not in entry["path"], f"a temporary name is listed: {path}"
            if entry["is_dir"]:
                self.read_artifacts(path)
                continue
            content = self.ask("GET", f"{ARTIFACTS}/{path}", None)
            # Like MLflow, the server leaves out a size of 0.
            assert len(content) == int(entry.get("file_size", 0)), path
            self.add("artifact", path, value=digest(content))


def some(items):
    items = list(items)
    return f"{len(items)}, as in {items[:3]}"


def check(url, writers, prefix="", login=None):
    """What the server has is what the writers' histories allow; `prefix` is how the names of these writers begin."""
    expected = Expected(writer.history for writer in writers)
    stored = Stored(url, expected.homes, prefix, login)
    check_values(expected, stored)
    check_points(expected, stored)
    check_versions(expected, stored, prefix)
    return expected, stored


def check_values(expected, stored):
    assert stored.doubles == [], f"stored twice: {some(stored.doubles)}"
    # What was created without an acknowledgement has an id that no history knows.
    known = {key[1] for key in expected.registers if key[0] in {"stage", "experiment stage", "logged model status"}}
    for key, register in expected.registers.items():
        value = stored.values.get(key, ABSENT)
        assert value in register.possible, f"{key} is {value!r}, and has to be one of {register.possible}"
    unsent = [
        key
        for key in stored.values.keys() - expected.registers.keys()
        if not (key[0] in {"stage", "status", "experiment stage", "logged model status"} and key[1] not in known)
        and not (key[0] == "tag" and key[1] not in known and key[2] == "first")
    ]
    assert unsent == [], f"nobody sent {some(unsent)}"
    more = {name: count for name, count in expected.acknowledged_names.items() if count > 1}
    assert more == {}, f"experiments acknowledged to several: {more}"


def check_points(expected, stored):
    for key, points in expected.points.items():
        have = stored.points.get(key, [])
        assert len(have) == len(set(have)), f"points of {key} are stored twice"
        lost = {point for point, acknowledged in points.items() if acknowledged} - set(have)
        assert not lost, f"acknowledged points of {key} are lost: {some(lost)}"
        unsent = set(have) - points.keys()
        assert not unsent, f"points of {key} that nobody sent: {some(unsent)}"
        if have:
            newest = max((step, timestamp, value) for step, value, timestamp in have)
            assert stored.latest[key] == newest, f"the latest value of {key} is {stored.latest[key]}, not {newest}"
    unknown = {key for key in stored.points if stored.points[key]} - expected.points.keys()
    assert not unknown, f"points of metrics that nobody sent: {some(unknown)}"
    for run, number in expected.batches:
        parts = [sum(timestamp == number for _, _, timestamp in stored.points.get((run, "batch"), []))]
        parts += [20 * (stored.values.get((kind, run, f"batch {number}"), ABSENT) != ABSENT) for kind in ["param", "tag"]]
        assert set(parts) in ({0}, {20}), f"batch {number} of run {run} is stored in part: points, param, tag {parts}"


def check_versions(expected, stored, prefix):
    by_model = defaultdict(list)
    for name, number, description in stored.versions:
        by_model[name].append(number)
        if not description.startswith(prefix):
            continue
        assert description in expected.versions, f"nobody sent version {number} of {name}: {description!r}"
        acknowledged = expected.versions[description]
        assert acknowledged in (None, number), f"version {acknowledged} became {number}: {description!r}"
    for name, numbers in by_model.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), f"numbers of {name} have gaps: {sorted(numbers)}"
    twice = [text for text, count in Counter(d for _, _, d in stored.versions).items() if count > 1]
    assert twice == [], f"versions made twice: {some(twice)}"
    lost = {text for text, number in expected.versions.items() if number} - {d for _, _, d in stored.versions}
    assert not lost, f"acknowledged versions are lost: {some(lost)}"


def temporary_files(artifacts):
    """Files of unfinished uploads below an artifact root."""
    folder = artifacts / ".oxflow-tmp"
    return sorted(os.listdir(folder)) if folder.exists() else []

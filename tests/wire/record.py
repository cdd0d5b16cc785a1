#!/usr/bin/env python3
"""Records the wire goldens from a real MLflow server.

Run it with the Python of a virtual environment that has MLflow 3.17.2:

    <venv>/bin/python tests/wire/record.py            # all areas
    <venv>/bin/python tests/wire/record.py runs json_rules

With MLflow 1.30.0 in the environment it records the areas of AREAS_OF_1_30 instead: endpoints that later versions
no longer have.

It starts `mlflow server` on an empty temporary folder, plays every scenario of `scenarios/` against it and writes
one `<area>.json` per area. README.md describes the file format.

A step states the status its author expects. The recorder prints every step where MLflow answers another one and exits
with 1, so a scenario's name cannot drift away from what was recorded.
"""

import argparse
import base64
import contextlib
import http.client
import importlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

AREAS = [
    "server",
    "json_rules",
    "experiments",
    "experiments_search",
    "runs",
    "runs_search",
    "metrics",
    "history",
    "log_batch",
    "params_tags",
    "datasets",
    "outputs",
    "logged_models",
    "logged_models_search",
    "artifacts_proxy",
    "run_artifacts",
    "graphql",
    "registered_models",
    "registered_models_search",
    "model_versions",
    "model_versions_search",
    "stages",
    "aliases",
    "source_validation",
    "prompts",
    "model_version_artifacts",
]

# Recorded from MLflow 1.30.0: what was removed after it.
AREAS_OF_1_30 = ["removed_endpoints"]
AREAS_BY_VERSION = {"3.17.2": AREAS, "1.30.0": AREAS_OF_1_30}

# The first experiment made by a scenario gets the next id. Seven digits, so that replacing an id by its capture name
# can never hit another number in a response.
FIRST_EXPERIMENT_ID = 7_310_000

# Set by the server, never by the client.
SERVER_TIMES = {
    "creation_time",
    "last_update_time",
    "creation_timestamp",
    "last_updated_timestamp",
    "creation_timestamp_ms",
    "last_updated_timestamp_ms",
}

# A Python set printed into a message: {'a', 'b'}; its order changes from one process to the next.
PRINTED_SET = re.compile(r"\{'[^':]*'(, '[^':]*')*\}")
PRINTED_SQL = re.compile(r"\[SQL: |\(sqlite3\.|\(raised as a result of")

ABSENT = object()


class Difference:
    """What Oxflow answers where it deliberately differs from MLflow."""

    def __init__(self, slug, status, body=ABSENT):
        self.slug, self.status, self.body = slug, status, body

    def as_json(self):
        out = {"difference": self.slug, "status": self.status}
        if self.body is not ABSENT:
            out["json"] = self.body
        return out


def error(code, message="<any>", sqlstate="KAM00", error_class=None):
    return {
        "error_code": code,
        "message": message,
        "sqlstate": sqlstate,
        "error_class": error_class or code,
    }


def refused(slug, message="<any>", code="INVALID_PARAMETER_VALUE"):
    """Oxflow answers a clean 400."""
    return Difference(slug, 400, error(code, message))


def wrong_type(slug, field, value, kind):
    """Oxflow answers 400 in the shape MLflow has for fields it checks."""
    return refused(
        slug,
        f"Invalid value {value} for parameter '{field}' supplied:  Hint: Value was of type '{kind}'."
        " See the API docs for more information about request parameters.",
    )


def query(**fields):
    """A query string; `${name}` stays readable, lists repeat the parameter."""
    parts = []
    for key, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            parts.append(f"{key}={urllib.parse.quote(str(item), safe='${}/:.-_')}")
    return "&".join(parts)


class Scenario:
    def __init__(self, recorder, name):
        self.recorder = recorder
        self.name = name
        self.slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80]
        self.steps = []
        self.captured = {}

    # --- shorthands -------------------------------------------------------------------------------------------------
    def get(self, path, query=None, **rest):
        return self.call("GET", path, query=query, **rest)

    def post(self, path, json=ABSENT, **rest):
        return self.call("POST", path, json=json, **rest)

    def patch(self, path, json=ABSENT, **rest):
        return self.call("PATCH", path, json=json, **rest)

    def delete(self, path, json=ABSENT, **rest):
        return self.call("DELETE", path, json=json, **rest)

    def put(self, path, **rest):
        return self.call("PUT", path, **rest)

    def post_text(self, path, text, **rest):
        headers = {"content-type": "application/json", **rest.pop("headers", {})}
        return self.call("POST", path, text=text, headers=headers, **rest)

    def experiment(self, name=None, capture="exp", **fields):
        """Creates an experiment; its id is `${exp}` from here on."""
        body = {"name": name or self.slug, **fields}
        return self.post("experiments/create", body, capture={capture: "/experiment_id"})

    def run(self, capture="run", exp="${exp}", start_time=1_700_000_000_000, **fields):
        """Creates a run named like its capture; its id is `${run}` from here on."""
        body = {"experiment_id": exp, "start_time": start_time, "run_name": capture, **fields}
        return self.post("runs/create", body, capture={capture: "/run/info/run_id"})

    def read_run(self, capture="run", **rest):
        return self.get("runs/get", query(run_id="${%s}" % capture), **rest)

    # --- one step ---------------------------------------------------------------------------------------------------
    def call(
        self,
        method,
        path,
        *,
        query=None,
        json=ABSENT,
        text=None,
        bytes_=None,
        headers=None,
        status=200,
        capture=None,
        any=(),
        no_body=False,
        keep_headers=(),
        unordered=(),
        oxflow=None,
    ):
        if not path.startswith("/"):
            path = "/api/2.0/mlflow/" + path
        request = {"method": method, "path": path}
        if query is not None:
            request["query"] = query
        if headers:
            request["headers"] = headers
        if json is not ABSENT:
            request["json"] = json
        elif text is not None:
            request["text"] = text
        elif bytes_ is not None:
            request["base64"] = base64.b64encode(bytes_).decode()

        answer_status, answer_headers, answer_body = self.recorder.send(fill_in(request, self.captured))
        response = self.recorded(answer_status, answer_headers, answer_body, capture, any, no_body, keep_headers)

        where = f"{self.recorder.area} / {self.name} / step {len(self.steps) + 1}: {method} {path} {query or ''}"
        if answer_status != status:
            self.recorder.complain(
                f"{where}\n    {str(request.get('json', request.get('text')))[:200]}\n    expected {status}, got {answer_status}: {answer_body[:300]!r}"
            )
        if answer_status >= 500 and answer_status not in (501, 503) and oxflow is None:
            self.recorder.complain(f"{where}\n    MLflow answers {answer_status} and no difference is declared")
        step = {"request": request, "response": response}
        if capture:
            step["capture"] = capture
        if unordered:
            step["unordered"] = list(unordered)
        if oxflow:
            step["oxflow"] = oxflow.as_json()
            self.recorder.slugs.setdefault(oxflow.slug, []).append(where)
            same_body = oxflow.body is ABSENT or oxflow.body == response.get("json")
            if oxflow.status == answer_status and same_body:
                self.recorder.complain(f"{where}\n    the declared difference is none")
        self.steps.append(step)
        return response.get("json")

    def recorded(self, status, headers, body, capture, any, no_body, keep_headers):
        response = {"status": status}
        kept = {}
        for name in keep_headers:
            value = headers.get(name)
            if name == "allow" and value:
                value = ", ".join(sorted(part.strip() for part in value.split(",")))
            kept[name] = value
        if kept:
            response["headers"] = kept
        content_type = headers.get("content-type", "")
        if content_type.startswith("application/json") and body:
            try:
                parsed = json.loads(body, parse_constant=not_json)
            except ValueError:
                response["text"] = name_captures(body.decode(), self.captured)
                return response
            if no_body:
                return response
            for name, pointer in (capture or {}).items():
                try:
                    self.captured[name] = str(resolve(parsed, pointer))
                except (KeyError, IndexError, TypeError):
                    self.recorder.complain(f"{self.name}: nothing at {pointer} in {body[:300]!r}")
            for pointer in any:
                replace_at(parsed, pointer, "<any>")
            response["json"] = name_captures(wildcards(parsed), self.captured)
        elif no_body or (content_type.startswith("text/html") and body.startswith(b"<")):
            pass
        else:
            try:
                response["text"] = name_captures(body.decode(), self.captured)
            except UnicodeDecodeError:
                response["base64"] = base64.b64encode(body).decode()
        return response


def not_json(token):
    raise ValueError(f"{token} is not JSON")


def resolve(value, pointer):
    for part in pointer.strip("/").split("/"):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def replace_at(value, pointer, replacement):
    parent, _, last = pointer.rpartition("/")
    holder = resolve(value, parent) if parent else value
    if isinstance(holder, list):
        holder[int(last)] = replacement
    else:
        holder[last] = replacement


def wildcards(value, key=None):
    """Replaces what differs from one run of the recorder to the next."""
    if isinstance(value, dict):
        return {name: wildcards(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [wildcards(item) for item in value]
    if key in SERVER_TIMES and isinstance(value, int):
        return "<time>"
    if key == "message" and (PRINTED_SET.search(value) or PRINTED_SQL.search(value)):
        return "<any>"
    return value


def name_captures(value, captured):
    if isinstance(value, dict):
        return {name_captures(name, captured): name_captures(item, captured) for name, item in value.items()}
    if isinstance(value, list):
        return [name_captures(item, captured) for item in value]
    if isinstance(value, str):
        for name, raw in sorted(captured.items(), key=lambda item: -len(item[1])):
            value = re.sub(rf"(?<![0-9A-Za-z]){re.escape(raw)}(?![0-9A-Za-z])", "${%s}" % name, value)
    return value


def fill_in(value, captured):
    if isinstance(value, dict):
        return {name: fill_in(item, captured) for name, item in value.items()}
    if isinstance(value, list):
        return [fill_in(item, captured) for item in value]
    if isinstance(value, str):
        value = re.sub(r"\$\{(.)\*(\d+)\}", lambda found: found.group(1) * int(found.group(2)), value)
        return re.sub(r"\$\{(\w+)\}", lambda found: captured[found.group(1)], value)
    return value


class Recorder:
    def __init__(self, port, version):
        self.port = port
        self.version = version
        self.area = None
        self.scenarios = []
        self.problems = []
        self.slugs = {}

    def complain(self, text):
        self.problems.append(text)
        print("!!", text, flush=True)

    @contextlib.contextmanager
    def scenario(self, name):
        scenario = Scenario(self, name)
        if name in (other.name for other in self.scenarios):
            self.complain(f"two scenarios are named {name!r}")
        self.scenarios.append(scenario)
        try:
            yield scenario
        except KeyError as missing:
            self.complain(f"{self.area} / {name}: {missing} was not captured, the rest is not recorded")

    def send(self, request):
        headers = {"host": f"127.0.0.1:{self.port}"}
        body = None
        if "json" in request:
            body = json.dumps(request["json"]).encode()
            headers["content-type"] = "application/json"
        elif "text" in request:
            body = request["text"].encode()
        elif "base64" in request:
            body = base64.b64decode(request["base64"])
        for name, value in request.get("headers", {}).items():
            headers.pop(name, None)
            if value is not None:
                headers[name] = value
        target = request["path"] + ("?" + request["query"] if "query" in request else "")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(request["method"], target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body is not None or request["method"] in ("POST", "PUT", "PATCH"):
                connection.putheader("content-length", str(len(body or b"")))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def write(self, area, path):
        path.write_text(render({"recorded_from": f"mlflow {self.version}", "scenarios": self.scenarios}))
        steps = sum(len(scenario.steps) for scenario in self.scenarios)
        print(f"{area}: {len(self.scenarios)} scenarios, {steps} steps, {path.stat().st_size // 1024} KiB", flush=True)
        return len(self.scenarios), steps


def render(document):
    """One line per step, or one per part of a step where that gets long: diffs stay readable."""
    compact = lambda value: json.dumps(value, ensure_ascii=False)
    lines = ['{"recorded_from": %s,' % compact(document["recorded_from"]), ' "scenarios": [']
    blocks = []
    for scenario in document["scenarios"]:
        steps = []
        for step in scenario.steps:
            line = "   " + compact(step)
            if len(line) > 200:
                parts = [f'"{key}": {compact(value)}' for key, value in step.items()]
                line = "   {" + ",\n    ".join(parts) + "}"
            steps.append(line)
        blocks.append('  {"name": %s, "steps": [\n%s\n  ]}' % (compact(scenario.name), ",\n".join(steps)))
    return "\n".join(lines) + "\n" + ",\n".join(blocks) + "\n]}\n"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def mlflow_server(version):
    """A real `mlflow server` with default flags on an empty folder; 1.30.0 must be told to serve artifacts."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="wire-oracle-"))
    port = free_port()
    command = [sys.executable, "-c", "from mlflow.cli import cli; cli()", "server", "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--backend-store-uri", "sqlite:///mlflow.db"]
    if version == "1.30.0":
        command += ["--serve-artifacts"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    # 1.30.0 starts `gunicorn` by name.
    environment["PATH"] = str(pathlib.Path(sys.executable).parent) + os.pathsep + environment.get("PATH", "")
    log = open(folder / "server.log", "wb")
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 180
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit("mlflow server did not start:\n" + (folder / "server.log").read_text()[-3000:])
            with contextlib.suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    break
            time.sleep(0.3)
        # Moves the id sequence; the row itself is deleted and no scenario looks at it.
        with sqlite3.connect(folder / "mlflow.db", timeout=30) as database:
            row = {"experiment_id": FIRST_EXPERIMENT_ID, "name": "wire goldens start here", "lifecycle_stage": "deleted"}
            if any(column[1] == "workspace" for column in database.execute("PRAGMA table_info(experiments)")):
                row["workspace"] = "default"
            else:
                row |= {"artifact_location": "", "creation_time": 0, "last_update_time": 0}
            columns, places = ", ".join(row), ", ".join("?" * len(row))
            database.execute(f"INSERT INTO experiments ({columns}) VALUES ({places})", tuple(row.values()))
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("areas", nargs="*", help="every area of this version of MLflow unless named")
    arguments.add_argument("--out", type=pathlib.Path, default=HERE)
    options = arguments.parse_args()

    import mlflow

    version = mlflow.__version__
    if version not in AREAS_BY_VERSION:
        sys.exit(f"goldens are recorded from mlflow {' and '.join(AREAS_BY_VERSION)}, this is {version}")
    areas = options.areas or AREAS_BY_VERSION[version]
    if others := [area for area in areas if area not in AREAS_BY_VERSION[version]]:
        sys.exit(f"not recorded from mlflow {version}: {', '.join(others)}")
    problems, slugs, totals = [], {}, [0, 0]
    with mlflow_server(version) as port:
        for area in areas:
            recorder = Recorder(port, version)
            recorder.area = area
            importlib.import_module(f"scenarios.{area}").record(recorder)
            counts = recorder.write(area, options.out / f"{area}.json")
            totals = [total + count for total, count in zip(totals, counts)]
            problems += recorder.problems
            for slug, places in recorder.slugs.items():
                slugs.setdefault(slug, []).extend(places)
    documented = (HERE.parent.parent / "docs" / "differences.md").read_text()
    for slug in sorted(slugs):
        print(f"difference {slug}: {len(slugs[slug])} steps")
        if f"| `{slug}` |" not in documented:
            problems.append(f"docs/differences.md has no row for {slug}")
    print(f"{totals[0]} scenarios, {totals[1]} steps, {len(problems)} problems")
    if problems:
        print("\n".join(problems))
        sys.exit(1)


if __name__ == "__main__":
    main()

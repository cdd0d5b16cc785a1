"""Sends a request to a server, and makes the answers of two servers comparable."""

import base64
import http.client
import json
import re
import time
import urllib.parse

# Set by the servers. A time that a client sent is compared as it is.
SERVER_TIMES = {
    "creation_time",
    "last_update_time",
    "creation_timestamp",
    "last_updated_timestamp",
    "creation_timestamp_ms",
    "last_updated_timestamp_ms",
}
# Lists that MLflow writes in no order of its own, wherever they are; the points of a history (`metrics` at the top) have one.
UNORDERED = {
    "metrics",
    "params",
    "tags",
    "aliases",
    "latest_versions",
    "dataset_inputs",
    "model_inputs",
    "model_outputs",
    "dataset_summaries",
}
IDS = re.compile(r"m-[0-9a-f]{32}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])|(?<!\d)\d{7}(?!\d)")
MADE_UP_NAME = re.compile(r"[a-z]+-[a-z]+-\d{1,4}")
PRINTED_SET = re.compile(r"\{('[^'{}]*'(?:, '[^'{}]*')*)\}")
COMPARED_HEADERS = ["content-type", "content-disposition", "allow"]


class Answer:
    """`body` is JSON, text or bytes, with the names of entities in place of their ids."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def code(self):
        return self.body.get("error_code") if isinstance(self.body, dict) else None

    @property
    def message(self):
        message = self.body.get("message") if isinstance(self.body, dict) else None
        return message if isinstance(message, str) else ""

    def __str__(self):
        text = self.body if isinstance(self.body, str) else json.dumps(self.body, ensure_ascii=False, default=repr)
        return f"{self.status} {text}"


class Side:
    """One of the two servers and the ids it gave."""

    def __init__(self, name, url):
        self.name = name
        self.host = urllib.parse.urlparse(url).netloc
        self.started_ms = time.time() * 1000
        self.values, self.names = {}, {}
        self.salt = ""
        self.connection = None

    def forget(self, salt):
        """For a sequence of its own."""
        self.values, self.names, self.salt = {}, {}, salt

    def knows(self, step):
        used = set(re.findall(r"\$\{(\w+)\}", json.dumps(step))) - set(step.get("define", ())) - {"salt", "x"}
        return used <= set(self.values)

    def define(self, name, value):
        self.values[name] = value
        self.names[value] = name

    def fill(self, value):
        if isinstance(value, dict):
            return {self.fill(key): self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, str) and "${" in value:
            return re.sub(
                r"\$\{(\w+)\}",
                lambda found: self.salt if found[1] == "salt" else self.values.get(found[1], found[0]),
                value,
            )
        return value

    def request(self, step):
        """Method, target, headers and body as this server gets them."""
        filled = self.fill({key: value for key, value in step.items() if key not in ("define", "marks")})
        target = urllib.parse.quote(filled["path"], safe="/%:@&=+,;!*'()~-._")
        if filled.get("query"):
            quote = lambda value: urllib.parse.quote(str(value), safe="")
            target += "?" + "&".join(f"{quote(key)}={quote(value)}" for key, value in filled["query"])
        headers, body = {}, None
        if "json" in filled:
            body, headers["content-type"] = json.dumps(filled["json"]).encode(), "application/json"
        elif "text" in filled:
            body = filled["text"].encode()
        for name, value in filled.get("headers", {}).items():
            headers.pop(name, None)
            if value is not None:
                headers[name] = value
        if body is not None or step["method"] in ("POST", "PUT", "PATCH"):
            headers["content-length"] = str(len(body or b""))
        return step["method"], target, headers, body

    def send(self, step):
        method, target, headers, body = self.request(step)
        for attempt in (1, 2):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(self.host, timeout=60)
                self.connection.putrequest(method, target, skip_accept_encoding=True)
                for name, value in headers.items():
                    self.connection.putheader(name, value)
                self.connection.endheaders(body)
                answer = self.connection.getresponse()
                content = answer.read()
                break
            except (http.client.HTTPException, OSError):
                # The other end closed an idle connection; a request that was read is answered.
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise
        received = {name.lower(): value for name, value in answer.getheaders()}
        if answer.will_close:
            self.connection.close()
            self.connection = None
        raw = parsed(received, content)
        if isinstance(raw, dict) and answer.status == 200:
            for name, pointer in step.get("define", {}).items():
                value = at(raw, pointer)
                if isinstance(value, str):
                    self.define(name, value)
        headers = {name: received[name] for name in COMPARED_HEADERS if name in received}
        headers["content-type"] = headers.get("content-type", "").split(";")[0]
        for pointer in step.get("unordered", ()):
            holder, key = at(raw, pointer.rpartition("/")[0]), pointer.rpartition("/")[2]
            if isinstance(holder, dict) and isinstance(holder.get(key), list):
                holder["(in no order) " + key] = holder.pop(key)
        return Answer(answer.status, headers, self.comparable(raw))

    def comparable(self, value, key=None, depth=0):
        if isinstance(value, dict):
            return {self.named(name): self.comparable(item, name, depth + 1) for name, item in value.items()}
        if isinstance(value, list):
            items = [self.comparable(item, None, depth + 1) for item in value]
            has_order = key not in UNORDERED or (key == "metrics" and depth == 1)
            if str(key).startswith("(in no order)") or not has_order:
                items.sort(key=lambda item: json.dumps(item, sort_keys=True))
            return items
        if key in SERVER_TIMES and isinstance(value, int):
            now = time.time() * 1000
            return "<time>" if self.started_ms - 60_000 <= value <= now + 1000 else value
        if key == "next_page_token" and isinstance(value, str):
            try:
                return self.comparable(json.loads(base64.b64decode(value)))
            except ValueError:
                return value
        if isinstance(value, str):
            return self.named(value)
        if isinstance(value, float):
            return f"float {value!r}"
        return value

    def named(self, text):
        if MADE_UP_NAME.fullmatch(text):
            return "<made up>"
        # What follows has times and random ids among its parameters.
        text = re.sub(r"\[SQL: .*", "[SQL: …", text, flags=re.S)
        text = IDS.sub(lambda found: "${%s}" % self.names[found[0]] if found[0] in self.names else found[0], text)
        return PRINTED_SET.sub(lambda found: "{" + ", ".join(sorted(found[1].split(", "))) + "}", text)


def parsed(headers, content):
    if headers.get("content-type", "").startswith("application/json") and content:
        try:
            return json.loads(content, parse_constant=lambda token: f"bare {token}")
        except ValueError:
            pass
    try:
        return content.decode()
    except UnicodeDecodeError:
        return repr(content)


def at(value, pointer):
    for part in filter(None, pointer.split("/")):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def differences(mlflow, oxflow, method):
    """In words; none if the answers are the same."""
    found = []
    if mlflow.status != oxflow.status:
        found.append(f"status: mlflow {mlflow.status}, oxflow {oxflow.status}")
    compare("", mlflow.body, oxflow.body, found)
    # Type and name of what is downloaded; the type of an empty or erroneous answer has no reader.
    if mlflow.status == oxflow.status:
        for name in COMPARED_HEADERS:
            ours, theirs = oxflow.headers.get(name), mlflow.headers.get(name)
            if name == "allow":
                ours, theirs = (sorted(part.strip() for part in (value or "").split(",")) for value in (ours, theirs))
            if ours != theirs and (mlflow.body or name != "content-type"):
                found.append(f"header {name}: mlflow {theirs!r}, oxflow {ours!r}")
    return found


def compare(place, mlflow, oxflow, found):
    if isinstance(mlflow, dict) and isinstance(oxflow, dict):
        for key in sorted(mlflow.keys() | oxflow.keys()):
            if key not in oxflow:
                found.append(f"{place}/{key}: mlflow {short(mlflow[key])}, oxflow has none")
            elif key not in mlflow:
                found.append(f"{place}/{key}: mlflow has none, oxflow {short(oxflow[key])}")
            else:
                compare(f"{place}/{key}", mlflow[key], oxflow[key], found)
    elif isinstance(mlflow, list) and isinstance(oxflow, list) and len(mlflow) == len(oxflow):
        for i, (left, right) in enumerate(zip(mlflow, oxflow)):
            compare(f"{place}/{i}", left, right, found)
    elif type(mlflow) is not type(oxflow) or mlflow != oxflow:
        found.append(f"{place or 'body'}: mlflow {short(mlflow)}, oxflow {short(oxflow)}")


def short(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else text[:300] + "…"

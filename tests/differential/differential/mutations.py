"""Ways to spoil a good request."""

import copy
import json

WRONG_VALUES = [None, 5, -1, 1.5, True, "x", "", "5", [], {}, ["x"], [5], {"a": 1}, 2**63, 2**70, 1e30, "1.5", "é" * 10]
LENGTHS = [250, 251, 255, 256, 257, 500, 501, 5000, 5001, 6000, 6001, 8001, 20001]


def paths(value, at=()):
    """The way to everything in a JSON value but the whole."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield at + (key,)
            yield from paths(item, at + (key,))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield at + (i,)
            yield from paths(item, at + (i,))


def holder_of(value, path):
    for part in path[:-1]:
        value = value[part]
    return value


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def all_camel(value):
    if isinstance(value, dict):
        return {camel(key): all_camel(item) for key, item in value.items()}
    return [all_camel(item) for item in value] if isinstance(value, list) else value


def spoil(rng, step, odd_texts):
    """A spoiled copy; its marks say how."""
    step = copy.deepcopy(step)
    marks = step.setdefault("marks", [])
    marks.append("spoiled")
    kinds = ["method", "path", "header"] if rng.random() < 0.08 else ["value"]
    kind = rng.choice(kinds)
    if kind == "method":
        step["method"] = rng.choice([method for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] if method != step["method"]])
        marks.append("method")
    elif kind == "path":
        step["path"] = rng.choice([step["path"] + "/", step["path"] + "x", step["path"].replace("mlflow", "mlflaw")])
        marks.append("path")
    elif kind == "header":
        step.setdefault("headers", {})["content-type"] = rng.choice(
            ["text/plain", None, "application/json; charset=utf-8", "application/JSON", "application/x-www-form-urlencoded", ""]
        )
        marks.append("content-type")
    elif "json" in step:
        spoil_body(rng, step, marks, odd_texts)
    elif step.get("query"):
        spoil_query(rng, step, marks, odd_texts)
    else:
        step["query"] = [["x", "y"]]
        marks.append("unknown field")
    return step


def spoil_body(rng, step, marks, odd_texts):
    body = step["json"]
    way = rng.choice(
        ["drop", "null", "type", "type", "type", "camel", "both", "unknown", "long", "odd", "empty", "text", "shape", "nul", "repeat"]
    )
    places = list(paths(body))
    if not places and way not in ("text", "shape"):
        way = "unknown"
    marks.append(way)
    if way == "text":
        text = rng.choice(["", "null", "{", "[1", "not json", json.dumps(json.dumps(body)), "\ufeff{}", '{"a": "\\ud83d"}', "{'a': 1}"])
        del step["json"]
        step["text"] = text
        step.setdefault("headers", {}).setdefault("content-type", "application/json")
        return
    if way == "shape":
        step["json"] = rng.choice([[body], [], 5, True, 1.5, body if not body else {"x": body}, nested(rng.choice([20, 60, 100, 150]))])
        return
    if way == "camel":
        step["json"] = all_camel(body)
        return
    if way == "unknown":
        body[rng.choice(["unknown", "x y", "ünknown", ""])] = rng.choice(WRONG_VALUES)
        return
    place = rng.choice(places)
    holder, last = holder_of(body, place), place[-1]
    if way == "drop":
        del holder[last]
    elif way == "null":
        holder[last] = None
    elif way == "type":
        holder[last] = rng.choice(WRONG_VALUES)
    elif way == "both" and isinstance(last, str) and camel(last) != last:
        holder[camel(last)] = copy.deepcopy(holder[last])
    elif way == "long":
        holder[last] = rng.choice(["x", "é"]) * rng.choice(LENGTHS)
    elif way == "odd":
        holder[last] = rng.choice(odd_texts)
    elif way == "empty":
        holder[last] = ""
    elif way == "nul":
        holder[last] = rng.choice(["a\0b", "\0"])
    elif way == "repeat" and isinstance(holder[last], list):
        holder[last] = holder[last] * 2


def spoil_query(rng, step, marks, odd_texts):
    query = step["query"]
    way = rng.choice(["drop", "type", "type", "empty", "repeat", "unknown", "camel", "odd", "long"])
    marks.append(way)
    at = rng.randrange(len(query))
    if way == "drop":
        del query[at]
    elif way == "type":
        query[at][1] = rng.choice(["x", "-1", "0", "1.5", "1e3", "true", "null", "99999999999999999999", " 5", "５", "0x10"])
    elif way == "empty":
        query[at][1] = ""
    elif way == "repeat":
        query.append([query[at][0], rng.choice([query[at][1], "x", "5"])])
    elif way == "unknown":
        query.append(["unknown", "x"])
    elif way == "camel":
        query[at][0] = camel(query[at][0])
    elif way == "odd":
        query[at][1] = rng.choice(odd_texts)
    elif way == "long":
        query[at][1] = "x" * rng.choice(LENGTHS)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return {"x": value}

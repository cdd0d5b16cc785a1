"""Bodies, numbers and texts that JSON can hold or almost hold. security.md, sections 9 and 10."""

import json

from hostile.raw import request
from hostile.rows import API, JSON, RUN, post, row

WRONG = 400
TOO_LARGE = 413

# The size of `large`, a little below that of the largest body.
MOST = 32 * 2**20 - 200
IN_A_BLOCK = 2**16

OWN = "/api/oxflow/v1"


def metric(value="1", step="0", timestamp="1", key='"m"'):
    return f'{{"run_id":"{RUN}","key":{key},"value":{value},"timestamp":{timestamp},"step":{step}}}'


def logs(name, body, *expected):
    return row(name, post("runs/log-metric", body), *expected)


def body(name, raw, *expected, path="runs/search"):
    return row(f"body: {name}", post(path, raw), *expected)


def text(name, raw, *expected):
    """A text as the value of a tag, written as it is between the quotes."""
    raw = raw if isinstance(raw, bytes) else raw.encode()
    return row(f"text: {name}", post("runs/set-tag", b'{"run_id":"%s","key":"k","value":"%s"}' % (RUN.encode(), raw)), *expected)


def large(name, path, beginning, item, end, *expected):
    """A body of nearly 32 MiB that repeats an item, made while it is sent."""
    count = (MOST - len(beginning) - len(end)) // len(item)

    def payload():
        length = len(beginning) + count * len(item) + len(end)
        yield request("POST", path, JSON, f"Content-Length: {length}", length=False) + beginning
        for start in range(0, count, IN_A_BLOCK):
            yield item * min(IN_A_BLOCK, count - start)
        yield end

    return row(f"body: {name}", payload, *expected)


NUMBERS = [
    *[
        logs(f"step {value}", metric(step=value), WRONG)
        for value in [
            "1.5", "-0.5", "1e-1", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1e19", "1e400", "-1e400", "NaN", "Infinity", "-Infinity", "true",
            "[]", "{}", '""', '"a"', '"1.5"', '"9223372036854775808"', '"0x10"', '"1e"', '"NaN"', '"\\u0661"', "01", "+1", "1.", ".1", "0x10", "1_000", "--1", "-", "1e", "\uff11",
            "9007199254740993.5", "1e99999999999999999999", '"' + "1" * 10_000 + '"', "1" * 400,
        ]
    ],
    *[logs(f"timestamp {value}", metric(timestamp=value), WRONG) for value in ["1.5", "9223372036854775808", "-9223372036854775809", "1e30", "NaN", '"x"', "[1]", '{"a":1}', "false"]],
    *[logs(f"value {value}", metric(value=value), WRONG) for value in ['"x"', '"1 2"', '"0x1p3"', "[1]", '{"a":1}', "nan", "inf", "+Infinity", "-NaN", '"1e"', "1e+", "0x1", '"1,5"', '""', "-", "Infinity1", "NaNNaN"]],
    *[
        logs(f"value {value[:40]}", metric(value=value), {200, 400})
        for value in [
            "NaN", "Infinity", "-Infinity", '"NaN"', '"-Infinity"', "1e999", "-1e999", "1e-999", "-0", "-0.0", "4.9e-324", "2.2250738585072011e-308", "1.7976931348623159e308", '" 1 "', '"1e999"',
            '"1e-99999999999999999999"', '"1E+0000000000000000000000001"', "1e00000000000000000001", '"' + "1" * 5000 + '"', "0." + "0" * 5000 + "1", "1" * 5000, "true", "null",
            '"infinity"', '"nan"', '"1_0"', '"\\u0661"', "9223372036854775808", "123456789012345678901234567890",
        ]
    ],
    logs("step 2^63 - 1", metric(step="9223372036854775807"), 200),
    logs("step -2^63", metric(step="-9223372036854775808"), 200),
    logs("step as a text", metric(step='"7"'), 200),
    logs("step -0", metric(step="-0"), {200, 400}),
    *[
        row(f"max_results {value[:30]}", post("runs/search", f'{{"experiment_ids":["0"],"max_results":{value}}}'), WRONG)
        for value in ["0", "-1", "50001", "2147483648", "4294967297", "9223372036854775807", "-9223372036854775808", "1.5", '"1.5"', '"x"', "NaN", "[]", "{}", "1e99", "true"]
    ],
    *[
        row(f"max_results {value!r} in a query", request("GET", f"{API}/experiments/search?max_results={value}"), WRONG)
        for value in ["0", "-1", "x", "1.5", "99999999999999999999", "0x10", "NaN", "1e99", "%00", "%ff", "%e2%91%a0", "--1", "1;2"]
    ],
    *[
        row(f"version {value[:20]!r}", request("GET", f"{API}/model-versions/get?name=kept&version={value}"), {400, 404})
        for value in ["0", "-1", "9223372036854775808", "1.0", "latest", "%00", "x", "", "1e3", "1" * 5000, "%d9%a1", "1'--"]
    ],
    *[
        row(f"experiment id {value[:20]!r}", request("GET", f"{API}/experiments/get?experiment_id={value}"), {400, 404})
        for value in ["9223372036854775808", "-1", "1.5", "x", "%00", "0%00", "0x0", "1" * 5000, "%f0%9f%a6%80"]
    ],
    *[
        row(f"point of time {name}", post("runs/create", f'{{"experiment_id":"0","start_time":{value}}}'), WRONG)
        for name, value in [("2^63", "9223372036854775808"), ("1.5", "1.5"), ("a text", '"now"'), ("NaN", "NaN"), ("a list", "[1]")]
    ],
]  # fmt: skip

BODIES = [
    *[
        body(name, raw, WRONG)
        for name, raw in [
            ("an array", "[]"), ("a number", "5"), ("a truth", "true"), ("a text", '"x"'), ("a text of a number", '"5"'), ("a text of an array", '"[]"'), ("half", "{"), ("too much", "{}}"), ("two", "{} {}"), ("two lines", '{}\n{"a":1}'),
            ("a comma at the end", '{"max_results":1,}'), ("a comma at the beginning", '{,"max_results":1}'), ("single quotes", "{'max_results':1}"), ("no quotes", "{max_results:1}"), ("a comment", '{"a":1/**/}'), ("a line comment", "//x\n{}"),
            ("undefined", '{"max_results":undefined}'), ("a tab in a text", '{"filter":"a\tb"}'), ("a line break in a text", '{"filter":"a\nb"}'), ("a NUL in a text", '{"filter":"a\0b"}'), ("a NUL behind", "{}\0"), ("a NUL before", "\0{}"),
            ("a form feed", "\x0c{}\x0b"), ("a bad escape", '{"filter":"\\x41"}'), ("half an escape", '{"filter":"\\u12"}'), ("an open text", '{"filter":"'), ("an open escape", '{"filter":"\\'), ("a BOM", "\ufeff{}"), ("a no-break space", "\u00a0{}"),
            ("XML", "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"), ("YAML", "max_results: 1"), ("YAML with a tag", "!!python/object/apply:os.system ['id']"), ("a pickle", "\x80\x04\x95"), ("a form", "max_results=1&a=b"),
            ("a template", "{{7*7}}"), ("Infinity", "Infinity"), ("a minus", "-"), ("a JSON-P call", "f({})"), ("JSON-LD junk", '{"@context":{"@vocab":'), ("a text in a text in a text", json.dumps(json.dumps(json.dumps({})))),
        ]
    ],
    *[
        body(name, raw, WRONG)
        for name, raw in [
            ("UTF-16 with a mark", '{"max_results":1}'.encode("utf-16")), ("UTF-16 little-endian", '{"max_results":1}'.encode("utf-16-le")), ("UTF-16 big-endian", '{"max_results":1}'.encode("utf-16-be")), ("UTF-32", '{"max_results":1}'.encode("utf-32")),
            ("UTF-7", "+AHs-+AH0-".encode()), ("EBCDIC", "{}".encode("cp037")), ("bytes in a value", b'{"filter":"\xff"}'), ("bytes in a name", b'{"\xff":1}'), ("an overlong slash", b'{"filter":"\xc0\xaf"}'),
            ("an overlong NUL", b'{"filter":"\xc0\x80"}'), ("a surrogate in UTF-8", b'{"filter":"\xed\xa0\x80"}'), ("half a character", b'{"filter":"\xe2\x82"}'), ("beyond Unicode", b'{"filter":"\xf4\x90\x80\x80"}'), ("protobuf", b"\x0a\x01\x30\x10\x01"), ("gzip", b"\x1f\x8b\x08\x00"),
            ("msgpack", b"\x81\xa1a\x01"), ("random", bytes(range(256)) * 100), ("4 KiB of NULs", bytes(4096)),
        ]
    ],
    body("129 arrays", '{"x":' + "[" * 128 + "]" * 128 + "}", WRONG),
    body("129 objects", '{"x":' * 129 + "1" + "}" * 129, WRONG),
    body("a million arrays", '{"x":' + "[" * 1_000_000 + "]" * 1_000_000 + "}", WRONG),
    body("a million open arrays", "[" * 1_000_000, WRONG),
    body("a million open objects", '{"a":' * 1_000_000, WRONG),
    body("a million arrays in a text", json.dumps("{\"x\":" + "[" * 1_000_000), WRONG),
    body("a model of 200 arrays", json.dumps({"run_id": RUN, "model_json": "[" * 200 + "]" * 200}), WRONG, path="runs/log-model"),
    body("a model of a million arrays", json.dumps({"run_id": RUN, "model_json": "[" * 1_000_000}), WRONG, path="runs/log-model"),
    *[
        body(f"{number} in the state of a view", '{"state":{"a":' + number + "}}", WRONG, path=f"{OWN}/views")
        for number in ["NaN", "Infinity", "-Infinity", "[[NaN]]", '{"b":NaN}', '[NaN,"\\u0000NaN"]']
    ],
    body("an escaped NUL in the state of a view", '{"state":{"a":"\\u0000NaN"}}', WRONG, path=f"{OWN}/views"),
    body("a number beyond all in the state of a view", '{"state":{"a":1e999}}', {200, 400}, path=f"{OWN}/views"),
    body("100,000 keys", "{" + ",".join(f'"k{number}":0' for number in range(100_000)) + "}", {200, 400}),
    body("100,000 times one unknown key", '{"a":1' + ',"a":1' * 100_000 + "}", {200, 400}),
    body("100,000 times one known key", '{"max_results":1' + ',"max_results":1' * 100_000 + "}", {200, 400}),
    body("a key twice", '{"max_results":-1,"max_results":1}', 200),
    body("a key twice, the second wrong", '{"max_results":1,"max_results":-1}', WRONG),
    body("two spellings of a key", '{"max_results":1,"maxResults":-1}', WRONG),
    body("an escaped key", '{"max\\u005fresults":-1}', WRONG),
    body("a key of 1 MiB", '{"' + "k" * 2**20 + '":1}', 200),
    body("prototype keys", '{"__proto__":{"max_results":1},"constructor":{"prototype":{}}}', 200),
    body("a million spaces", " " * 1_000_000 + "{}", 200),
    body("a number of a million digits", '{"x":' + "1" * 1_000_000 + "}", {200, 400}),
    body("a known number of a million digits", '{"max_results":' + "1" * 1_000_000 + "}", WRONG),
    body("an exponent of a million digits", '{"x":1e' + "1" * 1_000_000 + "}", {200, 400}),
    body("a million NaN", '{"x":[NaN' + ",NaN" * 1_000_000 + "]}", {200, 400}),
]  # fmt: skip

# Bodies as large as they may be.
LARGE = [
    body("a text of 32 MiB less some", b'{"filter":"' + b"a" * (32 * 2**20 - 20) + b'"}', WRONG),
    body("11 million ids", b'{"experiment_ids":[""' + b',""' * 11_000_000 + b"]}", WRONG),
    body("11 million tags", b'{"run_id":"' + RUN.encode() + b'","tags":[{}' + b",{}" * 11_000_000 + b"]}", WRONG, path="runs/log-batch"),
    body("16 million numbers nobody asked for", b'{"x":[0' + b",0" * 16_000_000 + b"]}", 200),
    body("16 million numbers nobody asked for, of series", b'{"x":[0' + b",0" * 16_000_000 + b"]}", WRONG, path="/api/oxflow/v1/series"),
    large("NaN", f"{API}/runs/search", b'{"x":[NaN', b",NaN", b"]}", WRONG),
    large("Infinity in a body of ids", f"{API}/runs/search", b'{"experiment_ids":[-Infinity', b",-Infinity", b"]}", WRONG),
    large("state of a view", f"{OWN}/views", b'{"state":{"a":[0', b",0", b"]}}", TOO_LARGE),
    large("variables of GraphQL", "/graphql", b'{"query":"{__typename}","variables":{"a":[0', b",0", b"]}}", TOO_LARGE),
    large("query of GraphQL", "/graphql", b'{"query":"{', b"a ", b'}"}', TOO_LARGE),
    *[
        large(f"{what}, of runs/{path}", f"{OWN}/runs/{path}", beginning, item, b"]}", TOO_LARGE)
        for path in ["table", "groups", "keys", "export", "bulk"]
        for what, beginning, item in [
            ("numbers nobody asked for", b'{"experiments":["0"],"x":[0', b",0"),
            ("objects nobody asked for", b'{"experiments":["0"],"x":[{}', b",{}"),
            ("conditions", b'{"experiments":["0"],"columns":[],"where":[{}', b",{}"),
        ]
    ],
    body("16 million numbers nobody asked for, of statistics", b'{"x":[0' + b",0" * 16_000_000 + b"]}", WRONG, path="/api/oxflow/v1/metrics/stats"),
]  # fmt: skip

TEXTS = [
    text("an escaped NUL", "a\\u0000b", WRONG),
    text("an escaped NUL in capitals", "\\U0000", WRONG),
    text("a NUL", b"a\x00b", WRONG),
    text("a high surrogate", "\\ud83d", WRONG),
    text("a low surrogate", "\\udc00", WRONG),
    text("two high surrogates", "\\ud83d\\ud83d", WRONG),
    text("surrogates the wrong way round", "\\udc00\\ud83d", WRONG),
    text("a high surrogate and a letter", "\\ud83dx", WRONG),
    text("a pair of surrogates", "\\ud83e\\udd80", 200),
    text("a byte 255", b"\xff", WRONG),
    text("a CESU-8 pair", b"\xed\xa0\xbd\xed\xb8\x80", WRONG),
    text("non-characters", "\ufffe\uffff", 200),
    text("right to left", "\u202e\u2066", 200),
    text("a BOM", "\ufeff", 200),
    text("control characters", "\\u0001\\u001f\\u007f", 200),
    text("10,000 combining marks", "a" + "\u0301" * 7000, 200),
    text("SQL", "'); DROP TABLE runs; --", 200),
    text("a script", "<script>alert(1)</script>", 200),
    text("a log line", "\\r\\n{\\\"level\\\":\\\"ERROR\\\"}", 200),
    text("a format", "%s%n{0}{}$1\\\\x", 200),
    text("1 MiB", "a" * 2**20, {200, 400}),
    *[
        row(f"NUL in {field}", post(path, json.dumps({**good, field: "a\0b"})), WRONG)
        for path, good in [
            ("experiments/create", {"name": "n", "artifact_location": ""}),
            ("runs/create", {"experiment_id": "0", "run_name": "n", "user_id": "u"}),
            ("runs/set-tag", {"run_id": RUN, "key": "k"}),
            ("runs/log-parameter", {"run_id": RUN, "key": "k", "value": "v"}),
            ("runs/search", {"experiment_ids": ["0"], "filter": "", "page_token": ""}),
            ("registered-models/create", {"name": "n", "description": "d"}),
            ("model-versions/create", {"name": "kept", "source": "s", "run_id": RUN, "run_link": "l"}),
            ("logged-models", {"experiment_id": "0", "name": "n", "model_type": "t"}),
        ]
        for field in good
    ],
    *[
        row(f"type of {field}: {wrong!r}", post(path, {**good, field: wrong}), WRONG)
        for path, good, fields in [
            ("runs/log-batch", {"run_id": RUN}, ["metrics", "params", "tags"]),
            ("runs/create", {"experiment_id": "0"}, ["tags"]),
            ("runs/search", {}, ["experiment_ids", "order_by"]),
        ]
        for field in fields
        for wrong in [{}, {"a": 1}, "x", 5, [5], ["x", {}], [[]], [[[]]], [True], True]
    ],
]  # fmt: skip

# The same texts in a query.
QUERIES = [
    row(f"name {name}", request("GET", f"{API}/experiments/get-by-name?experiment_name={value}"), {400, 404})
    for name, value in [
        ("NUL", "a%00b"), ("bytes", "%ff%fe"), ("overlong", "%c0%af"), ("surrogate", "%ed%a0%80"), ("half", "%e2%82"), ("10,000 bytes", "a" * 10_000), ("SQL", "'%20OR%201=1%20--"), ("a LIKE", "%25%25%25"), ("a plus", "+"), ("a list", "a&experiment_name[]=b"),
        ("UTF-16", "%u0041"), ("nothing", ""), ("a script", "%3Cscript%3E"), ("a line break", "a%0d%0ab"),
    ]
]  # fmt: skip

ROWS = NUMBERS + BODIES + TEXTS + QUERIES

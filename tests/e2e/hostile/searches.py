"""Filters, orders, page tokens and how much one request may ask for. security.md, section 9."""

import base64
import json

from hostile.raw import request
from hostile.rows import API, RUN, post, row


def finds(name, filter, *expected):
    return row(f"filter: {name}", post("runs/search", {"experiment_ids": ["0"], "filter": filter}), *(expected or (400,)))


def orders(name, keys, *expected):
    return row(f"order: {name}", post("runs/search", {"experiment_ids": ["0"], "order_by": keys}), *(expected or (400,)))


def token(name, value, *expected):
    return row(f"token: {name}", post("runs/search", {"experiment_ids": ["0"], "page_token": value}), *(expected or (400,)))


def in_base64(text):
    return base64.b64encode(text.encode()).decode()


FILTERS = [
    *[
        finds(repr(text[:50]), text)
        for text in [
            "'", '"', "`", "(", ")", "()", "((", "metrics", "metrics.", "metrics.x", "metrics.x >", "metrics.x > ", "> 1", "metrics.x > 'a'", "metrics.x = 1; DROP TABLE runs", "metrics.x = 1 --", "metrics.x = 1 /* x */", "metrics.x = 1 UNION SELECT 1",
            "metrics.x = (SELECT 1)", "metrics.x BETWEEN 1 AND 2", "metrics.x = sleep(10)", "params.x = 1", "params.`x` LIKE", "params.x LIKE 1", "tags.`x = 'a'", "tags.'x = 'a'", "attributes.run_uuid_ = 'a'", "attributes.`' OR 1=1 --` = 'a'", "attributes.password = 'a'",
            "experiments.name = 'a'", "runs.name = 'a'", "1 = 1", "'a' = 'a'", "metrics.x = 1 OR 1 = 1", "NOT metrics.x = 1", "metrics.x IN (1, 2)", "params.x IN ()", "params.x IN ('a'", "params.x IN 'a'", "params.x IN (SELECT value FROM params)",
            "attributes.start_time > 'x'", "attributes.start_time > 99999999999999999999", "attributes.status = 5", "attributes.run_id IN (1)", "metrics.x = 0x10", "metrics.x = --1", "metrics.x => 1", "metrics.x <> ", "metrics.x ~ 1", "params.x REGEXP 'a'",
            "params.x LIKE 'a' ESCAPE 'b'", "params.x GLOB 'a'", "\0", "metrics.x = 1\0", "metrics.x = $1", "metrics.x = ?", "metrics.x = :a", "metrics.x = @a", "\\", "params.x = 'a''", "{{7*7}}", "%s", "metrics\u200b.x = 1 1", "dataset.name", "dataset.path = 'a'", "a" * 60_000,
            "metrics.x = 1 AND " * 511 + "(metrics.x = 1)(", "'" * 60_001, "`" * 60_001,
        ]
    ],
    finds("64 KiB and one", "params.x = '" + "a" * 65536 + "'"),
    finds("1 MiB", "metrics.x = 1 AND " * 60_000),
    finds("513 comparisons", " AND ".join(["metrics.x = 1"] * 513)),
    finds("512 comparisons of 512 keys", " AND ".join(f"metrics.`k{number}` > 1" for number in range(512)), {200, 400}),
    finds("512 comparisons of one key", " AND ".join(["metrics.k > 1"] * 512), {200, 400}),
    finds("512 comparisons of params", " AND ".join(f"params.`k{number}` = '1'" for number in range(512)), {200, 400}),
    finds("510 comparisons of three kinds", " AND ".join(f"params.`k{n}` ILIKE '%a%' AND tags.`k{n}` != 'x' AND metrics.`k{n}` > 1" for n in range(170)), {200, 400}),
    finds("100 comparisons of params", " AND ".join(f"params.`k{number}` LIKE '%a%'" for number in range(100)), {200, 400}),
    finds("nesting of 33", "(" * 33 + "metrics.x = 1" + ")" * 33),
    finds("nesting of 30,000", "(" * 30_000 + "metrics.x = 1" + ")" * 30_000),
    finds("30,000 open parentheses", "(" * 30_000),
    finds("30,000 times NOT", "NOT " * 15_000 + "metrics.x = 1"),
    finds("a pattern of 1 KiB and one", f"params.x LIKE '{'%a' * 513}'"),
    finds("a pattern that backtracks", f"params.x LIKE '{'%a' * 500}b'", 200),
    finds("a pattern of percents", f"params.x ILIKE '{'%' * 1000}'", 200),
    finds("a pattern of underscores", f"tags.x ILIKE '{'_' * 1000}'", 200),
    finds("a pattern that ends in a backslash", "params.x LIKE 'a\\'", {200, 400}),
    finds("5,001 values", "attributes.run_id IN (" + ",".join(["'a'"] * 5001) + ")"),
    finds("a key of 60,000 bytes", f"metrics.`{'k' * 60_000}` > 1", {200, 400}),
    finds("a key with quotes", "tags.`a'b\"c` = 'x'", 200),
    finds("SQL in a key", "tags.`') OR 1=1 --` = 'x'", 200),
    finds("SQL in a value", "tags.x = ''' OR 1=1 --'", {200, 400}),
    finds("a NaN", "metrics.x = NaN", {200, 400}),
    finds("many spaces", " " * 60_000 + "metrics.x = 1", {200, 400}),
    finds("a run id of 60,000 bytes", f"attributes.run_id = '{'a' * 60_000}'", {200, 400}),
    row("filter: a number", post("runs/search", '{"filter":5}'), 400),
    row("filter: a list", post("runs/search", '{"filter":["a"]}'), 400),
    row("filter: nothing of experiments", post("experiments/search", {"max_results": 5, "filter": "name LIKE"}), 400),
    row("filter: experiments by SQL", post("experiments/search", {"max_results": 5, "filter": "name = 'a' UNION SELECT 1"}), 400),
    row("filter: experiments by depth", post("experiments/search", {"max_results": 5, "filter": "(" * 60_000}), 400),
    row("filter: models by SQL", request("GET", f"{API}/registered-models/search?filter=name%20=%20'a'%20OR%201=1"), 400),
    row("filter: models by a LIKE", request("GET", f"{API}/registered-models/search?filter=name%20LIKE%20'{'%25a' * 400}'"), {200, 400}),
    row("filter: versions by SQL", request("GET", f"{API}/model-versions/search?filter=name='a';--"), 400),
    row("filter: versions by 5,001 ids", request("GET", f"{API}/model-versions/search?filter=run_id%20IN%20({','.join(['%27a%27'] * 5001)})"), {400, 414}),
    row("filter: logged models by SQL", post("logged-models/search", {"experiment_ids": ["0"], "filter": "metrics.a = 1; --"}), 400),
    row("filter: logged models of 1,001 datasets", post("logged-models/search", {"experiment_ids": ["0"], "filter": "metrics.a = 1", "datasets": [{"dataset_name": "a"}] * 1001}), 400),
    row("filter: a table", post("/api/oxflow/v1/runs/table", {"experiments": ["0"], "columns": [], "q": "metrics.x ="}), 400),
    row("filter: words of a table", post("/api/oxflow/v1/runs/table", {"experiments": ["0"], "columns": [], "search": "%_\\" * 300}), {200, 400}),
    row("filter: 33 words of a table", post("/api/oxflow/v1/runs/table", {"experiments": ["0"], "columns": [], "search": "a " * 33}), 400),
]  # fmt: skip

ORDERS = [
    *[
        orders(repr(key[:50]), [key])
        for key in [
            "x", "metrics", "metrics.x ASC DESC", "metrics.x; DROP TABLE runs", "metrics.x, 1", "1", "RANDOM()", "(SELECT 1)", "CASE WHEN 1 THEN 1 END", "metrics.`x", "attributes.password", "params.x COLLATE NOCASE", "'", "\0", "metrics.x NULLS FIRST", "a" * 60_000,
        ]
    ],
    orders("65 keys", [f"metrics.k{number}" for number in range(65)]),
    orders("10,001 keys", ["metrics.x"] * 10_001),
    orders("64 keys", [f"metrics.k{number}" for number in range(64)], {200, 400}),
    orders("a key twice", ["metrics.x", "metrics.x DESC"]),
    orders("an empty key", [""]),
    orders("a SQL name of a key", ["metrics.`x\" ASC --`"], {200, 400}),
    row("order: 9 columns of a table", post("/api/oxflow/v1/runs/table", {"experiments": ["0"], "columns": [], "sort": [{"column": f"metric.k{n}"} for n in range(9)]}), 400),
    row("order: 201 columns of a table", post("/api/oxflow/v1/runs/table", {"experiments": ["0"], "columns": [f"metric.k{n}" for n in range(201)]}), 400),
    row("order: a column that is none", post("/api/oxflow/v1/runs/table", {"experiments": ["0"], "columns": ["password"]}), 400),
    row("order: 9 groups", post("/api/oxflow/v1/runs/groups", {"experiments": ["0"], "group": [f"param.k{n}" for n in range(9)]}), 400),
    row("order: a window far away", post("/api/oxflow/v1/runs/table", {"experiments": ["0"], "columns": [], "offset": 2**62, "limit": 1000}), {200, 400}),
    row("order: a window before the first", post("/api/oxflow/v1/runs/table", {"experiments": ["0"], "columns": [], "offset": -1}), 400),
    row("order: a window that is too large", post("/api/oxflow/v1/runs/table", {"experiments": ["0"], "columns": [], "limit": 1001}), 400),
]  # fmt: skip

# Such as MLflow and we give out for other endpoints, and such as nobody gives out.
FORGED = [
    ("text", "x"), ("nothing in Base64", "===="), ("a NUL", in_base64("\0")), ("null", in_base64("null")), ("a list", in_base64("[]")), ("an offset of -1", in_base64('{"offset": -1}')), ("an offset of 2^31 and one", in_base64('{"offset": 2147483649}')),
    ("an offset of 2^63", in_base64('{"offset": 9223372036854775808}')), ("an offset of 1e99", in_base64('{"offset": 1e99}')), ("an offset of 1.5", in_base64('{"offset": 1.5}')), ("a text as an offset", in_base64('{"offset": "1; DROP TABLE runs"}')), ("no offset", in_base64("{}")),
    ("200 arrays", in_base64("[" * 200)), ("60,000 bytes", "A" * 60_000), ("1 MiB", "A" * 2**20), ("bytes", base64.b64encode(b"\xff\xfe").decode()), ("a URL's Base64", "_-_-"), ("SQL", "' OR 1=1"), ("a NUL in the text", "a\0b"), ("a number", "5"),
]  # fmt: skip

TOKENS = [
    *[token(name, value) for name, value in FORGED],
    *[row(f"token of experiments: {name}", post("experiments/search", {"max_results": 5, "page_token": value}), 400) for name, value in FORGED],
    *[row(f"token of logged models: {name}", post("logged-models/search", {"experiment_ids": ["0"], "page_token": value}), 400) for name, value in FORGED],
    *[row(f"token of models: {name}", request("GET", f"{API}/registered-models/search?page_token={value}"), {400}) for name, value in FORGED if value.isalnum() and len(value) < 10_000],
    *[row(f"token of a history: {name}", request("GET", f"{API}/metrics/get-history?run_id={RUN}&metric_key=m&max_results=5&page_token={value}"), {400}) for name, value in FORGED if value.isalnum() and len(value) < 10_000],
    row("token: an offset of 2^31 - 1", post("runs/search", {"experiment_ids": ["0"], "page_token": in_base64('{"offset": 2147483647}')}), {200, 400}),
]  # fmt: skip


def many(name, path, fields, *expected):
    return row(f"too many: {name}", post(path, fields), *(expected or (400,)))


def metrics(count):
    return [{"key": f"k{number}", "value": 1, "timestamp": 1, "step": 0} for number in range(count)]


def texts(count, name="k"):
    return [{"key": f"{name}{number}", "value": "v"} for number in range(count)]


LIMITS = [
    many("1,001 metrics", "runs/log-batch", {"run_id": RUN, "metrics": metrics(1001)}),
    many("101 params", "runs/log-batch", {"run_id": RUN, "params": texts(101)}),
    many("101 tags", "runs/log-batch", {"run_id": RUN, "tags": texts(101)}),
    many("1,001 of all", "runs/log-batch", {"run_id": RUN, "metrics": metrics(901), "params": texts(50), "tags": texts(50)}),
    many("100,000 metrics", "runs/log-batch", {"run_id": RUN, "metrics": metrics(100_000)}),
    many("10,001 experiments", "runs/search", {"experiment_ids": [str(number) for number in range(10_001)]}),
    many("10,000 experiments", "runs/search", {"experiment_ids": [str(number) for number in range(10_000)]}, 200),
    many("10,001 experiments of logged models", "logged-models/search", {"experiment_ids": [str(number) for number in range(10_001)]}),
    many("21 experiments of datasets", "/ajax-api/2.0/mlflow/experiments/search-datasets", {"experiment_ids": [str(number) for number in range(21)]}),
    many("10,001 experiments of a table", "/api/oxflow/v1/runs/table", {"experiments": [str(number) for number in range(10_001)], "columns": []}),
    many("1,001 ids of a table", "/api/oxflow/v1/runs/table", {"ids": [f"{number:032x}" for number in range(1001)], "columns": []}),
    many("101 conditions of a table", "/api/oxflow/v1/runs/table", {"experiments": ["0"], "columns": [], "where": [{"column": "param.a", "is": "1"}] * 101}),
    many("201 series", "/api/oxflow/v1/series", {"runs": [f"{number:032x}" for number in range(201)], "keys": ["m"]}),
    many("51 keys of series", "/api/oxflow/v1/series", {"runs": [RUN], "keys": [f"k{number}" for number in range(51)]}),
    many("a width of 2^31", "/api/oxflow/v1/series", {"runs": [RUN], "keys": ["m"], "width": 2**31}),
    many("1,001 statistics", "/api/oxflow/v1/metrics/stats", {"runs": [f"{number:032x}" for number in range(1001)], "keys": None}),
    many("a state of 64 KiB and one", "/api/oxflow/v1/views", {"state": {"a": "a" * 65536}}),
    many("a state that is a list", "/api/oxflow/v1/views", {"state": []}),
    many("10,001 keys", "/api/oxflow/v1/runs/keys", {"experiments": ["0"], "limit": 10_001}),
    many("101 runs of a history", "runs/search", {"experiment_ids": ["0"], "max_results": 50_001}),
    many("1,001 outputs", "runs/outputs", {"run_id": RUN, "models": [{"model_id": "m", "step": "x"}] * 1001}),
    many("10,001 datasets", "runs/log-inputs", {"run_id": RUN, "datasets": [{}] * 10_001}),
    many("101 params of a model", "logged-models", {"experiment_id": "0", "name": "n", "params": texts(101)}, {200, 400}),
    many("a name of 257", "experiments/create", {"name": "n" * 257}),
    many("a name of 1 MiB", "registered-models/create", {"name": "n" * 2**20}),
    many("a key of 251", "runs/log-parameter", {"run_id": RUN, "key": "k" * 251, "value": "v"}),
    many("a key with dots", "runs/log-metric", {"run_id": RUN, "key": "../../etc/passwd", "value": 1, "timestamp": 1}),
    many("an absolute key", "runs/log-metric", {"run_id": RUN, "key": "/etc/passwd", "value": 1, "timestamp": 1}),
    many("a key that is a dot", "runs/log-parameter", {"run_id": RUN, "key": ".", "value": "v"}),
    many("a key with a NUL", "runs/log-batch", json.dumps({"run_id": RUN, "tags": [{"key": "a\0", "value": "v"}]})),
    row("too many: 101 runs of histories", request("GET", "/ajax-api/2.0/mlflow/metrics/get-history-bulk?metric_key=m&" + "&".join(f"run_id={number:032x}" for number in range(101))), 400),
    row("too many: 2,501 points", request("GET", f"{API}/metrics/get-history-bulk-interval?run_ids={RUN}&metric_key=m&max_results=2501"), 400),
    row("too many: 1,001 listeners' runs", request("GET", "/api/oxflow/v1/events?runs=" + ",".join(f"{number:032x}" for number in range(1001))), 400),
    row("too many: values", request("GET", "/api/oxflow/v1/runs/values?experiments=0&column=param.a&limit=1001"), 400),
]  # fmt: skip

ROWS = FILTERS + ORDERS + TOKENS + LIMITS

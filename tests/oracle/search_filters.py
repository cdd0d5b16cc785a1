"""Records how MLflow reads filters and order_by clauses, for the tests of crates/search.

    <venv with mlflow 3.17.2>/bin/python tests/oracle/search_filters.py crates/search/tests/data

Writes one JSON file per grammar: a list of {"input", "parsed"} or {"input", "error"}. An error that
MLflow itself did not mean to raise (an HTTP 500) has "crash": true.
"""

import json
import pathlib
import re
import sys
import tempfile

from mlflow.exceptions import MlflowException
from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as RegistryStore
from mlflow.store.tracking.dbmodels.models import SqlLoggedModel
from mlflow.store.tracking.sqlalchemy_store import _get_search_experiments_filter_clauses
from mlflow.utils.search_logged_model_utils import EntityType, parse_filter_string
from mlflow.utils.search_utils import (
    SearchExperimentsUtils,
    SearchLoggedModelsPaginationToken,
    SearchModelUtils,
    SearchModelVersionUtils,
    SearchUtils,
)

ENTITY = {"metric": "metrics", "parameter": "params", "tag": "tags", "attribute": "attributes", "dataset": "datasets"}

# Strings of interest for every grammar; most are errors in two of the three.
SHARED = r"""
AND
metrics.loss < 0.5
metrics.loss < 0.5 AND
AND metrics.loss < 0.5
metrics.a > 1 metrics.b > 2
metrics.a > 1 AND AND metrics.b > 2
metrics.a > 1 or metrics.b > 2
metrics.a > 1 OR metrics.b > 2
NOT metrics.a > 1
not tags.a = 'x'
(tags.a = 'x')
(tags.a = 'x'
tags.a = 'x')
tags.a = 'x'; tags.b = 'y'
tags.a = 'x';
;
tags.a = 'x' -- comment
/* comment */ tags.a = 'x'
tags.a = 'x' AND tags.b
tags.a
tags.a =
= 'x'
'x' = tags.a
1 < metrics.a
tags.a = 'x' OR tags.b = 'y' OR tags.c = 'z'
start_time BETWEEN 1 AND 5
name
creation_time >
""".strip().split("\n")

TAGS = r"""
tags.a = 'x'
tag.a = 'x'
tags.a='x'
tags.a   =   'x'
tags.a = "x"
tags.a = ''
tags.a = ""
tags.a = 'it''s'
tags.a = "it's"
tags.a = 'say "hi"'
tags.a = 'a\'b'
tags.a = 'C:\dir\'
tags.a = 'x AND y'
tags.a = 'x;y'
tags.a = '-- x'
tags.a = 'x' AND tags.b = 'y'
tags.a = 'x' and tags.b = 'y'
tags.a = 'x'AND tags.b='y'
tags.a != 'x'
tags.a LIKE '%x%'
tags.a LIKE'%x%'
tags.a ILIKE 'x_'
tags.a IS NULL
tags.a IS NOT NULL
tags.a is null
tags.a is not null
tags.a IS NULL AND tags.b = 'y'
tags.a IS NOT NULL AND tags.b IS NULL
tags.a IS 'x'
tags.a = NULL
tags.a = x
tags.a = `x`
tags.a = 1
tags.a = 1.5
tags.a = ('x')
tags.a IN ('x')
tags.a NOT IN ('x', 'y')
tags.a > 'x'
tags.a >= 'x'
tags.a == 'x'
tags.a <> 'x'
tags.a NOT LIKE 'x'
tags.a RLIKE 'x'
tags.`a b` = 'x'
tags.`a-b/c` = 'x'
tags."a b" = 'x'
tags.'a b' = 'x'
tags.`a.b` = 'x'
tags.mlflow.runName = 'x'
tags.`mlflow.runName` = 'x'
tags.a.b.c = 'x'
tags.a..b = 'x'
tags.1a = 'x'
tags._a = 'x'
tags.é = 'x'
tags.日本語 = 'ü'
tags.like LIKE 'x'
tags.order = 'x'
tags.and = 'x'
tags.timestamp = 'x'
tags.a-b = 'x'
tags.a/b = 'x'
tags.a:b = 'x'
tags.a b = 'x'
tags. = 'x'
tags.`` = 'x'
`tags`.a = 'x'
`tags.a` = 'x'
"tags".a = 'x'
Tags.a = 'x'
foo.bar = 'x'
foo = 'x'
lower(tags.a) = 'x'
tags.a = lower('x')
tags.a = 'x' || 'y'
tags.a = 'x
tags.a = x'
""".strip().split("\n")

RUNS = SHARED + TAGS + r"""
metrics.a > 1
metric.a > 1
metrics.a>1
metrics.a >= -1
metrics.a <= .5
metrics.a < -.5
metrics.a = 1.
metrics.a != 1e5
metrics.a > 1E-5
metrics.a > 1.5e3
metrics.a > 1e400
metrics.a > 1e+5
metrics.a > +1
metrics.a > - 5
metrics.a>-5
metrics.a > 0x10
metrics.a > 1_000
metrics.a > 1 2
metrics.a > '1'
metrics.a > abc
metrics.a > metrics.b
metrics.a > NULL
metrics.a > (1)
metrics.a IN (1)
metrics.a IS NULL
metrics.a LIKE 1
metrics.a == 1
metrics.a <> 1
metrics.a =~ 1
metrics.a = b = 1
metrics.`a b` > 1
metrics.`train/loss` > 1
metrics."a b" > 1
metrics.a-b > 1
metrics.1 > 1
metrics.* > 1
metrics.a > 9007199254740993
params.a = 'x'
param.a = 'x'
parameter.a = 'x'
parameters.a = 'x'
params.a != 'x'
params.a LIKE '%'
params.a ilike 'x'
params.a like 'x'
params.a IS NULL
params.a IS NOT NULL
params.a = 1
params.a = abc
params.a = NULL
params.a = true
params.a IN ('x')
params.a > 'x'
params.`lr rate` = '0.1'
attribute.status = 'FINISHED'
attributes.status = 'FINISHED'
attr.status = 'FINISHED'
run.status = 'FINISHED'
status = 'FINISHED'
status != "FAILED"
status LIKE 'F%'
status ILIKE 'f%'
status IN ('a')
status > 'a'
status = FINISHED
status = 1
status IS NULL
run_id = 'abc'
run_id != 'abc'
run_id LIKE 'a%'
run_id IN ('a')
run_id IN ('a', 'b')
run_id IN ("a", 'b')
run_id IN ('a','b',)
run_id in ('a')
run_id IN('a')
run_id NOT IN ('a', 'b')
run_id not in ('a')
run_id IN ()
run_id IN (,)
run_id IN ('a',,'b')
run_id IN ('a', 1)
run_id IN (1)
run_id IN (1, 2)
run_id IN (a)
run_id IN ('a' 'b')
run_id IN ('a\tb')
run_id IN ('a\\b')
run_id IN ('a\qb')
run_id IN ('\x41')
run_id IN 'a'
run_id IN ('a') AND status = 'FINISHED'
run_id = ('a')
run_id LIKE ('a')
run_id > 'a'
run_id = abc
run_id = 1
run_name = 'x'
`run name` = 'x'
`Run name` = 'x'
"Run Name" = 'x'
attributes.`Run Name` ILIKE 'x'
'run name' = 'x'
user_id = 'me'
artifact_uri LIKE 's3:%'
start_time > 1600000000000
start_time >= 0
start_time = -1
start_time != 1.5
start_time > 1e12
start_time > 99999999999999999999
start_time > '1'
start_time > abc
start_time LIKE 1
start_time IN (1)
end_time < 5
created > 5
Created > 5
attributes.created <= 5
experiment_id = '1'
lifecycle_stage = 'active'
name = 'x'
run_uuid = 'x'
dataset.name = 'x'
datasets.name = 'x'
dataset.digest = 'x'
dataset.context LIKE 'tr%'
dataset.name ILIKE 'x'
dataset.name IN ('a', 'b')
dataset.digest NOT IN ('a')
dataset.context IN ('a',)
dataset.name IN ()
dataset.name = 1
dataset.name > 'x'
dataset.name IS NULL
dataset.foo = 'x'
datasets.`name` = 'x'
metrics.a > 1 AND params.b = 'x' AND tags.c LIKE '%y' AND status = 'FINISHED' AND run_id IN ('q') AND dataset.name = 'z'
tags.a = 'x', tags.b = 'y'
tags.a = 'x' foo
tags.a = 'x' run_id IN ('a')
tags.a = 'x' /* comment */ AND tags.b = 'y'
tags.a is  not  null
tags.[a b] = 'x'
tags.#b1 = 'x'
tags.a$b = 'x'
tags. a = 'x'
tags .a = 'x'
tags.in = 'x'
tags.from = 'x'
tags.a::text = 'x'
tags.a->b = 'x'
tags.a = "a"."b"
tags.a = ?
tags.a = a AND tags.b = 'y' AND foo.c = 'x'
where tags.a = 'x'
timestamp > 1
order = 'x'
metrics.a > 1 && metrics.b > 2
metrics.a > 12e+5
metrics.a.1 > 1
metrics.12a > 1
run_id IN (('a', 'b'), 'c')
run_id IN ('a', None)
run_id IN ('\u00e9')
run_id IN (  'a'  ,  'b'  )
tags.a = 'a' 'b'
tags.a = -'x'
tags.a = ‘x’
""".strip().split("\n") + ["", "  ", "tags.a\n=\n'x'\nAND\ttags.b = 'y'", "tags.a =\u00a0'x'", "tags.a = 'line\nbreak'"]

EXPERIMENTS = SHARED + TAGS + r"""
name = 'x'
name != 'x'
name LIKE 'x%'
name ILIKE 'x%'
name like 'x%'
name ilike 'x%'
tags.a like 'x'
name IN ('a')
name > 'a'
name = x
name = 1
name IS NULL
attribute.name = 'x'
attributes.name = 'x'
attr.name = 'x'
`name` = 'x'
"name" = 'x'
attribute.`name` = 'x'
experiment_id = '1'
experiment_id != '1'
experiment_id = '007'
experiment_id = 'abc'
experiment_id = 1
experiment_id LIKE '1'
experiment_id < '1'
experiment_id IN ('1', '2')
experiment_id NOT IN ('1')
experiment_id IN ('1', 'x')
experiment_id in ('1')
experiment_id IN (1)
experiment_id IN ()
creation_time > 1
creation_time >= -1
creation_time = 1.5
creation_time = 1e3
creation_time = '1'
creation_time LIKE 1
creation_time IN (1)
creation_time IS NULL
last_update_time < 5
last_update_time != 5
lifecycle_stage = 'active'
artifact_location = 'x'
params.a = 'x'
""".strip().split("\n")

LOGGED_MODELS = SHARED + TAGS + r"""
name = 'x'
name != 'x'
name LIKE 'x%'
name like 'x%'
name ILIKE 'x%'
name IN ('a', 'b')
name in ('a')
name NOT IN ('a')
name IN ('a',)
name IN ()
name IN (a)
name = x
name = 1
name = 'it''s'
name > 'x'
name IS NULL
attributes.name = 'x'
attribute.name = 'x'
attr.name = 'x'
model_id = 'm-1'
model_type = 'x'
status = 2
status = '2'
source_run_id = 'x'
experiment_id = '1'
artifact_location = 'x'
status_message = 'x'
lifecycle_stage = 'active'
creation_timestamp > 1
creation_time > 1
creation_timestamp_ms > 1
attributes.creation_timestamp_ms > 1
last_updated_timestamp >= 5
last_updated_time >= 5
last_updated_timestamp_ms >= 5
creation_timestamp = 1.5
creation_timestamp = '1'
creation_timestamp LIKE 1
creation_timestamp IN (1)
metrics.a > 1
metrics.a >= -1.5
metrics.a != 1e5
metrics.a > 1e+5
metrics.a < inf
metrics.a = '1'
metrics.a = abc
metrics.a LIKE 1
metrics.a IN (1)
metrics.a-b > 1
metrics.a/b > 1
metrics.`a b` > 1
metric.a > 1
params.a = 'x'
params.lr = 0.01
params.a LIKE '0.%'
params.a IN ('1', '2')
params.a NOT IN ('1')
params.a > '1'
params.a = true
param.a = 'x'
parameters.a = 'x'
Metrics.a > 1
metrics.a > 1 AND params.b = 'x' AND tags.c LIKE '%y' AND name = 'n'
""".strip().split("\n")

REGISTRY = SHARED + TAGS + r"""
name = 'x'
name != 'x'
name LIKE '%x%'
name like '%x%'
name ILIKE 'X%'
name = "x"
name = x
name = 1
name = 1.5
name = NULL
name > 'x'
name == 'x'
name IN ('a', 'b')
name in ('a','b',)
name NOT IN ('a')
name IN ()
name IN ('a', 1)
name IN 'a'
name = ('a')
name IS NULL
name IS NOT NULL
name LIKE ('a')
`name` = 'x'
"name" = 'x'
attribute.name = 'x'
attribute.`name` = 'x'
attributes.name = 'x'
Name = 'x'
name = 'a' AND tags.b = 'c'
name = 'a' AND name = 'b'
name = 'a' OR name = 'b'
creation_timestamp > 1
last_updated_timestamp > 1
tags.`mlflow.prompt.is_prompt` = 'true'
tags.`mlflow.prompt.is_prompt` != 'false'
tags.mlflow.prompt.is_prompt = 'false'
run_id = 'x'
run_id != 'x'
run_id IN ('x', 'y')
run_id NOT IN ('x')
run_id LIKE 'x%'
run_id = ''
run_id > 'x'
source_path = 's3://b/x'
source_path LIKE 's3:%'
source_path IN ('a')
source_path > 'a'
source = 'x'
version_number = 1
version_number != 1
version_number > 1
version_number <= 10
version_number = '1'
version_number = ' 1 '
version_number = 'x'
version_number = 1.5
version_number = 1e2
version_number > -1
version_number LIKE '1'
version_number LIKE 1
version_number IN (1)
version_number IN ('1')
version_number = x
version_number = NULL
version_number IS NULL
version = 1
current_stage = 'None'
""".strip().split("\n")

ORDER_BY = r"""
metrics.a
metrics.a ASC
metrics.a DESC
metrics.a asc
metrics.a  desc
metrics.a Desc
metric.a
params.a
param.a DESC
tags.a
tag.a DESC
tags.mlflow.source.name desc
metrics.a.b desc
metrics.1a
metrics.1
metrics.é desc
metrics.desc
metrics.asc desc
metrics.`a b`
metrics.`a b` desc
metrics."a b" asc
metrics.'a b' asc
metrics.`it's` desc
metrics.`a/b` DESC
`metrics.a` desc
`metrics.a`
`metrics`.a desc
metrics.a-b desc
metrics.a/b
metrics.a foo
metrics.a desc desc
metrics.a ASC NULLS LAST
metrics.a b
metrics.`a` `b`
metrics.a, metrics.b
metrics.a;
metrics.a = 1
metrics.a -- x
metrics.a AS b
start_time
start_time DESC
end_time asc
attribute.start_time DESC
attributes.end_time
attr.end_time
run.status
run_id
run_name DESC
user_id
artifact_uri
created desc
Created
run name
`run name`
`Run Name` asc
START_TIME
timestamp
foo
foo.bar
Metrics.a
dataset.name
datasets.foo
dataset.context DESC
name
name DESC
experiment_id desc
creation_time
creation_time DESC
last_update_time asc
attribute.name
attribute.`name` desc
attributes.name
lifecycle_stage
lower(start_time)
(start_time)
-start_time
'a'
1
order
desc
ASC
metrics.
metrics.``
""".strip().split("\n") + ["", " ", " metrics.a", "metrics.a ", "metrics.a\tdesc", "name\nDESC"]

REGISTRY_ORDER_BY = r"""
timestamp
timestamp DESC
timestamp asc
TIMESTAMP
last_updated_timestamp
last_updated_timestamp DESC
last_updated_timestamp ASC
creation_timestamp
creation_timestamp DESC
version_number
version_number DESC
attribute.version_number
tags.name
tags.version_number desc
version
name LAST
`timestamp` DESC
`name`
`name` desc
name,timestamp
""".strip().split("\n")

REGISTRY_DUPLICATES = [
    ["timestamp", "last_updated_timestamp"],
    ["name", "timestamp DESC"],
    ["version_number", "version_number DESC"],
    ["last_updated_timestamp DESC", "name ASC", "version_number DESC"],
]

DUPLICATES = [
    ["start_time", "start_time DESC"],
    ["created", "start_time"],
    ["metrics.a", "metric.a desc"],
    ["metrics.a", "params.a"],
    ["name", "name DESC"],
    [],
]

LOGGED_MODEL_ORDER_FIELDS = (
    "name model_id model_type status source_run_id experiment_id artifact_location status_message "
    "lifecycle_stage creation_timestamp creation_time creation_timestamp_ms last_updated_timestamp last_updated_time "
    "last_updated_timestamp_ms metrics.a metrics.a.b metrics.a/b metrics.`a` metrics. params.a tags.a "
    "attributes.name metric.a foo foo.bar Name"
).split() + ["", " name", "metrics.a b"]


def parse_run_filter(text):
    parsed = []
    for found in SearchUtils.parse_search_filter(text):
        kind, key = found["type"], SearchUtils.translate_key_alias(found["key"])
        comparator, value = found["comparator"].upper(), found["value"]
        # What the SQL store checks before it builds its statement.
        (
            SearchUtils.is_string_attribute(kind, key, comparator)
            or SearchUtils.is_numeric_attribute(kind, key, comparator)
            or SearchUtils.is_metric(kind, comparator)
            or SearchUtils.is_param(kind, comparator)
            or SearchUtils.is_tag(kind, comparator)
            or SearchUtils.is_dataset(kind, comparator)
        )
        parsed.append([ENTITY[kind], key, comparator, float(value) if kind == "metric" else value])
    return parsed


def parse_experiment_filter(text):
    found = SearchExperimentsUtils.parse_search_filter(text)
    _get_search_experiments_filter_clauses(found, "sqlite")
    return [[ENTITY[f["type"]], f["key"], f["comparator"], f["value"]] for f in found]


def parse_logged_model_filter(text):
    found = parse_filter_string(text)
    for comparison in found:
        if comparison.entity.type is EntityType.ATTRIBUTE:
            getattr(SqlLoggedModel, comparison.entity.key)
    return [[f.entity.type.value, f.entity.key, f.op, f.value] for f in found]


def order_by(parse, clauses):
    return [[ENTITY[kind], SearchUtils.translate_key_alias(key), asc] for kind, key, asc in map(parse, clauses)]


def parse_run_order_by(clauses):
    parsed = order_by(SearchUtils.parse_order_by_for_search_runs, clauses)
    for kind, _, _ in parsed:
        if kind == "datasets":
            raise MlflowException.invalid_parameter_value("Invalid identifier type 'dataset'")
    keys = [(kind, key) for kind, key, _ in parsed]
    if len(set(keys)) < len(keys):
        raise MlflowException(f"`order_by` contains duplicate fields: {clauses}")
    return parsed


def parse_experiment_order_by(clauses):
    parsed = order_by(SearchExperimentsUtils.parse_order_by_for_search_experiments, clauses)
    for kind, _, _ in parsed:
        if kind != "attributes":
            raise MlflowException.invalid_parameter_value("Invalid order_by entity: tag")
    return parsed


def parse_logged_model_order_field(name):
    if "." not in name:
        name = SqlLoggedModel.ALIASES.get(name, name)
        if not hasattr(SqlLoggedModel, name):
            raise MlflowException.invalid_parameter_value(f"Invalid order by field name: {name}")
        return ["attributes", name]
    entity, key = name.split(".", 1)
    if entity != "metrics":
        raise MlflowException.invalid_parameter_value(
            f"Invalid order by field name: {name}. Only metrics are supported."
        )
    return [entity, key]


# What these stores check of a filter they do while they search.
REGISTRY_STORE = RegistryStore(f"sqlite:///{tempfile.mkdtemp()}/registry.db")


def parse_registered_model_filter(text):
    found = SearchModelUtils.parse_search_filter(text)
    REGISTRY_STORE.search_registered_models(text)
    return [[ENTITY[f["type"]], f["key"], f["comparator"], f["value"]] for f in found]


def parse_model_version_filter(text):
    found = SearchModelVersionUtils.parse_search_filter(text)
    REGISTRY_STORE.search_model_versions(text)
    numeric = SearchModelVersionUtils.NUMERIC_ATTRIBUTES
    return [
        [ENTITY[f["type"]], f["key"], f["comparator"], int(f["value"]) if f["key"] in numeric else f["value"]]
        for f in found
    ]


def parse_registered_model_order_by(clauses):
    REGISTRY_STORE.search_registered_models(order_by=clauses)
    renamed = {"timestamp": "last_updated_timestamp"}
    parsed = map(SearchUtils.parse_order_by_for_search_registered_models, clauses)
    return [[renamed.get(key, key), asc] for key, asc in parsed]


def parse_model_version_order_by(clauses):
    REGISTRY_STORE.search_model_versions(order_by=clauses)
    parsed = map(SearchModelVersionUtils.parse_order_by_for_search_model_versions, clauses)
    return [[key, asc] for _, key, asc in parsed]


OFFSETS = [1, 1000, 2**31]

# As the server builds them: [experiment_ids, filter, order_by, offset].
LOGGED_MODEL_PAGES = [
    [["0"], None, None, 50],
    [["1", "2"], "params.a = 'é😀' AND metrics.b > 1", None, 1],
    [
        ["1"],
        "name = \"x\"",
        [
            {"field_name": "metrics.a", "ascending": False, "dataset_name": "d", "dataset_digest": None},
            {"field_name": "name", "ascending": True, "dataset_name": None, "dataset_digest": None},
        ],
        100,
    ],
]


def logged_model_token(page):
    return SearchLoggedModelsPaginationToken(*page).encode()


def sort_sets(message):
    """Python prints the members of a set in arbitrary order."""

    def sort(found):
        return "{" + ", ".join(sorted(found.group(1).split(", "))) + "}"

    return re.sub(r"\{('[^{}]*')\}", sort, message)


def without_infinity(value):
    """JSON has no infinity."""
    if isinstance(value, (list, tuple)):
        return [without_infinity(member) for member in value]
    return str(value) if value in (float("inf"), float("-inf")) else value


def record(parse, text):
    try:
        return {"input": text, "parsed": without_infinity(parse(text))}
    except MlflowException as error:
        recorded = {"input": text, "error": sort_sets(error.message)}
        if error.get_http_status_code() >= 500:
            recorded["crash"] = True
        return recorded
    except Exception as error:
        return {"input": text, "error": re.sub(r" object at 0x\w+", "", f"{type(error).__name__}: {error}"), "crash": True}


def main():
    folder = pathlib.Path(sys.argv[1])
    registry_order_by = [[clause] for clause in ORDER_BY + REGISTRY_ORDER_BY] + DUPLICATES + REGISTRY_DUPLICATES
    tables = {
        "run_filters": (parse_run_filter, RUNS),
        "experiment_filters": (parse_experiment_filter, EXPERIMENTS),
        "logged_model_filters": (parse_logged_model_filter, LOGGED_MODELS),
        "run_order_by": (parse_run_order_by, [[clause] for clause in ORDER_BY] + DUPLICATES),
        "experiment_order_by": (parse_experiment_order_by, [[clause] for clause in ORDER_BY] + DUPLICATES),
        "logged_model_order_fields": (parse_logged_model_order_field, LOGGED_MODEL_ORDER_FIELDS),
        "registered_model_filters": (parse_registered_model_filter, REGISTRY),
        "model_version_filters": (parse_model_version_filter, REGISTRY),
        "registered_model_order_by": (parse_registered_model_order_by, registry_order_by),
        "model_version_order_by": (parse_model_version_order_by, registry_order_by),
        "page_tokens": (lambda offset: SearchUtils.create_page_token(offset).decode(), OFFSETS),
        "logged_model_tokens": (logged_model_token, LOGGED_MODEL_PAGES),
    }
    for name, (parse, inputs) in tables.items():
        rows = [record(parse, text) for text in inputs]
        lines = ",\n".join(json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows)
        (folder / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
        print(f"{name}: {len(rows)} inputs, {sum('parsed' in row for row in rows)} accepted", file=sys.stderr)


if __name__ == "__main__":
    main()

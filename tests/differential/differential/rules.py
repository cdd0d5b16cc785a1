"""The differences that are allowed: a predicate for each, by its name in docs/differences.md.

A predicate sees the request and the two answers, and is as narrow as it can be said in a line or two.
"""

import json
import pathlib
import re

DOCUMENT = pathlib.Path(__file__).parents[3] / "docs" / "differences.md"

RULES = {}


def rule(slug):
    def add(predicate):
        RULES[slug] = predicate
        return predicate

    return add


def documented():
    """The names in the table of docs/differences.md."""
    return set(re.findall(r"^\| `([a-z0-9-]+)` \|", DOCUMENT.read_text(), re.M))


def undocumented():
    return sorted(set(RULES) - documented())


def allowed_by(step, mlflow, oxflow):
    """The first rule that allows the difference, or None."""
    return next((slug for slug, predicate in RULES.items() if predicate(step, mlflow, oxflow)), None)


def marks(step):
    return set(step.get("marks", ()))


def is_clean_400(answer):
    return answer.status == 400 and answer.code == "INVALID_PARAMETER_VALUE" and "sql" not in answer.message.lower()


def field(step, name):
    """A field of the body or the query, as text."""
    fields = step.get("json") if "json" in step else dict(step.get("query", []))
    value = fields.get(name) if isinstance(fields, dict) else None
    return value if isinstance(value, str) else ""


def body_text(step):
    return step["text"] if "text" in step else json.dumps(step.get("json"))


# --- bodies and fields --------------------------------------------------------------------------------------------------
@rule("nul-in-text-is-400")
def _(step, mlflow, oxflow):
    return "nul" in marks(step) and is_clean_400(oxflow) and "NUL" in oxflow.message


@rule("json-body-is-an-object")
def _(step, mlflow, oxflow):
    return bool(marks(step) & {"shape", "text"}) and is_clean_400(oxflow) and "expected a JSON object" in oxflow.message


@rule("json-depth-is-limited")
def _(step, mlflow, oxflow):
    return "shape" in marks(step) and is_clean_400(oxflow) and "nested" in oxflow.message


@rule("malformed-json-is-400")
def _(step, mlflow, oxflow):
    is_empty = mlflow.status == 500 and step.get("text") in ("", "null")
    return "text" in step and is_clean_400(oxflow) and ("JSON" in oxflow.message or is_empty)


@rule("lone-surrogate-is-400")
def _(step, mlflow, oxflow):
    return "\\ud83d" in body_text(step) and is_clean_400(oxflow)


@rule("wrong-type-is-400")
def _(step, mlflow, oxflow):
    says_type = re.match(r"Invalid value .* for parameter '.*' supplied:  Hint: Value was of type", oxflow.message, re.S)
    return is_spoiled_value(step) and is_clean_400(oxflow) and bool(says_type)


def is_spoiled_value(step):
    return bool(marks(step) & {"type", "null", "long", "odd", "empty", "shape", "repeat", "both", "unknown"})


@rule("camel-case-of-required-fields")
def _(step, mlflow, oxflow):
    return "camel" in marks(step) and mlflow.status == 400 and "Missing value for required parameter" in mlflow.message


@rule("search-is-no-model-id")
def _(step, mlflow, oxflow):
    return step["path"].endswith("logged-models/search") and step["method"] != "POST" and oxflow.status == 405


@rule("wrong-method-is-json")
def _(step, mlflow, oxflow):
    return mlflow.status == oxflow.status == 405 and isinstance(oxflow.body, dict)


@rule("unknown-path-is-json")
def _(step, mlflow, oxflow):
    is_page = isinstance(mlflow.body, str) and mlflow.body.startswith("<")
    return mlflow.status == oxflow.status == 404 and is_page and oxflow.code == "ENDPOINT_NOT_FOUND"


@rule("server-info-gateway")
def _(step, mlflow, oxflow):
    return step["path"].endswith("/server-info") and mlflow.status == oxflow.status == 200


# --- searches -----------------------------------------------------------------------------------------------------------
@rule("filter-error-message")
def _(step, mlflow, oxflow):
    is_search = step["path"].endswith("/search") and bool(marks(step))
    return is_search and mlflow.status == 400 and is_clean_400(oxflow) and mlflow.code == oxflow.code


@rule("filter-without-and")
def _(step, mlflow, oxflow):
    without_and = re.search(r"['\")\d] +(?!and )[a-z_]+[^ ]* ", field(step, "filter"), re.I)
    return "broken" in marks(step) and bool(without_and) and mlflow.status in (400, 500) and oxflow.status == 200


@rule("filter-of-other-words")
def _(step, mlflow, oxflow):
    is_unread = oxflow.message.startswith(("Invalid filter string", "Invalid clause(s) in filter string"))
    return "broken" in marks(step) and mlflow.status == 200 and is_clean_400(oxflow) and is_unread


@rule("model-search-max-results")
def _(step, mlflow, oxflow):
    asked = step["json"].get("max_results") if isinstance(step.get("json"), dict) else None
    is_negative = isinstance(asked, int) and asked < 0
    return step["path"].endswith("logged-models/search") and is_negative and is_clean_400(oxflow)


@rule("head-reads-the-query")
def _(step, mlflow, oxflow):
    return step["method"] == "HEAD" and mlflow.status == 400


@rule("experiment-filter-case")
def _(step, mlflow, oxflow):
    text = json.dumps(step.get("json") or step.get("query"))
    return "experiments/search" in step["path"] and re.search(r" (i?like|in|not in|is null) ", text) and "comparator" in mlflow.message


@rule("page-token-is-checked")
def _(step, mlflow, oxflow):
    return "page_token" in json.dumps(step) and is_clean_400(oxflow) and "page token" in oxflow.message.lower()


@rule("model-search-filter")
def _(step, mlflow, oxflow):
    of_search = step["path"].endswith("logged-models/search")
    of_postgres = mlflow.code == "BAD_REQUEST" and "invalid input syntax" in mlflow.message and oxflow.status == 200
    return of_search and (mlflow.status == 500 and is_clean_400(oxflow) or of_postgres)


@rule("model-search-quoted-key")
def _(step, mlflow, oxflow):
    has_quoted_key = re.search(r'(metrics|params|tags)\."', field(step, "filter"))
    return step["path"].endswith("logged-models/search") and bool(has_quoted_key) and mlflow.status == oxflow.status == 200


@rule("order-by-duplicate")
def _(step, mlflow, oxflow):
    return step["path"].endswith("runs/search") and "contains duplicate fields" in mlflow.message and is_clean_400(oxflow)


# --- single endpoints ---------------------------------------------------------------------------------------------------
@rule("sql-in-messages")
def _(step, mlflow, oxflow):
    same = mlflow.status == oxflow.status == 400 and (mlflow.code == oxflow.code or mlflow.code == "BAD_REQUEST")
    return same and "[SQL: " in mlflow.message and "SQL" not in oxflow.message


@rule("model-id-from-the-path")
def _(step, mlflow, oxflow):
    is_spoiled = "/logged-models/" in step["path"] and "spoiled" in marks(step)
    of_model = "Missing value for required parameter 'model_id'" in mlflow.message
    of_body = "path" in marks(step) and mlflow.status == 200 and oxflow.status == 404
    of_path = mlflow.status in (400, 404) and oxflow.status == 200
    return is_spoiled and (of_path or of_body or of_model and is_clean_400(oxflow))


@rule("history-bulk-nan")
def _(step, mlflow, oxflow):
    return step["path"].endswith("/get-history-bulk") and json.dumps(mlflow.body).replace("bare NaN", "NaN") == as_text(oxflow, mlflow)


def as_text(answer, like):
    """The body with its members in the order of another answer's."""
    return json.dumps(in_order_of(answer.body, like.body))


def in_order_of(value, other):
    if isinstance(value, dict) and isinstance(other, dict) and value.keys() == other.keys():
        return {key: in_order_of(value[key], other[key]) for key in other}
    if isinstance(value, list) and isinstance(other, list) and len(value) == len(other):
        return [in_order_of(left, right) for left, right in zip(value, other)]
    return value


@rule("negative-zero")
def _(step, mlflow, oxflow):
    """Also where it has moved the value in a sorted list, or stands beside a NaN in a bulk history."""
    plain = lambda answer: json.dumps(answer.body).replace("float -0.0", "float 0.0").replace("bare NaN", "NaN")
    parts = lambda answer: sorted(re.split(r"[\[\]{},]\s*", plain(answer)))
    is_new = "float -0.0" in json.dumps(oxflow.body) and "float -0.0" not in json.dumps(mlflow.body)
    return is_new and mlflow.status == oxflow.status == 200 and parts(mlflow) == parts(oxflow)


@rule("history-bulk-max-results")
def _(step, mlflow, oxflow):
    return step["path"].endswith("/get-history-bulk") and mlflow.status == 500 and is_clean_400(oxflow)


@rule("content-type-case")
def _(step, mlflow, oxflow):
    return step.get("headers", {}).get("content-type") == "application/JSON" and mlflow.message.startswith("Bad Request. Content-Type")


@rule("null-is-absent")
def _(step, mlflow, oxflow):
    body = step.get("json")
    has_null = isinstance(body, dict) and None in body.values()
    return step["path"].endswith(("runs/log-batch", "/search")) and has_null and mlflow.status == 500 and oxflow.status == 200


@rule("integral-float-in-query")
def _(step, mlflow, oxflow):
    has_float = any(value == "1e3" for _, value in step.get("query", []))
    return has_float and mlflow.status == 500 and (oxflow.status == 200 or is_clean_400(oxflow))


@rule("artifact-path-is-strict")
def _(step, mlflow, oxflow):
    has_path = any(key == "path" for key, _ in step.get("query", []))
    return has_path and bool(marks(step)) and is_clean_400(oxflow) and oxflow.message == "Invalid path"


@rule("model-search-last-updated-time")
def _(step, mlflow, oxflow):
    return step["path"].endswith("logged-models/search") and "last_updated_time " in body_text(step) and mlflow.status != 200


@rule("dataset-fields-are-required")
def _(step, mlflow, oxflow):
    says_missing = "Missing value for required parameter 'datasets[0].dataset" in oxflow.message
    return step["path"].endswith("runs/log-inputs") and says_missing and is_clean_400(oxflow)


@rule("create-run-tags-fit-the-column")
def _(step, mlflow, oxflow):
    of_list = re.match(r"Missing value for required parameter '(datasets\[0\]\.)?(tags|params)\[", oxflow.message)
    of_length = "exceeds the maximum length" in oxflow.message
    paths = ("runs/create", "runs/log-inputs", "logged-models", "/tags", "/params")
    is_refused = is_clean_400(oxflow) and bool(of_list or of_length)
    # Of values that are too long only the beginning is kept, as by set-tag.
    is_cut = step["path"].endswith("runs/create") and "long" in marks(step) and mlflow.status == oxflow.status == 200
    return step["path"].endswith(paths) and bool(marks(step)) and (is_refused or is_cut)


@rule("run-without-experiment")
def _(step, mlflow, oxflow):
    return step["path"].endswith("runs/create") and mlflow.code == "BAD_REQUEST" and oxflow.status == 200


@rule("run-name-250")
def _(step, mlflow, oxflow):
    return "long" in marks(step) and is_clean_400(oxflow) and "250" in oxflow.message


@rule("experiment-name-256")
def _(step, mlflow, oxflow):
    return "long" in marks(step) and "experiments/" in step["path"] and is_clean_400(oxflow) and "256" in oxflow.message


@rule("artifact-location-refused")
def _(step, mlflow, oxflow):
    return "spoiled" in marks(step) and step["path"].endswith("experiments/create") and is_clean_400(oxflow) and "artifact" in oxflow.message


@rule("unknown-model-status")
def _(step, mlflow, oxflow):
    return "/logged-models/" in step["path"] and "LOGGED_MODEL_STATUS_UNSPECIFIED" in json.dumps(mlflow.body) and is_clean_400(oxflow)


@rule("repeated-model-param")
def _(step, mlflow, oxflow):
    return "repeat" in marks(step) and "logged-models" in step["path"] and mlflow.code == "BAD_REQUEST" and is_clean_400(oxflow)


@rule("repeated-tag-key-at-creation")
def _(step, mlflow, oxflow):
    return "repeat" in marks(step) and mlflow.status == 400 and is_clean_400(oxflow)




@rule("rename-to-taken-name")
def _(step, mlflow, oxflow):
    return step["path"].endswith("experiments/update") and mlflow.code == "BAD_REQUEST" and oxflow.code == "RESOURCE_ALREADY_EXISTS"


@rule("message-is-cut")
def _(step, mlflow, oxflow):
    same = mlflow.status == oxflow.status and mlflow.code == oxflow.code
    return same and "…" in oxflow.message and mlflow.message.startswith(oxflow.message.split("…")[0])


# --- the model registry -------------------------------------------------------------------------------------------------
@rule("registry-order-by-duplicate")
def _(step, mlflow, oxflow):
    return of_registry(step) and "contains duplicate fields" in mlflow.message and is_clean_400(oxflow)


@rule("registry-filter")
def _(step, mlflow, oxflow):
    return of_registry(step) and step["path"].endswith("/search") and mlflow.status == 500 and is_clean_400(oxflow)


@rule("registry-max-results")
def _(step, mlflow, oxflow):
    return of_registry(step) and step["path"].endswith("/search") and is_clean_400(oxflow) and "max_results" in oxflow.message


@rule("registry-text-fits-the-column")
def _(step, mlflow, oxflow):
    long = marks(step) & {"long", "odd", "type"}
    return of_registry(step) and bool(long) and is_clean_400(oxflow) and "length" in oxflow.message


@rule("source-refused")
def _(step, mlflow, oxflow):
    return step["path"].endswith("model-versions/create") and bool(marks(step)) and is_clean_400(oxflow) and "source" in oxflow.message


@rule("source-of-unknown-model")
def _(step, mlflow, oxflow):
    return step["path"].endswith("model-versions/create") and mlflow.status == 500 and is_clean_400(oxflow)


@rule("version-out-of-range")
def _(step, mlflow, oxflow):
    of_range = mlflow.status == 500 and "too large to convert" in mlflow.message
    return of_range and (oxflow.status == 404 or is_clean_400(oxflow))


def of_registry(step):
    return "registered-models/" in step["path"] or "model-versions/" in step["path"]


# --- what is served -----------------------------------------------------------------------------------------------------
@rule("old-paths-are-served")
def _(step, mlflow, oxflow):
    is_old = step["path"].endswith(("experiments/list", "registered-models/list")) or "/preview/" in step["path"]
    return is_old and mlflow.status == 404 and oxflow.status == 200


@rule("artifact-errors-are-json")
def _(step, mlflow, oxflow):
    has_detail = isinstance(mlflow.body, dict) and list(mlflow.body) == ["detail"]
    return has_detail and mlflow.status == oxflow.status and mlflow.body["detail"] == oxflow.message


@rule("elsewhere-is-not-fetched")
def _(step, mlflow, oxflow):
    return mlflow.status == 500 and is_clean_400(oxflow) and "not served by this server" in oxflow.message


@rule("digits-are-ascii")
def _(step, mlflow, oxflow):
    return "５" in json.dumps(step, ensure_ascii=False) and is_clean_400(oxflow)

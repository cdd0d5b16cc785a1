"""Rows for every table of a database, whatever its revision: what a client could write, and a little of what it should not."""

import datetime
import json
import time

import sqlalchemy
from sqlalchemy import Boolean, Date, Float, Integer, LargeBinary, MetaData, String
from sqlalchemy.types import JSON

ROWS = 6

# Columns whose values are not free.
CHOICES = {
    "lifecycle_stage": ["active", "deleted"],
    ("runs", "status"): ["SCHEDULED", "FAILED", "FINISHED", "RUNNING", "KILLED"],
    ("runs", "source_type"): ["NOTEBOOK", "JOB", "LOCAL", "UNKNOWN", "PROJECT"],
    ("jobs", "status"): [0, 1, 2, 3, 4, 5],
    "workspace": ["default"],
    ("assessments", "value"): ['"yes"', "4.25", "true", '{"a": 1}', "not json", "null"],
    ("spans", "dimension_attributes"): [
        {"mlflow.llm.model": "m", "mlflow.llm.provider": "p"},
        {"mlflow.llm.model": "ä" * 600},
        {"mlflow.llm.provider": None},
        {},
        json.dumps({"mlflow.llm.model": "twice"}),
        None,
    ],
    ("span_metrics", "key"): ["input_cost", "output_cost", "total_cost", "else"],
    ("trace_metrics", "key"): ["input_tokens", "output_tokens", "total_tokens", "else"],
}


def fill(engine):
    """Puts some rows into every table, parents first, and odd ones into those of traces."""
    metadata = MetaData()
    metadata.reflect(engine)
    rows = {}
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name == "alembic_version":
                continue
            rows[table.name] = [row(table, i, rows) for i in range(ROWS)]
            connection.execute(table.insert(), rows[table.name])
        for name, values in odd_rows(rows):
            table = metadata.tables.get(name)
            if table is not None:
                known = {column: value for column, value in values.items() if column in table.columns}
                connection.execute(table.insert(), [known])


def row(table, i, rows):
    values = {}
    for column in table.columns:
        if column.computed is None and column.identity is None:
            values[column.name] = value(table, column, i)
    for key in table.foreign_key_constraints:
        parents = rows[key.referred_table.name]
        if values[key.column_keys[0]] is not None:
            for element in key.elements:
                values[element.parent.name] = parents[i % len(parents)][element.column.name]
    return values


def value(table, column, i):
    choices = CHOICES.get((table.name, column.name), CHOICES.get(column.name))
    if choices:
        return choices[i % len(choices)]
    if column.nullable and i == ROWS - 1:
        return None
    kind = column.type
    if isinstance(kind, Boolean):
        return i % 2 == 1
    if isinstance(kind, Date):
        return datetime.date(2026, 1, 1 + i)
    if isinstance(kind, Float):
        return [0.1, -1.7976931348623157e308, 3.0, 1e-300, 12345.678, 0.0][i]
    if isinstance(kind, Integer):
        is_long = isinstance(kind, sqlalchemy.BigInteger)
        return i + 1 + (1_700_000_000_000 if is_long and not column.primary_key else 0)
    if isinstance(kind, LargeBinary):
        return bytes([0, i, 255])
    if isinstance(kind, JSON):
        return {"key": i, "text": "ü\n", "list": [1, 2.5, None]}
    if isinstance(kind, String):
        text = f"{column.name} {i} ä'\"\\ \n%"
        room = kind.length or 100_000
        return (text + "x" * min(room, 9000))[:room] if i == 1 else text[:room]
    raise NotImplementedError(f"{table.name}.{column.name}: {kind!r}")


# Of traces: session, usage, cost, and the metrics of tokens and whether a gateway made it.
ODD_TRACES = [
    ("plain", "s" * 300, {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}, {"total_cost": 0.25}, {}, False),
    ("n" * 5000, None, {"input_tokens": "7", "output_tokens": 2.0, "total_tokens": 2.5}, {}, {}, False),
    (None, "", {"input_tokens": 1e3, "output_tokens": True, "total_tokens": None}, [], {"input_tokens": 5.0}, True),
    ("é", "a", {"input_tokens": 2**70, "output_tokens": -(2**63)}, {"input_cost": "1.5"}, {"total_tokens": 1.5}, True),
    ("x", "b", "no object", {"input_cost": float("inf"), "output_cost": 10**400}, {"output_tokens": 1e19}, True),
    ("y", "c", {"cache_read_input_tokens": " 1_2 ", "cache_creation_input_tokens": "1e2"}, {"total_cost": False}, {}, False),
    ("z", "d", {"cache_creation_input_tokens_above_1hr": "x", "input_tokens": []}, {"total_cost": " 1_0.5 "}, {}, True),
    ("w", "e", {"input_tokens": 9.223372036854775e18}, {"total_cost": None}, {"cache_read_input_tokens": 4.0}, True),
]

ODD_ASSESSMENTS = [
    '" Yes\\n"', "no", "\x1fNO\x1f", "1e400", "-Infinity", "12345678901234567890123", "[1]", "false", '"4"', "01", "",
    "1e-320", '"\\ud83d\\ude00"',
]


def odd_rows(rows):
    if "trace_info" not in rows:
        return
    experiment = rows["experiments"][0]["experiment_id"]
    for i, (name, session, usage, cost, metrics, of_gateway) in enumerate(ODD_TRACES):
        trace = f"tr-odd-{i}"
        yield (
            "trace_info",
            {
                "request_id": trace,
                "experiment_id": experiment,
                "timestamp_ms": 1_700_000_000_000 + i,
                "status": "OK",
                "db_payload_generation": 0,
            },
        )
        metadata = {
            "mlflow.trace.session": session,
            "mlflow.trace.tokenUsage": json.dumps(usage),
            "mlflow.trace.cost": json.dumps(cost) if i != 6 else '{"total_cost": " 1_0.5 "',
            "mlflow.gateway.endpointId": "e" if of_gateway else None,
            "something.else": "stays",
        }
        # A tag without a value was possible once.
        yield "trace_tags", {"request_id": trace, "key": "mlflow.traceName", "value": name}
        yield "trace_tags", {"request_id": trace, "key": "mlflow.artifactLocation", "value": "x"}
        for key, text in metadata.items():
            if text is not None:
                yield "trace_request_metadata", {"request_id": trace, "key": key, "value": text}
        for key, number in metrics.items():
            yield "trace_metrics", {"request_id": trace, "key": key, "value": number}
        for span, (own_cost, attributes) in enumerate([(0.125, {"mlflow.llm.model": "gpt"}), (None, None), (2.0, {})]):
            if "dimension_attributes" not in rows["spans"][0] if "spans" in rows else True:
                attributes = None
            yield (
                "spans",
                {
                    "trace_id": trace,
                    "experiment_id": experiment,
                    "span_id": f"span {span}",
                    "status": "OK",
                    "start_time_unix_nano": 10**18 + span,
                    "end_time_unix_nano": 10**18 + 1000 if span else None,
                    "content": "{}",
                    **({"dimension_attributes": attributes} if attributes is not None else {}),
                },
            )
            if own_cost is not None:
                yield (
                    "span_metrics",
                    {"trace_id": trace, "span_id": f"span {span}", "key": "total_cost", "value": own_cost},
                )
    for i, text in enumerate(ODD_ASSESSMENTS):
        yield (
            "assessments",
            {
                "assessment_id": f"a-odd-{i}",
                "trace_id": "tr-odd-0",
                "name": "quality",
                "assessment_type": "feedback",
                "value": text,
                "created_timestamp": 1,
                "last_updated_timestamp": 2,
                "source_type": "HUMAN",
                "valid": True,
                "is_numeric_value": False,
            },
        )


def contents(engine):
    """The rows of every table, in an order of their own."""
    now_ms = time.time() * 1000
    found = {}
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [column.name for column in table.columns]
            # As text: JSON that was written differently is different.
            selected = [
                sqlalchemy.cast(column, sqlalchemy.Text).label(column.name) if isinstance(column.type, JSON) else column
                for column in table.columns
            ]
            rows = []
            for found_row in connection.execute(sqlalchemy.select(*selected)):
                values = dict(zip(columns, found_row))
                if table.name == "jobs" and values.get("last_update_time", 0) > now_ms - 3_600_000:
                    values["last_update_time"] = "just now"
                rows.append(values)
            found[table.name] = sorted(rows, key=repr)
    return found

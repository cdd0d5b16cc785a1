"""What a database looks like, in a form in which two of them can be compared.

Two databases are equal when their tables, columns (names, order, types, nullability, defaults, generated and
identity columns), constraints with their names, indexes, triggers, functions and sequences are.
"""

import re
import sqlite3

OURS = "oxflow_"


def sqlite_schema(path):
    """Everything in `sqlite_master`, by kind and name, spelled in one way."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    found = {}
    for kind, name, sql in rows:
        if name.startswith(OURS):
            continue
        if kind == "trigger":
            sql = without_wording(sql)
        found[kind, name] = table_parts(sql) if kind == "table" else one_spelling(sql)
    connection.close()
    return found


def one_spelling(sql):
    """SQLite keeps the text of a statement: quotes, spaces and the case of keywords mean nothing."""
    sql = re.sub(r"--[^\n]*", " ", sql)
    sql = re.sub(r'"(\w+)"', r"\1", sql)
    sql = re.sub(r"\s+", " ", sql)
    sql = re.sub(r" ?([(),]) ?", r"\1", sql)
    parts = re.split(r"('[^']*')", sql)
    return "".join(part if part.startswith("'") else part.lower() for part in parts).strip()


def without_wording(sql):
    """What a trigger does, but not what it says."""
    return re.sub(r"'[^']*'", "'…'", sql)


def table_parts(sql):
    """The columns in order, and the constraints, whose order means nothing."""
    body = one_spelling(sql)
    body = body[body.index("(") + 1 : body.rindex(")")]
    items, depth, quoted, item = [], 0, False, ""
    for letter in body:
        if letter == "'":
            quoted = not quoted
        if not quoted:
            depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0 and not quoted:
            items.append(item)
            item = ""
        else:
            item += letter
    items.append(item)
    is_constraint = re.compile(r"(constraint|primary key|foreign key|unique|check)\b").match
    columns = [item for item in items if not is_constraint(item)]
    constraints = sorted(actions_in_order(item) for item in items if is_constraint(item))
    return {"columns": columns, "constraints": constraints}


def actions_in_order(constraint):
    actions = sorted(re.findall(r"\bon (?:update|delete) (?:cascade|set null)", constraint))
    return re.sub(r"\bon (?:update|delete) (?:cascade|set null)", "", constraint).strip() + " ".join(actions)


POSTGRESQL = {
    "columns": """
        SELECT class.relname, attname, format_type(atttypid, atttypmod), attnotnull,
               pg_get_expr(adbin, adrelid), attidentity::TEXT, attgenerated::TEXT
          FROM pg_attribute
          JOIN pg_class class ON class.oid = attrelid
          LEFT JOIN pg_attrdef ON adrelid = class.oid AND adnum = attnum
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
         ORDER BY relname, attnum""",
    "constraints": """
        SELECT conrelid::regclass::TEXT, conname, contype::TEXT, pg_get_constraintdef(oid), convalidated
          FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace
         ORDER BY 1, 2""",
    "indexes": """
        SELECT tablename, indexname, indexdef FROM pg_indexes
         WHERE schemaname = 'public' AND indexname NOT LIKE 'oxflow!_%' ESCAPE '!'
         ORDER BY 1, 2""",
    "triggers": """
        SELECT tgrelid::regclass::TEXT, tgname, pg_get_triggerdef(oid), tgenabled::TEXT FROM pg_trigger
         WHERE NOT tgisinternal ORDER BY 1, 2""",
    "functions": """
        SELECT proname, pg_get_function_result(oid), prosrc FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace ORDER BY 1""",
    "sequences": """
        SELECT sequence.relname, owner.relname, attname, deptype::TEXT, seqtypid::regtype::TEXT, seqstart, seqincrement
          FROM pg_sequence
          JOIN pg_class sequence ON sequence.oid = seqrelid
          LEFT JOIN pg_depend ON objid = seqrelid AND deptype IN ('a', 'i') AND refclassid = 'pg_class'::regclass
          LEFT JOIN pg_class owner ON owner.oid = refobjid
          LEFT JOIN pg_attribute ON attrelid = owner.oid AND attnum = refobjsubid
         ORDER BY 1""",
}


def postgresql_schema(connection):
    """The catalogue of the schema `public`."""
    found = {}
    with connection.cursor() as cursor:
        for what, sql in POSTGRESQL.items():
            cursor.execute(sql)
            for row in cursor.fetchall():
                row = tuple(map(without_wording, row)) if what == "functions" else row
                found.setdefault((what, row[0]), []).append(tidy(row))
    connection.rollback()
    return found


def tidy(row):
    return tuple(re.sub(r"\s+", " ", item).strip() if isinstance(item, str) else item for item in row)


def difference(ours, theirs):
    """What differs, for people; empty when the two are equal."""
    lines = []
    for key in sorted(set(ours) | set(theirs), key=str):
        if ours.get(key) != theirs.get(key):
            lines += [f"{key}:", f"  ours   {ours.get(key)}", f"  theirs {theirs.get(key)}"]
    return "\n".join(lines)

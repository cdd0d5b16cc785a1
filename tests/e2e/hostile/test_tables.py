"""Every row of every table against a server: without a login on both databases, and with one."""

import pytest
from hostile import framing, graphql, header_values, json_values, origins, searches, targets
from hostile.checks import check_row
from hostile.rows import CLOSED

TABLES = {
    "framing": framing.ROWS,
    "targets": targets.ROWS,
    "origins": origins.ROWS,
    "headers": header_values.ROWS,
    "passwords": header_values.PASSWORDS,
    "large": json_values.LARGE + graphql.LARGE,
}

# What reaches the database is sent to both.
ON_BOTH = {"json": json_values.ROWS, "searches": searches.ROWS, "graphql": graphql.ROWS}


def parameters(tables, kinds):
    return [
        pytest.param(kind, row, id=f"{table}-{kind}-{row.name}")
        for table, rows in tables.items()
        for kind in kinds
        for row in rows
    ]


EVERYWHERE = parameters(TABLES, ["sqlite"]) + parameters(ON_BOTH, ["sqlite", "postgres"])
OF_NOBODY = parameters(TABLES | ON_BOTH, ["login"])


@pytest.mark.parametrize(("victim", "row"), EVERYWHERE, indirect=["victim"])
def test_row(victim, row):
    answers = check_row(victim, row, row.expected)
    if row.check:
        row.check(victim, answers)


# What stands in for the answer to whoever logged in. Framing, hosts and origins come before the login.
REFUSED = {400, 401, 403, 405, 408, 413, 414, 431, 503, CLOSED}


@pytest.mark.parametrize(("victim", "row"), OF_NOBODY, indirect=["victim"])
def test_row_of_nobody(victim, row):
    if row.before_login:
        check_row(victim, row, row.expected)
        return
    first, *others = row.expected
    answers = check_row(victim, row, [{401, 429} | first & {CLOSED}, *[{200, 400, 401, 405, CLOSED}] * len(others)])
    assert not answers or answers[0].status == 429 or answers[0].header("www-authenticate") == 'Basic realm="mlflow"'

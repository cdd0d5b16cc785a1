"""What a row of a table is."""

import dataclasses
import json
import typing

from hostile.raw import request

API = "/api/2.0/mlflow"
FILES = "/api/2.0/mlflow-artifacts"
JSON = "Content-Type: application/json"

# Stand for ids of the server under attack, which are of the same length.
RUN = "0000000000000000000000000000run0"
MODEL = "m-000000000000000000000000000model"

HEALTH = request("GET", "/health")

# Nothing but the end of the connection.
CLOSED = None


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    payload: typing.Any
    """Bytes, or a function that yields them."""
    expected: tuple
    """For each answer the statuses that it may have, CLOSED among them if it may be missing."""
    half_close: bool = False
    check: typing.Any = None
    """Called with (victim, answers)."""
    before_login: bool = False
    """Answered the same to whoever is not logged in."""

    def blocks(self, ids):
        """The payload with the real ids."""
        if isinstance(self.payload, bytes):
            return replaced(self.payload, ids)
        return (replaced(block, ids) for block in self.payload())


def replaced(block, ids):
    for placeholder, real in ids.items():
        block = block.replace(placeholder, real)
    return block


def row(name, payload, *expected, **rest):
    """A row whose expected answers are statuses or sets of them."""
    return Row(name, payload, tuple(each if isinstance(each, set) else {each} for each in expected), **rest)


def post(path, fields, *headers):
    """A POST with a JSON body: an object, or the text or bytes that take its place."""
    if isinstance(fields, (dict, list)):
        fields = json.dumps(fields)
    body = fields if isinstance(fields, bytes) else fields.encode()
    return request("POST", path if path.startswith("/") else f"{API}/{path}", JSON, *headers, body=body)


def says(*words):
    """A check that the last answer has these words."""

    def check(_, answers):
        for word in words:
            assert word.encode() in answers[-1].body, f"{word!r} is not in {answers[-1]}"

    return check

"""What has to hold for every answer."""

import json

from hostile.raw import exchange
from hostile.rows import CLOSED

# What no answer may tell: SQL, places in the file system, names of libraries, backtraces. security.md, section 2.
INSIDES = [b"SELECT ", b"INSERT ", b"sqlite", b"postgres", b"/tmp", b"/proc", b"panicked", b".rs:", b"axum", b"hyper", b"serde"]


def check_row(victim, row, expected):
    """Sends a row; returns the answers, which have the expected statuses."""
    sent = row.blocks(victim.ids)
    answers = exchange(victim.address, sent, row.half_close)
    shown = "; ".join(map(str, answers)) or "closed without an answer"
    for position, statuses in enumerate(expected):
        status = answers[position].status if position < len(answers) else CLOSED
        assert status in statuses, f"answer {position + 1} should be one of {statuses}: {shown}"
    assert len(answers) <= len(expected), f"more answers than requests: {shown}"
    for answer in answers:
        # An error repeats what was sent, which may be any of these words.
        check_answer(answer, sent if isinstance(sent, bytes) else b"")
    return answers


def check_answer(answer, sent=b""):
    assert answer.header("server") == "oxflow"
    assert answer.header("x-evil") is None
    assert answer.header("x-content-type-options") == "nosniff"
    if answer.status < 400:
        return
    for word in INSIDES:
        assert word not in answer.body or word in sent, f"{word} is in {answer}"
    if not answer.body:
        return  # Of HEAD.
    if (answer.header("content-type") or "").startswith("application/json"):
        told = json.loads(answer.body)
        assert "errors" in told or {"error_code", "message"} <= told.keys(), str(answer)
    else:
        # As MLflow says them: who one is, and the two checks of browsers.
        assert answer.status in (401, 403, 416) and b"<" not in answer.body, str(answer)

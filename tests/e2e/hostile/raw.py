"""An HTTP client that sends any bytes, and takes what comes back apart."""

import contextlib
import dataclasses
import select
import socket
import time

BLOCK = 256 * 1024


class Silent(AssertionError):
    """The server neither answered nor closed the connection in time."""


@dataclasses.dataclass
class Answer:
    status: int
    headers: list
    body: bytes

    def header(self, name):
        """The only value of a header, or None."""
        values = [value for key, value in self.headers if key == name]
        assert len(values) <= 1, f"{name} came {len(values)} times: {values}"
        return values[0] if values else None

    def __str__(self):
        return f"{self.status} {self.body[:300]!r}"


def connect(address, seconds=10, receive_bytes=None, source=None):
    connection = socket.socket()
    connection.settimeout(seconds)
    if source:
        connection.bind((source, 0))
    if receive_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.connect(address)
    return connection


def exchange(address, payload, half_close=False, seconds=15):
    """Sends all of it, reading meanwhile, until the server closes. Returns the answers.

    `payload` is bytes or something that yields bytes. What cannot be sent, because the server closed, is not sent.
    """
    with connect(address) as connection:
        return converse(connection, payload, half_close, seconds)


def converse(connection, payload, half_close=False, seconds=15):
    connection.setblocking(False)
    blocks = iter([payload] if isinstance(payload, bytes) else payload)
    waiting, received, sending = memoryview(b""), bytearray(), True
    deadline = time.monotonic() + seconds
    while True:
        while sending and not waiting:
            block = next(blocks, None)
            if block is None:
                sending = False
                if half_close:
                    with contextlib.suppress(OSError):
                        connection.shutdown(socket.SHUT_WR)
            else:
                waiting = memoryview(block)
        left = deadline - time.monotonic()
        readable, writable, _ = select.select([connection], [connection] if sending else [], [], max(left, 0))
        if not readable and not writable:
            raise Silent(f"neither answered nor closed in {seconds} s; so far came {bytes(received[:300])!r}")
        if readable:
            try:
                block = connection.recv(BLOCK)
            except (ConnectionResetError, BrokenPipeError):
                block = b""
            if not block:
                return parse_all(bytes(received))
            received += block
        elif writable:
            try:
                waiting = waiting[connection.send(waiting[:BLOCK]) :]
            except (ConnectionResetError, BrokenPipeError):
                sending = False


def parse_all(received):
    """Takes apart all answers of a connection that has ended; those of 1xx are skipped."""
    answers = []
    while received:
        answer, received = parse(received)
        if answer.status >= 200:
            answers.append(answer)
    return answers


def parse(received):
    head, found, rest = received.partition(b"\r\n\r\n")
    assert found and head.startswith(b"HTTP/1."), f"this is no answer: {received[:200]!r}"
    first, *lines = head.decode("latin-1").split("\r\n")
    status = int(first.split(" ")[1])
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    fields = dict(headers)
    if status < 200 or status in (204, 304):
        return Answer(status, headers, b""), rest
    if fields.get("transfer-encoding") == "chunked":
        body, rest = unchunk(rest)
    else:
        length = int(fields.get("content-length", len(rest)))
        # A HEAD request is followed by nothing else here.
        body, rest = rest[:length], rest[length:]
    return Answer(status, headers, body), rest


def unchunk(rest):
    body = bytearray()
    while rest:
        line, _, rest = rest.partition(b"\r\n")
        size = int(line, 16)
        body += rest[:size]
        rest = rest[size + 2 :]
        if size == 0:
            break
    return bytes(body), rest


def ask(address, method, target, body=b"", headers=(), seconds=10, half_close=False):
    """One request on a connection of its own; None if the server closed without an answer."""
    answers = exchange(address, request(method, target, *headers, body=body), half_close, seconds)
    assert len(answers) <= 1, f"{method} {target} has {len(answers)} answers"
    return answers[0] if answers else None


def request(method, target, *headers, body=b"", host="localhost", close=True, length=True):
    """The bytes of a request. Texts are Latin-1, so `\\xff` is the byte 255."""
    lines = [f"{method} {target} HTTP/1.1"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines += headers
    if length and (body or method not in ("GET", "HEAD", "OPTIONS", "DELETE")):
        lines.append(f"Content-Length: {len(body)}")
    if close:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body

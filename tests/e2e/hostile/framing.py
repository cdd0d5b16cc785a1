"""Where a request ends: what proxies and servers understand differently. security.md, section 2."""

from hostile.raw import request
from hostile.rows import API, CLOSED, FILES, HEALTH, JSON, row

HEAD = f"POST {API}/runs/search HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\n"
BODY = '{"experiment_ids":["0"]}'
CHUNKED = "Transfer-Encoding: chunked\r\n"


def refused(name, lines, body="0\r\n\r\n", first=HEAD):
    """400, and what follows in the connection is not answered."""
    return row(name, (first + lines + "\r\n" + body).encode("latin-1") + HEALTH, 400, before_login=True)


def chunks(name, body, *expected, **rest):
    return row(name, (HEAD + CHUNKED + "\r\n" + body).encode("latin-1") + HEALTH, *expected, **rest)


def chunk(text, line=None):
    return f"{line or format(len(text), 'x')}\r\n{text}\r\n"


# A chunk that is a body and the beginning of a request with a long one, and a request with two lengths.
ASTRAY = f"{BODY}\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n"
BOTH = f"{HEAD}Content-Length: 5\r\n{CHUNKED}\r\n2\r\n{{}}\r\n0\r\n\r\n"

LENGTHS = [
    refused(f"content-length {value!r}", f"Content-Length: {value}\r\n")
    for value in [
        "", "-1", "+5", "0x5", "5.0", "5e0", "5 5", "5,5", "5, 6", "5;a", "'5'", '"5"', "five", "\xb2", "\xa05", "5\xa0",
        "18446744073709551616", "99999999999999999999999999", "5\x0b", "1_0",
    ]
]  # fmt: skip

CODINGS = [
    refused(f"transfer-encoding {value!r}", f"Transfer-Encoding: {value}\r\n")
    for value in [
        "", "identity", "gzip", "gzip, chunked", "chunked, gzip", "chunked, identity", "chunked, chunked", "chunked;q=1",
        "x-chunked", "xchunked", "chunke", "chunked chunked", "'chunked'", '"chunked"', "chunked,", ",chunked", "\x0bchunked",
        "chunked\x00", "deflate", "trailers", "cow",
    ]
]  # fmt: skip

ROWS = [
    *LENGTHS,
    *CODINGS,
    refused("length and chunked", "Content-Length: 5\r\n" + CHUNKED),
    refused("chunked and length", CHUNKED + "Content-Length: 5\r\n"),
    refused("length 0 and chunked", "Content-Length: 0\r\n" + CHUNKED),
    refused("length and identity", "Content-Length: 5\r\nTransfer-Encoding: identity\r\n"),
    refused("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n"),
    refused("two lengths, the first empty", "Content-Length:\r\nContent-Length: 5\r\n"),
    refused("chunked twice", CHUNKED + CHUNKED),
    refused("chunked, then identity", CHUNKED + "Transfer-Encoding: identity\r\n"),
    refused("chunked with a space before the colon", "Transfer-Encoding : chunked\r\n"),
    refused("length with a space before the colon", "Content-Length : 5\r\n"),
    refused("length with a tab before the colon", "Content-Length\t: 5\r\n"),
    refused("a folded coding", "Transfer-Encoding:\r\n chunked\r\n"),
    refused("a folded line", "X-A: b\r\n\tc\r\n"),
    refused("a first line that is folded", " X-A: b\r\n"),
    refused("bare LF at a line's end", "X-A: b\n"),
    refused("bare LF at the header's end", "X-A: b\r\n\n"),
    refused("bare LF hides a length", "X-A: b\nContent-Length: 50\r\n"),
    refused("bare CR hides a length", "X-A: b\rContent-Length: 50\r\n"),
    refused("CR CR LF", "X-A: b\r\r\n"),
    refused("NUL in a value", "X-A: b\0c\r\n"),
    refused("NUL in a name", "X-A\0: b\r\n"),
    refused("a control character in a value", "X-A: b\x01c\r\n"),
    refused("an 8-bit name", "X-\xe9: b\r\n"),
    refused("no name", ": b\r\n"),
    refused("no colon", "X-A\r\n"),
    refused("a space in a name", "X A: b\r\n"),
    refused("a bracket in a name", "X(A): b\r\n"),
    refused("a length behind an underscore line without a colon", "Content_Length\r\n"),
    row("HTTP/1.0 with chunked", HEAD.replace("1.1", "1.0").encode() + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HEALTH, 400, before_login=True),
    # A body where none is expected is still one: what is in it is no request.
    row("a GET whose body is a request", request("GET", f"{API}/experiments/search?max_results=1", body=HEALTH, close=False) + HEALTH, 200, 200),
    row("a body longer than its length is the next request", (HEAD + f"Content-Length: {len(BODY)}\r\n\r\n{BODY}smuggled").encode() + HEALTH, 200, {400, 405}),
    row("a length too short cuts the body", (HEAD + f"Content-Length: 5\r\n\r\n{BODY}").encode() + HEALTH, 400, 400),
    row("a length with leading zeros", (HEAD + f"Content-Length: 00000{len(BODY)}\r\n\r\n{BODY}").encode() + HEALTH, 200, 200),
    row("the same length twice", (HEAD + f"Content-Length: {len(BODY)}\r\n" + f"Content-Length: {len(BODY)}\r\n\r\n{BODY}").encode() + HEALTH, {200, 400}, {200, CLOSED}),
    row("a length of 2^63", (HEAD + "Content-Length: 9223372036854775808\r\n\r\n").encode() + HEALTH, {400, 413}),
    *[
        row(f"the largest length, {length}{name}", f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nContent-Length: {length}\r\n\r\n".encode() + HEALTH, 413, before_login=True)
        for length in (2**64 - 1, 2**64 - 2)
        for name, method, path in [("", "POST", f"{API}/runs/search"), (" for an artifact", "PUT", f"{FILES}/artifacts/largest")]
    ],  # fmt: skip
    row("a length of 1 PiB for an artifact", b"PUT /api/2.0/mlflow-artifacts/artifacts/petabyte HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1125899906842624\r\n\r\nx", {400, 413, CLOSED}, half_close=True),
    # Chunks.
    chunks("chunks", chunk(BODY[:5]) + chunk(BODY[5:]) + "0\r\n\r\n", 200, 200),
    chunks("chunks of one byte", "".join(map(chunk, BODY)) + "0\r\n\r\n", 200, 200),
    chunks("a chunk extension", chunk(BODY, f"{len(BODY):x};name=value") + "0\r\n\r\n", 200, 200),
    chunks("a quoted chunk extension", chunk(BODY, f'{len(BODY):x};name="a b"') + "0;last\r\n\r\n", 200, 200),
    chunks("a chunk size in capitals with zeros", chunk(BODY, f"0000{len(BODY):X}") + "00\r\n\r\n", 200, 200),
    chunks("a trailer", chunk(BODY) + "0\r\nX-Trailer: 1\r\n\r\n", 200, 200),
    chunks("trailers that say something else", chunk(BODY) + "0\r\nContent-Length: 500\r\nTransfer-Encoding: gzip\r\nHost: attacker\r\n\r\n", 200, 200),
    chunks("a trailer of 1 MiB", chunk(BODY) + "0\r\nX-Trailer: " + "a" * 2**20 + "\r\n\r\n", {400, 431, CLOSED}),
    chunks("20,000 trailers", chunk(BODY) + "0\r\n" + "X-Trailer: 1\r\n" * 20_000 + "\r\n", {400, 431, CLOSED}),
    chunks("a chunk extension of 1 MiB", chunk(BODY, f"{len(BODY):x};{'a' * 2**20}") + "0\r\n\r\n", {400, CLOSED}),
    chunks("a million small chunk extensions", "".join(f"1;{'e' * 40}\r\n{' '}\r\n" for _ in range(30_000)) + "0\r\n\r\n", {400, CLOSED}),
    *[
        chunks(f"chunk size {size[:20]!r}", f"{size}\r\n{BODY}\r\n0\r\n\r\n", {400, CLOSED})
        for size in [
            "", "-1", "+18", "0x18", "18h", "g", "18 18", "\x0018", "\xff", "18\x00", "1.8", "FFFFFFFFFFFFFFFFF", "10000000000000000",
            "f" * 100, "0" * 256 + "18", "0" * 70_000 + "18",
        ]
    ],  # fmt: skip
    # What leads the check of framing astray would let the second request in.
    chunks("CL+TE behind a chunk of zeros", chunk(ASTRAY, "0" * 256 + f"{len(ASTRAY):x}") + "0\r\n\r\n" + BOTH, {400, CLOSED}),
    chunks("CL+TE behind a trailer with LF LF", chunk("{}") + "0\r\nX: a\n\nPOST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + BOTH, {400, CLOSED}),
    chunks("a bare LF after a trailer", chunk(BODY) + "0\r\nX: a\n\r\n", {400, CLOSED}),
    chunks("a bare LF after the last chunk", chunk(BODY) + "0\r\n\n", {400, CLOSED}),
    chunks("a bare CR in a chunk extension", chunk(BODY, f"{len(BODY):x};a\rb") + "0\r\n\r\n", {400, CLOSED}),
    chunks("a chunk size of 2^64 - 1", f"ffffffffffffffff\r\n{BODY}\r\n0\r\n\r\n", {400, 413, CLOSED}, half_close=True),
    chunks("a chunk size of 2^63", f"8000000000000000\r\n{BODY}\r\n0\r\n\r\n", {400, 413, CLOSED}, half_close=True),
    chunks("a chunk that is longer than its size", f"5\r\n{BODY}\r\n0\r\n\r\n", {400, CLOSED}),
    chunks("a chunk that is shorter than its size", f"ff\r\n{BODY}\r\n0\r\n\r\n", {400, CLOSED}, half_close=True),
    chunks("a bare LF after a chunk size", f"{len(BODY):x}\n{BODY}\r\n0\r\n\r\n", {400, CLOSED}),
    chunks("a bare LF after a chunk", f"{len(BODY):x}\r\n{BODY}\n0\r\n\r\n", {400, CLOSED}),
    chunks("a bare LF in a chunk extension", f"{len(BODY):x};a\n{BODY}\r\n0\r\n\r\n", {400, CLOSED}),
    chunks("no last chunk", chunk(BODY), {400, CLOSED}, half_close=True),
]  # fmt: skip

"""Headers that handlers read: ranges, conditions, codings, credentials, cookies, upgrades. security.md, sections 2, 6, 9."""

import base64
import gzip
import zlib

from hostile.raw import request
from hostile.rows import API, CLOSED, FILES, HEALTH, JSON, RUN, post, row

KEPT = f"{FILES}/artifacts/0/{RUN}/artifacts/kept.txt"
SEARCH = f"{API}/experiments/search?max_results=1"
PLAIN = b"{}"
BOMB = gzip.compress(bytes(256 * 2**20), 9)


def ranged(value, *expected, **rest):
    return row(f"range {value[:40]!r}", request("GET", KEPT, f"Range: {value}"), *expected, **rest)


def is_whole(_, answers):
    assert answers[0].body == b"0123456789", answers[0]


RANGES = [
    *[
        ranged(value, {200, 206, 400, 416})
        for value in [
            "bytes=", "bytes=-", "bytes=--1", "bytes=5-2", "bytes=a-b", "bytes=0x0-1", "bytes=+1-2", "bytes=1.5-2", "bytes=1-2-3", "bytes 0-1", "=0-1", "items=0-1",
            "bytes=-99999999999999999999", "bytes=99999999999999999999-", "bytes=18446744073709551615-", "bytes=18446744073709551616-", "bytes=9223372036854775807-9223372036854775808",
            "bytes=10-", "bytes=-0", "bytes=\xff-", "", "none",
        ]
    ],
    ranged("bytes=0 - 1", 200, check=is_whole),
    ranged("bytes=0-18446744073709551615", {200, 206, 416}),
    ranged("bytes=0-0,1-1", 200, check=is_whole),
    ranged("bytes=" + ",".join("0-" for _ in range(10_000)), 200, check=is_whole),
    ranged("bytes=" + ",".join(f"{i}-{i}" for i in range(2000)), 200, check=is_whole),
    row("two range headers", request("GET", KEPT, "Range: bytes=0-1", "Range: bytes=2-3"), {200, 206, 400}),
    row("a range if junk", request("GET", KEPT, "Range: bytes=0-1", "If-Range: \xff"), {200, 206, 400}),
    row("a range of a list", request("GET", f"{FILES}/artifacts?path=0", "Range: bytes=5-"), 200),
    row("a range of a change", request("PUT", f"{FILES}/artifacts/0/ranged", "Content-Range: bytes 5-9/100", body=b"12345"), {200, 400, 501}),
    *[
        row(f"condition {line[:40]!r}", request("GET", KEPT, line), {200, 304, 400, 412})
        for line in [
            "If-None-Match: \xff", "If-None-Match: W/", 'If-None-Match: "' + "a" * 30_000, "If-None-Match: " + '"a",' * 15_000, "If-Match: *", "If-Match: ,,,", "If-Match: \"x\"",
            "If-Modified-Since: Mon, 99 Foo 99999 99:99:99 GMT", "If-Modified-Since: -1", "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
            "If-Modified-Since: Fri, 31 Dec 9999 23:59:60 GMT", "If-Unmodified-Since: \xff", "If-Unmodified-Since: 0",
        ]
    ],
    row("a condition at an upload", request("PUT", f"{FILES}/artifacts/0/conditional", 'If-Match: "x"', "If-None-Match: *", body=b"1"), {200, 400, 412}),
]  # fmt: skip

NEGOTIATION = [
    *[
        row(f"accept {line[:50]!r}", request("GET", SEARCH, line), {200, 400, 406})
        for line in [
            "Accept-Encoding: " + "gzip," * 10_000, "Accept-Encoding: gzip;q=1e400", "Accept-Encoding: *;q=0", "Accept-Encoding: identity;q=0", "Accept-Encoding: \xff", "Accept-Encoding: gzip;q=-1",
            "Accept: " + "*/*," * 10_000, "Accept: \xff\xfe", "Accept: application/xml", "Accept-Language: " + "x-" * 20_000, "Accept-Charset: utf-7", "TE: trailers, chunked;q=2",
        ]
    ],
    row("Expect: 100-continue, and nothing", request("POST", f"{API}/runs/search", JSON, "Expect: 100-continue", "Content-Length: 5", length=False), {400, CLOSED}, half_close=True),
    row("Expect: something else", request("GET", SEARCH, "Expect: 200-ok"), {200, 400, 417}),
    row("Expect: 100-continue for a body that is too large", request("POST", f"{API}/runs/search", JSON, "Expect: 100-continue", "Content-Length: 99999999", length=False), 413),
    *[
        row(f"upgrade to {to!r}", request("GET", SEARCH, f"Upgrade: {to}", f"Connection: Upgrade{', HTTP2-Settings' * (to == 'h2c')}, close", *more, close=False), 200)
        for to, more in [
            ("h2c", ["HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"]),
            ("websocket", ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"]),
            ("TLS/1.0", []),
            ("\xff", []),
        ]
    ],
    row("an upgrade, then bytes of HTTP/2", request("GET", SEARCH, "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA", "Connection: Upgrade, HTTP2-Settings", close=False) + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 200, {400, CLOSED}),
    row("connection: junk", request("GET", SEARCH, "Connection: close, Host, Content-Length, \xff", close=False) + HEALTH, {200, 400}, {200, CLOSED}),
    row("connection: keep-alive and close", request("GET", SEARCH, "Connection: keep-alive"), 200),
    row("8 bits in a header", request("GET", SEARCH, "X-A: \xe9\xff\x80", "User-Agent: \xff"), 200),
    row("a request id that breaks a log", request("GET", SEARCH, "X-Request-Id: {\"a\":\"\t\xff" + "b" * 5000), 200),
    row("a workspace", request("GET", SEARCH, "X-MLFLOW-WORKSPACE: ../../etc"), 400),
    row("a workspace that is not UTF-8", request("GET", SEARCH, "X-MLFLOW-WORKSPACE: \xff"), 400),
    row("an Accept of the series", post("/api/oxflow/v1/series", {"runs": [RUN], "keys": ["m"]}, "Accept: application/vnd.oxflow.series;\xff"), {200, 400}),
]  # fmt: skip

CODED = [
    row(f"{coding} {'of plain JSON ' * (body == PLAIN)}at {name}", request(method, path, JSON, f"Content-Encoding: {coding}", body=body), 415)
    for coding, body in [
        ("gzip", BOMB), ("deflate", zlib.compress(bytes(2**20))), ("br", b"\x8b\x01\x80{}\x03"), ("zstd", b"(\xb5/\xfd\x04\x00"), ("gzip, gzip", gzip.compress(BOMB)),
        ("x-gzip", BOMB), ("gzip", PLAIN), ("\xff", PLAIN), ("compress", b"\x1f\x9d"), ("identity, gzip", BOMB), ("zip", b"PK\x03\x04"),
    ]
    for name, method, path in [("a search", "POST", f"{API}/runs/search"), ("an artifact", "PUT", f"{FILES}/artifacts/0/coded"), ("graphql", "POST", "/graphql"), ("an own route", "POST", "/api/oxflow/v1/runs/table")]
]  # fmt: skip

COOKIES = [
    *[
        row(f"cookie {value[:30]!r}", request("GET", SEARCH, f"Cookie: {value}"), 200)
        for value in [
            "a" * 8192, "oxflow_session=" + "a" * 8192, "oxflow_session=\xff", "oxflow_session=", "=", ";" * 8192, "a=b; " * 5000, "oxflow_session=a; oxflow_session=b",
            "__Host-oxflow_session=' OR 1=1 --", "$Version=1", 'a="',
        ]
    ],
    row("twenty cookie headers", request("GET", SEARCH, *["Cookie: oxflow_session=a"] * 20), 200),
]  # fmt: skip


def in_base64(raw):
    return base64.b64encode(raw).decode()


# With a login all of these are refused; without one nobody reads them.
CREDENTIALS = [
    row(f"authorization {value[:40]!r}", request("GET", SEARCH, f"Authorization: {value}"), 200)
    for value in [
        "", "Basic", "Basic ", "Basic !!!!", "Basic ====", "Basic " + in_base64(b"nocolon"), "Basic " + in_base64(b"\xff\xfe:\xff"), "Basic " + "A" * 60_000, "basic",
        "Basic " + in_base64(b"admin:x") + ",x", "Bearer", "Bearer ", "Bearer \x09\xff", "Bearer oxf_", "Bearer oxf_" + "a" * 60_000, "Bearer ' OR 1=1 --", "Bearer null", "bearer oxf_" + "0" * 64, "Digest username=admin", "Negotiate AAAA",
        "\xff", "Token a", "a" * 60_000, "Basic Basic YTpi", "Bearer " + in_base64(b"admin:x"), "Bearer oxf_\xe9", "Basic " + in_base64(b"admin:" + b"a" * 44_000), "Basic " + in_base64(b"admin:" + b"a" * 1025),
    ]
] + [
    row("two authorizations", request("GET", SEARCH, "Authorization: Basic YTpi", "Authorization: Bearer x"), 200),
]  # fmt: skip

# Those whose password is hashed.
PASSWORDS = [
    row(f"password {value[:30]!r}", request("GET", SEARCH, f"Authorization: Basic {in_base64(value)}"), 200)
    for value in [
        b":", b"admin:", b":x", b"admin:\0", b"a" * 256 + b":x", b"admin:" + b"a" * 1024, b"admin:x", b" admin :x", b"ADMIN:x", b"admin\0:x", b"admin' OR '1'='1:x", b"__token__:x", b"admin:oxf_x", b"admin:x:y", b"admin\r\n:x",
        b"\xc3\xa9:\xc3\xa9", b"%:%", b"admin:" + b" " * 100,
    ]
]  # fmt: skip

ROWS = RANGES + NEGOTIATION + CODED + COOKIES + CREDENTIALS

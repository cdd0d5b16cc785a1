"""Host, Origin and what proxies add. security.md, sections 1, 2 and 5."""

from hostile.raw import request
from hostile.rows import API, JSON, RUN, row

SEARCH = f"{API}/experiments/search?max_results=1"


def host(value, *expected):
    return row(f"host {value[:60]!r}", request("GET", SEARCH, host=value), *expected, before_login=True)


def lines(name, *headers, expected=403):
    """A change with these headers and no others than it needs."""
    body = b'{"run_id":"%s","key":"k","value":"v"}' % RUN.encode()
    return row(name, request("POST", f"{API}/runs/set-tag", JSON, *headers, body=body), expected, before_login=expected != 200)


MALFORMED_HOSTS = [
    "", " ", "localhost:", "localhost:x", "localhost:+80", "localhost:-1", "localhost:65536", "localhost:99999999999999999999", "localhost:80:80",
    "localhost:8 0", "localhost:0x50", ":5000", ":", "user@localhost", "user:password@localhost", "localhost@attacker.example", "localhost/", "localhost/health",
    "http://localhost", "local host", "localhost,attacker.example", "localhost;attacker.example", "localhost\\attacker.example", "localhost?a", "localhost#a", "local%68ost",
    "localhost%00", "l\xf6calhost", "\xe2\x84\x93ocalhost", "\xff\xfe", "[::1", "::1", "[::1]]", "[[::1]]", "[::1]x", "[::1]:x", "[::1%25lo]", "[::1%lo]", "[127.0.0.1]", "[localhost]", "[]",
    "localhost\x00", "localhost\x0b", "'localhost'", '"localhost"', "<script>", "localhost|id", "$(id)", "*", "a" * 254, ("a" * 63 + ".") * 4 + "a",
]  # fmt: skip

FOREIGN_HOSTS = [
    "attacker.example", "10.attacker.example", "127.0.0.1.attacker.example", "localhost.attacker.example", "localhost-attacker.example", "attackerlocalhost",
    "10.0.0.1", "192.168.0.1", "172.16.0.1", "169.254.169.254", "[fd00::1]", "[::ffff:10.0.0.1]", "0.0.0.0", "[::]", "0", "127.1", "127.0.1", "2130706433",
    "0x7f000001", "0177.0.0.1", "127.0.0.2", "localhost.localdomain", "xn--lcalhost-n2a", "localhost:1", "127.0.0.1:1", "localhost:080", "..", ".", "localhost..",
]  # fmt: skip

HOSTS = [
    *[host(value, 400) for value in MALFORMED_HOSTS],
    *[host(value, {400, 403}) for value in FOREIGN_HOSTS],
    row("no host", request("GET", SEARCH, host=None), 400, before_login=True),
    row("no host, HTTP/1.0", request("GET", SEARCH, host=None).replace(b"HTTP/1.1", b"HTTP/1.0"), 400, before_login=True),
    row("two hosts", request("GET", SEARCH, "Host: attacker.example"), 400, before_login=True),
    row("two hosts, the first foreign", request("GET", SEARCH, "Host: localhost", host="attacker.example"), 400, before_login=True),
    row("the same host twice", request("GET", SEARCH, "Host: localhost"), 400, before_login=True),
    row("a host with a space before the colon", request("GET", SEARCH, "Host : attacker.example"), 400, before_login=True),
    row("health without a host", request("GET", "/health", host=None), 400, before_login=True),
    row("health of a malformed host", request("GET", "/health", host="user@attacker.example"), 400, before_login=True),
    row("health of a foreign host", request("GET", "/health", host="attacker.example"), 200, before_login=True),
    row("health of a foreign host behind a path", request("GET", "/health/", host="attacker.example"), {403, 404}, before_login=True),
    row("health of a foreign host in another spelling", request("GET", "/%68ealth", host="attacker.example"), 403, before_login=True),
    row("a foreign host at a path that begins as health", request("GET", "/health/../version", host="attacker.example"), 403, before_login=True),
    row("forwarded host", request("GET", SEARCH, "X-Forwarded-Host: localhost", host="attacker.example"), 403, before_login=True),
    row("forwarded", request("GET", SEARCH, "Forwarded: host=localhost;for=127.0.0.1", host="attacker.example"), 403, before_login=True),
    row("forwarded junk", request("GET", SEARCH, "X-Forwarded-For: \xff\xfe, 1.2.3.4:x", "X-Forwarded-Proto: javascript", "X-Forwarded-Prefix: //attacker.example", "X-Forwarded-Host: attacker.example", "Forwarded: ;;;=\"", "X-Real-IP: ::1", "X-Forwarded-Port: -1", "Via: 1.1 a"), 200),
    row("a forwarded prefix is not in a page", request("GET", "/", "X-Forwarded-Prefix: /\"><script>alert(1)</script>"), 200, before_login=True, check=lambda _, answers: has_no_script(answers)),
]  # fmt: skip


def has_no_script(answers):
    assert b"alert(1)" not in answers[0].body


ORIGINS = [
    *[
        lines(f"origin {value[:60]!r}", f"Origin: {value}")
        for value in [
            "null", "NULL", "", "http://attacker.example", "https://localhost", "http://localhost:1", "http://127.0.0.1", "http://localhost.attacker.example",
            "http://localhost@attacker.example", "http://attacker.example/localhost", "http://attacker.example#localhost", "http://[::1]:1", "file://", "file:///etc",
            "chrome-extension://abcdef", "javascript:alert(1)", "data:text/html,x", "blob:http://localhost", "localhost", "//localhost", "http:localhost",
            "http://localhost:65536", "http://localhost:x", "http://local\xffhost", "*", "http://*", "http://localhost http://attacker.example",
            "http://localhost, http://attacker.example", "http://user@localhost", "a" * 10_000, "http://10.0.0.1", "about:blank", "http://localhost%00.attacker.example",
        ]
    ],
    lines("two origins", "Origin: http://localhost", "Origin: http://attacker.example"),
    lines("a cross-site request without an origin", "Sec-Fetch-Site: cross-site"),
    lines("a cross-site request among others", "Sec-Fetch-Site: none", "Sec-Fetch-Site: cross-site"),
    lines("a cross-site navigation", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"),
    lines("a null origin of the same site", "Origin: null", "Sec-Fetch-Site: same-origin"),
    lines("the own origin", "Origin: http://localhost", expected=200),
    lines("a fetch site that does not exist", "Sec-Fetch-Site: \xff", expected=200),
    *[
        row(f"origin of another page at {path}", request(method, path, kind, "Origin: http://attacker.example", body=b"{}"), 403, before_login=True)
        for method, path, kind in [
            ("POST", "/graphql", JSON),
            ("POST", "/v1/traces", "Content-Type: application/x-protobuf"),
            ("PUT", "/api/2.0/mlflow-artifacts/artifacts/x", "Content-Type: text/plain"),
            ("DELETE", "/api/2.0/mlflow-artifacts/artifacts/x", "Accept: */*"),
            ("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={RUN}&path=x", "Content-Type: text/plain"),
            ("PATCH", f"{API}/registered-models/update", JSON),
            ("POST", "/api/oxflow/v1/runs/bulk", JSON),
            ("POST", "/api/oxflow/v1/session", JSON),
            ("DELETE", "/api/oxflow/v1/session", JSON),
            ("POST", "/unknown", JSON),
            ("PROPFIND", f"{API}/runs/search", JSON),
        ]
    ],
    row("a preflight of another page", request("OPTIONS", SEARCH, "Origin: http://attacker.example", "Access-Control-Request-Method: POST"), 403, before_login=True, check=lambda _, answers: allows_nobody(answers)),
    row("a preflight of a null page", request("OPTIONS", SEARCH, "Origin: null", "Access-Control-Request-Method: POST"), 403, before_login=True, check=lambda _, answers: allows_nobody(answers)),
    row("a preflight for headers of 30,000 bytes", request("OPTIONS", SEARCH, "Origin: http://localhost", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: " + "a," * 15_000), {200, 400, 403}, before_login=True),
    row("a read of another page is not for it", request("GET", SEARCH, "Origin: http://attacker.example"), 200, check=lambda _, answers: allows_nobody(answers)),
    *[
        row(f"a form: content type {kind!r}", request("POST", f"{API}/experiments/create", kind, body=b'{"name":"by a form","a":"="}'), 400)
        for kind in [
            "Content-Type: text/plain", "Content-Type: application/x-www-form-urlencoded", "Content-Type: multipart/form-data; boundary=x", "Content-Type:",
            "Content-Type: text/plain; application/json", "Content-Type: text/json", "Content-Type: application/jsonx", "Content-Type: application/json+x", "Content-Type: \xff",
            "Content-Type: ;application/json", "Content-Type: application/", "Content-Type: */*", "X-Content-Type: application/json", "Content-Type: application/json, text/plain",
            "Content-Type: text/plain, application/json", "Content-Type: application/x-json",
        ]
    ],
    row("two content types", request("POST", f"{API}/experiments/create", "Content-Type: text/plain", JSON, body=b'{"name":"by two types"}'), 400),
]  # fmt: skip


def allows_nobody(answers):
    names = [name for name, _ in answers[0].headers]
    assert not [name for name in names if name.startswith("access-control-allow")], names
    assert "Origin" in answers[0].header("vary")


ROWS = HOSTS + ORIGINS

"""Methods, request lines, routing. security.md, sections 2 and 9."""

from hostile.raw import request
from hostile.rows import API, CLOSED, FILES, HEALTH, JSON, RUN, post, row, says

GET_RUN = f"{API}/runs/get?run_id={RUN}"
SEARCH = f"{API}/runs/search"


def line(name, text, *expected, **rest):
    """A request line as it is, with a good header."""
    return row(name, (text + "\r\nHost: localhost\r\nConnection: close\r\n\r\n").encode("latin-1"), *expected, **rest)


def unknown(path):
    return row(f"unknown path {path[:60]!r}", request("GET", path), 404, check=says("ENDPOINT_NOT_FOUND"), before_login="/static-files/" in path)


METHODS = [
    *[
        row(f"method {method[:20]!r}", request(method, SEARCH), {400, 404, 405})
        for method in [
            "get", "Post", "GETT", "PROPFIND", "TRACE", "TRACK", "DEBUG", "MKCOL", "COPY", "MOVE", "LOCK", "PURGE", "PATCH", "PUT", "DELETE",
            "QUERY", "BREW", "A" * 200, "-", "GET.", "!#$%&'*+-.^_`|~",
        ]
    ],
    row("CONNECT with an authority", request("CONNECT", "localhost:443"), {400, 403, 405}, before_login=True),
    row("CONNECT with another authority", request("CONNECT", "attacker.example:443", host="attacker.example"), {400, 403, 405}, before_login=True),
    row("CONNECT, then a request", request("CONNECT", "localhost:443", close=False) + HEALTH, {400, 403, 405}, {200, CLOSED}, before_login=True),
    row("OPTIONS *", request("OPTIONS", "*"), {200, 204, 400, 404, 405}),
    row("GET *", request("GET", "*"), {400, 404, 405}),
    row("a method of 4 KiB", request("M" * 4096, "/health"), {400, 405, 431}),
    row("a method of 64 KiB", request("M" * 65536, "/health"), {400, 405, 414, 431}, before_login=True),
    row("a method with a NUL", request("GE\0T", "/health"), 400, before_login=True),
    row("a method with 8 bits", request("G\xc9T", "/health"), 400, before_login=True),
    row("no method", line("", " / HTTP/1.1", 400).payload, 400, before_login=True),
    row("a method override", request("POST", SEARCH, "X-HTTP-Method-Override: DELETE", JSON, body=b"{}"), 200),
    row("all method overrides", request("GET", GET_RUN, "X-HTTP-Method: DELETE", "X-Method-Override: DELETE", "X-HTTP-Method-Override: POST"), 200),
    row("a method in the query", request("GET", GET_RUN + "&_method=DELETE"), {200, 400}),
    row("HEAD with a body", request("HEAD", "/health", "Content-Length: 5", body=b"12345", length=False), {200, 400, 405}, before_login=True),
]  # fmt: skip

LINES = [
    line("HTTP/0.9", "GET /health", 400, before_login=True),
    row("HTTP/0.9 without a header", b"GET /health\r\n\r\n" + HEALTH, 400, before_login=True),
    line("HTTP/0.9 with a version", "GET /health HTTP/0.9", 400, before_login=True),
    line("HTTP/1.2", "GET /health HTTP/1.2", 400, before_login=True),
    line("HTTP/2.0", "GET /health HTTP/2.0", 400, before_login=True),
    line("HTTP/1.10", "GET /health HTTP/1.10", 400, before_login=True),
    line("http/1.1", "GET /health http/1.1", 400, before_login=True),
    line("HTTP/1,1", "GET /health HTTP/1,1", 400, before_login=True),
    line("HTTPS/1.1", "GET /health HTTPS/1.1", 400, before_login=True),
    line("two spaces before the target", "GET  /health HTTP/1.1", 400, before_login=True),
    line("two spaces after the target", "GET /health  HTTP/1.1", 400, before_login=True),
    line("a tab before the target", "GET\t/health HTTP/1.1", 400, before_login=True),
    line("a space in the target", "GET /hea lth HTTP/1.1", 400, before_login=True),
    line("a tab in the target", "GET /hea\tlth HTTP/1.1", 400, before_login=True),
    line("a NUL in the target", "GET /hea\0lth HTTP/1.1", 400, before_login=True),
    line("a bare CR in the target", "GET /hea\rlth HTTP/1.1", 400, before_login=True),
    line("a vertical tab at the end", "GET /health HTTP/1.1\x0b", 400, before_login=True),
    line("8 bits in the target", "GET /h\xe9alth HTTP/1.1", {400, 404}, before_login=True),
    line("a target that is not UTF-8", "GET /h\xff\xfe HTTP/1.1", {400, 404}, before_login=True),
    line("no slash", "GET health HTTP/1.1", 400, before_login=True),
    line("a target of dots", "GET .. HTTP/1.1", {400, 403, 404}, before_login=True),
    line("backslashes", "GET \\health HTTP/1.1", 400, before_login=True),
    line("a fragment", "GET /health#/../version HTTP/1.1", {200, 400, 404}, before_login=True),
    line("a quoted target", 'GET "/health" HTTP/1.1', 400, before_login=True),
    line("an absolute target", "GET http://localhost/health HTTP/1.1", 200, before_login=True),
    line("an absolute target with another host", f"GET http://attacker.example{SEARCH} HTTP/1.1", {400, 403}, before_login=True),
    line("an absolute target with a user", "GET http://a:b@localhost/health HTTP/1.1", {400, 403}, before_login=True),
    line("an absolute target with another scheme", "GET gopher://localhost/health HTTP/1.1", {200, 400, 403, 404}, before_login=True),
    line("an absolute target with a file", "GET file:///etc/passwd HTTP/1.1", {400, 403, 404}, before_login=True),
    line("an absolute target without a path", "GET http://localhost HTTP/1.1", {200, 400}, before_login=True),
    line("an absolute target with an empty host", "GET http:///health HTTP/1.1", {400, 403}, before_login=True),
    row("an absolute target that is ours, Host that is not", request("GET", f"http://localhost{GET_RUN}", host="attacker.example"), {400, 403}, before_login=True),
    row("an absolute target that is not ours, Host that is", request("GET", f"http://attacker.example{GET_RUN}"), {400, 403}, before_login=True),
    line("a scheme-relative target", "GET //attacker.example/health HTTP/1.1", {400, 403, 404}),
    row("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), {400, CLOSED}, before_login=True),
    row("the hello of TLS 1.3", bytes.fromhex("1603010200010001fc0303") + bytes(range(256)) * 2, {400, CLOSED}, half_close=True, before_login=True),
    row("the hello of SSH", b"SSH-2.0-OpenSSH_9.9\r\n", {400, CLOSED}, half_close=True, before_login=True),
    row("the start of PostgreSQL", bytes.fromhex("0000000804d2162f"), {400, CLOSED}, half_close=True, before_login=True),
    row("the PING of Redis", b"*1\r\n$4\r\nPING\r\n", {400, CLOSED}, half_close=True, before_login=True),
    row("a hello of SMTP", b"EHLO attacker.example\r\n", {400, CLOSED}, half_close=True, before_login=True),
    row("a proxy's PROXY line", b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + HEALTH, 400, before_login=True),
    row("a proxy's binary PROXY line", bytes.fromhex("0d0a0d0a000d0a515549540a2111000c") + bytes(12) + HEALTH, {400, CLOSED}, before_login=True),
    row("an answer", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 400, half_close=True, before_login=True),
    row("nothing", b"", CLOSED, half_close=True, before_login=True),
    row("empty lines only", b"\r\n" * 1000, {400, CLOSED}, half_close=True, before_login=True),
    row("64 KiB of empty lines", b"\r\n" * 32768 + HEALTH, {200, 400, 431, CLOSED}, before_login=True),
    row("64 KiB of zeros", bytes(65536), {400, CLOSED}, half_close=True, before_login=True),
    row("a line without an end", b"GET /" + b"a" * 200_000, {400, 414, 431, CLOSED}, half_close=True, before_login=True),
]  # fmt: skip

SIZES = [
    row("a path of 32 KiB and one", request("GET", "/" + "a" * 32768), 414, before_login=True),
    row("a target of 64 KiB and one", request("GET", "/" + "a" * 65536), {414, 431}, before_login=True),
    row("a query of 60,000 bytes", request("GET", f"{GET_RUN}&x={'a' * 60_000}"), {200, 400}),
    row("a query of 64 KiB", request("GET", f"{GET_RUN}&x={'a' * 65536}"), {414, 431}, before_login=True),
    row("20,000 parameters", request("GET", f"{GET_RUN}&" + "a&" * 20_000), {200, 400}),
    row("15,000 run ids", request("GET", f"/ajax-api/2.0/mlflow/metrics/get-history-bulk?metric_key=m&{'run_id=a&' * 7000}"), 400),
    row("15,000 slashes", request("GET", "/" * 15_000), {400, 404}),
    row("10,000 dot segments", request("GET", "/.." * 10_000), {400, 404}),
    row("100 headers", request("GET", "/health", *["X-A: b"] * 98), 200, before_login=True),
    row("101 headers", request("GET", "/health", *["X-A: b"] * 99), 431, before_login=True),
    row("5,000 headers", request("GET", "/health", *["X-A: b"] * 5000), 431, before_login=True),
    row("a header of 60,000 bytes", request("GET", "/health", "X-A: " + "b" * 60_000), 200, before_login=True),
    row("headers of 64 KiB and one", request("GET", "/health", "X-A: " + "b" * 65_500), 431, before_login=True),
    row("a header of 1 MiB", request("GET", "/health", "X-A: " + "b" * 2**20), 431, before_login=True),
    row("a header name of 60,000 bytes", request("GET", "/health", "X" * 60_000 + ": b"), {200, 400, 431}, before_login=True),
    row("a header name of 65,000 bytes", request("GET", "/health", "X" * 65_400 + ": b"), {200, 400, 431}, before_login=True),
]  # fmt: skip

ROUTES = [
    *map(
        unknown,
        [
            "/etc/passwd", "/%3Cscript%3E", "/.git/config", "/.env", "/wp-login.php", "/cgi-bin/test", "/server-status",
            "/api/2.0/mlflow/runs/get/../search", "/api/2.0/mlflow/runs//get", "//api/2.0/mlflow/runs/get", "/api/2.0/mlflow/runs/get/",
            "/api/2.0/mlflow/runs/get/.", "/api/2.0/mlflow/runs/get/..", "/api/2.0/./mlflow/runs/get", "/api/2.0/mlflow/runs%2fget", "/api%2f2.0/mlflow/runs/get",
            "/api/2.0/mlflow/runs/%2e%2e/runs/get", "/api/2.0/mlflow/runs/get%00", "/api/2.0/mlflow/runs/get%20", "/api/2.0/mlflow/runs/get;a=b",
            "/API/2.0/mlflow/runs/get", "/api/2.0/mlflow/runs/GET", "/api/9.9/mlflow/runs/get", "/api/2.0/mlflow/runs/get%0d%0aSet-Cookie:a=b",
            "/api/2.0/mlflow\\runs\\get", "/api/2.0/mlflow/%72uns%5cget", "/api/2.0/mlflow/runs/%ff",
            "/static-files/../../etc/passwd", "/static-files/%2e%2e/%2e%2e/etc/passwd", "/static-files/..%2f..%2fetc%2fpasswd", "/static-files/%00",
            "/static-files//etc/passwd", "/static-files/%252e%252e/x", "/static-files/a%5c..%5cb", "/static-files/" + "a" * 5000,
        ],
    ),
    row("a script in a path", request("GET", "/<script>alert(1)</script>"), {400, 404}, before_login=True),
    row("static files of the folder", request("GET", "/static-files/"), {400, 404}),
    row("an answer is not split by a path", request("GET", "/%0d%0aX-Evil:%201"), 404),
    row("an answer is not split by a name", request("GET", f"{API}/registered-models/get?name=%0d%0aX-Evil:%201"), {400, 404}),
    row("an encoded letter in a route", request("GET", f"/api/2.0/mlflow/%72uns/get?run_id={RUN}"), {200, 404}),
    row("a run id with a trailing NUL", request("GET", f"{API}/runs/get?run_id={RUN}%00"), {400, 404}),
    row("a run id in capitals", request("GET", f"{API}/runs/get?run_id=" + RUN.upper()), {200, 400, 404}),
    row("two run ids", request("GET", f"{GET_RUN}&run_id=../../etc"), {200, 400}),
    row("a run id of 10,000 bytes", request("GET", f"{API}/runs/get?run_id={'a' * 10_000}"), {400, 404}),
    row("a run id that is a path", request("GET", f"{API}/runs/get?run_id=..%2f..%2fetc%2fpasswd"), {400, 404}),
    row("a run id that is not UTF-8", request("GET", f"{API}/runs/get?run_id=%ff%fe"), {400, 404}),
    row("a broken percent escape", request("GET", f"{API}/runs/get?run_id=%zz%"), {400, 404}),
    row("a semicolon between parameters", request("GET", f"{API}/runs/get?a=b;run_id={RUN}"), {400, 404}),
    row("a wrong method of a route", request("DELETE", GET_RUN), {404, 405}),
    row("a read that changes", request("GET", f"{API}/runs/delete?run_id={RUN}"), {404, 405}),
    row("an original URL", request("GET", "/health", "X-Original-URL: /etc/passwd", f"X-Rewrite-URL: {GET_RUN}"), 200, before_login=True, check=lambda _, answers: is_health(answers)),
    row("a file below a file route", request("GET", f"{FILES}/artifacts/0%2f..%2f..%2fmlflow.db"), 400),
    row("a body that says another run", post("runs/get", {"run_id": RUN}), {404, 405}),
]  # fmt: skip


def is_health(answers):
    assert answers[0].body == b"OK" and len(answers[0].body) < 16


ROWS = METHODS + LINES + SIZES + ROUTES

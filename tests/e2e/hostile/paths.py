"""Names of files that must reach nothing, and every operation that takes one. security.md, section 3."""

from hostile.raw import request
from hostile.rows import API, FILES, JSON, MODEL, RUN

LONG = "/".join(["a" * 100] * 41)

# As a client writes them in a URL, after one percent-encoding.
REFUSED = [
    "..", "../x", "../../../../etc/passwd", "a/../../x", "a/..", "./a", "a/./b", ".", "a//b", "/etc/passwd", "//etc/passwd", "///",
    "a/../../../../../../../../etc/passwd", "0/../0/..", ".%2e", "%2e.", "%2E%2E", "%2e%2e", "%2e%2e/x", "..%2fx", "..%2f..%2fetc%2fpasswd", "a%2f..%2f..%2fx", "%2e%2e%2f%2e%2e%2fx",
    "%2fetc%2fpasswd", "%2f", "%2f%2f", "a%2f%2fb", "%2e", "%2e%2f", "a%2f.", "a%2f..",
    # Twice, three times, five times.
    "%252e%252e", "%252e%252e/x", "%252e%252e%252fx", "..%252fx", "%252fetc%252fpasswd", "a%252f..%252f..%252fx", "%25252e%25252e/x", "..%25252fx", "%252525252e%252525252e/x",
    "%25%32%65%25%32%65/x", "%%32%65%%32%65/x", "a%2500b", "a%25%30%30", "a%255cb", "%255c..", "..%255cx",
    # Not UTF-8: overlong forms, halves, surrogates.
    "%ff", "%c0%ae%c0%ae/x", "..%c0%afx", "%e0%80%ae%e0%80%ae/x", "%f0%80%80%ae", "%c0%80", "%ed%a0%80", "%ed%b0%80x", "%f5%80%80%80", "a%c3", "%80", "%fe%ff",
    # Backslashes, drives, UNC.
    "..%5cx", "a%5c..%5cb", "%5cx", "%5c%5chost%5cshare", "a%5c", "C:/x", "C:", "c:x", "C%3a%5cx", "C%3a/x", "z%3A", "%5c%5c.%5cCOM1", "%5c%5c%3f%5cC%3a%5cx",
    # URIs.
    "file:///etc/passwd", "file%3a/etc/passwd", "file:%2f%2f%2fetc", "FILE:/etc/passwd", "http://attacker.example/x", "http%3a%2f%2fattacker.example", "s3%3a%2f%2fb%2fk", "mlflow-artifacts%3a/x", "runs%3a/x/y", "models%3a/m/1", "gopher%3a//x",
    # Control characters, and what begins a query or fragment.
    "%00", "a%00b", "a%00/../b", "..%00", "kept.txt%00.png", "%01", "a%0ab", "a%0db", "a%0d%0aX-Evil:%201", "a%09b", "a%1bb", "a%7fb", "a%c2%85b", "a%23b", "a%3fb", "%23", "%3f", "a%2523b", "a%253fb",
    # Names of the server's own.
    ".oxflow-tmp", ".oxflow-tmp/x", "a/.oxflow-tmp", "%2eoxflow-tmp/x", ".oxflow-tmp%2fx",
    # Lengths: a segment, the whole, how many segments.
    "a" * 256, "b/" + "%c3%a9" * 128, "a/" * 128 + "a", LONG, "%2e%2e%2f" * 500 + "x", "%25" * 1000 + "2e",
]  # fmt: skip

# Look like the above and are names: they reach nothing either, because there is no such file.
ODD = [
    "...", "....", "..x", "x..", ".%20.", "%2e%2e%20", "%20..", "..%e2%80%8b", "%ef%bc%8e%ef%bc%8e", "%ef%bc%8e%ef%bc%8e%ef%bc%8fx", "%e2%80%a5", "%e2%80%ae..", "%e2%88%95etc", "%ef%bc%bcx", "%d8%a7", "~root", "$HOME", "$(id)", "%60id%60",
    "%7b%7bx%7d%7d", "a;b", "a&b", "a'b", "a%22b", "%3cscript%3e", "-rf", "*", "con", "nul", "aux.txt", "%u002e%u002e", "a%25b", "a%20b", "e%cc%81", "%f0%9f%a6%80",
    "a" * 255, "/".join("a" * 120),
]  # fmt: skip

# What takes a name in its path, and what takes it in its query.
IN_PATH = [
    ("GET", FILES + "/artifacts/"),
    ("HEAD", FILES + "/artifacts/"),
    ("PUT", FILES + "/artifacts/"),
    ("DELETE", FILES + "/artifacts/"),
    ("GET", "/ajax-api/2.0/mlflow-artifacts/artifacts/"),
    ("POST", FILES + "/mpu/create/"),
    ("POST", FILES + "/mpu/complete/"),
    ("POST", FILES + "/mpu/abort/"),
    ("GET", FILES + "/presigned/"),
    ("PUT", FILES + "/mpu/part/"),
    ("GET", FILES + "/signed/"),
]
CHANGING = ["upload-artifact", "mpu/create"]
IN_QUERY = [
    ("GET", f"/get-artifact?run_id={RUN}&path="),
    ("GET", f"/get-artifact?run_uuid={RUN}&path="),
    ("GET", "/model-versions/get-artifact?name=kept&version=1&path="),
    ("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={RUN}&path="),
    ("GET", f"/ajax-api/2.0/mlflow/logged-models/{MODEL}/artifacts/files?artifact_file_path="),
    ("GET", f"/api/oxflow/v1/artifacts/preview?run_id={RUN}&path="),
    ("GET", f"{FILES}/artifacts?path="),
    ("GET", f"{API}/artifacts/list?run_id={RUN}&path="),
    ("GET", f"{API}/logged-models/{MODEL}/artifacts/directories?artifact_directory_path="),
    ("GET", f"/api/oxflow/v1/artifacts/head?run_id={RUN}&path="),
    ("GET", f"/api/oxflow/v1/artifacts/zip?run_id={RUN}&path="),
]
IN_BODY = [f"{API}/artifacts/presigned-upload-url", f"{API}/artifacts/presigned-download-url"]


def requests_with(name, changes=True):
    """Every operation on this name; without those that would change something if it is a good one."""
    # In a query a plus is a space, and these end a value.
    quoted = name.replace("+", "%2b").replace("&", "%26").replace(";", "%3b")
    for method, path in IN_PATH + IN_QUERY:
        if not changes and (method in ("PUT", "DELETE") or any(word in path for word in CHANGING)):
            continue
        # A client would resolve a plain `..` before it sends it.
        target = path + (quoted if "?" in path else name)
        body = {"PUT": b"x", "POST": b'{"path":"x"}'}.get(method, b"")
        yield request(method, target, JSON, body=body)

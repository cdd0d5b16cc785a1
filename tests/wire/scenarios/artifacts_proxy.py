"""The artifact proxy: upload, download, list, delete, and which paths it takes."""

from record import Difference, error, query, refused

ROOT = "/api/2.0/mlflow-artifacts/artifacts"
STRICT = refused("artifact-path-is-strict", "Invalid path")


def record(recorder):
    with recorder.scenario("a file goes up, is listed, comes down and is deleted") as s:
        s.put(ROOT + "/wire-one/dir/a.txt", text="hello")
        s.put(ROOT + "/wire-one/dir/b.bin", bytes_=bytes([0, 255, 1, 254]))
        s.put(ROOT + "/wire-one/dir/sub/c.txt", text="deep")
        s.put(ROOT + "/wire-one/empty", text="")
        s.get(ROOT, query(path="wire-one"))
        s.get(ROOT, query(path="wire-one/dir"))
        s.get(ROOT, query(path="wire-one/dir/"))
        s.get(ROOT + "/wire-one/dir/a.txt")
        s.get(ROOT + "/wire-one/dir/b.bin")
        s.get(ROOT + "/wire-one/empty")
        s.put(ROOT + "/wire-one/dir/a.txt", text="replaced")
        s.get(ROOT + "/wire-one/dir/a.txt")
        s.delete(ROOT + "/wire-one/dir/a.txt")
        s.get(ROOT + "/wire-one/dir/a.txt", status=404)
        s.delete(ROOT + "/wire-one/dir/a.txt")
        s.delete(ROOT + "/wire-one/dir")
        s.get(ROOT, query(path="wire-one"))

    with recorder.scenario("the proxy is also served under ajax-api") as s:
        ajax = ROOT.replace("/api/", "/ajax-api/")
        s.put(ajax + "/wire-ajax/a.txt", text="hello")
        s.get(ajax + "/wire-ajax/a.txt")
        s.get(ajax, query(path="wire-ajax"))
        s.delete(ajax + "/wire-ajax/a.txt")

    with recorder.scenario("what is not there") as s:
        s.get(ROOT + "/wire-nothing/a.txt", status=404)
        s.get(ROOT, query(path="wire-nothing"))
        s.delete(ROOT + "/wire-nothing")
        s.put(ROOT + "/wire-file/a.txt", text="x")
        s.get(ROOT, query(path="wire-file/a.txt"))
        slug = "artifact-errors-are-json"
        is_folder = "Artifact path refers to a directory, not a file: 'wire-file'"
        s.get(ROOT + "/wire-file", status=400, oxflow=refused(slug, is_folder))
        no_name = "Artifact path must include a filename (cannot end with '/')."
        s.put(ROOT + "/wire-file/", text="x", status=400, oxflow=refused(slug, no_name))

    with recorder.scenario("a file cannot take the place of a folder, nor a folder of a file") as s:
        s.put(ROOT + "/wire-kind/dir/a.txt", text="x")
        slug = Difference("upload-onto-folder", 400, error("INVALID_PARAMETER_VALUE"))
        s.put(ROOT + "/wire-kind/dir", text="x", status=500, no_body=True, oxflow=slug)
        s.put(ROOT + "/wire-kind/dir/a.txt/b.txt", text="x", status=500, no_body=True, oxflow=slug)
        s.get(ROOT + "/wire-kind/dir/a.txt")

    with recorder.scenario("names round-trip") as s:
        names = [
            "a%20b.txt",
            "%C3%A9.txt",
            "a+b",
            "a%2Bb",
            "~x",
            "...",
            "..x",
            "a%25b",
            "a@b",
            "a=b&c",
            "a(1),b;c",
            "%E6%97%A5%E6%9C%AC.json",
            "%F0%9F%90%82",
            # An image that the clients 2.22 and 3.6 logged with key and step.
            "dog%25step%2510%25timestamp%251795252641760%25z3128d4d.png",
        ]
        for index, name in enumerate(names):
            s.put(f"{ROOT}/wire-names/{name}", text=str(index))
            s.get(f"{ROOT}/wire-names/{name}")
        s.get(ROOT, query(path="wire-names"))
        s.put(f"{ROOT}/wire-names/{'n' * 255}", text="long")
        s.get(f"{ROOT}/wire-names/{'n' * 255}")

    with recorder.scenario("paths that leave the root are refused") as s:
        for path in [
            "../x",
            "%2e%2e/x",
            "wire/..%2fx",
            "wire/../../x",
            "%252e%252e/x",
            "wire/%25252e%25252e/x",
            "/abs",
            "C:/x",
            "file:/etc/x",
            "file:///etc/x",
            "a%23b",
            "wire/..",
        ]:
            s.put(f"{ROOT}/{path}", text="x", status=400)
            s.get(f"{ROOT}/{path}", status=400)
            redirected = path == "/abs"
            s.delete(f"{ROOT}/{path}", status=308 if redirected else 400, oxflow=STRICT if redirected else None)
        for path in ["..", "../x", "/", "/etc", "wire/../x", "%2e%2e", "%252e%252e", "C:/x", "file:///etc", "a%23b"]:
            s.get(ROOT, "path=" + path, status=400)

    with recorder.scenario("paths that MLflow takes and Oxflow refuses") as s:
        for path, put in [
            ("wire-strict/a//b", 200),
            ("wire-strict/a%5cb", 200),
            ("wire-strict/a%5c..%5cb", 200),
            ("wire-strict/a%3fb", 200),
            ("wire-strict/a%00b", 200),
            ("wire-strict/./a", 500),
            ("./wire-strict", 500),
            ("http:/wire-strict/y", 500),
            ("wire-strict/" + "n" * 256, 500),
            (".", 500),
        ]:
            s.put(f"{ROOT}/{path}", text="x", status=put, no_body=True, oxflow=STRICT)
        s.put(f"{ROOT}/wire-strict/a%0ab", text="x", status=404, oxflow=STRICT)
        s.get(f"{ROOT}/wire-strict/a%5cb", no_body=True, oxflow=STRICT)
        s.get(f"{ROOT}/./wire-strict", status=400, oxflow=STRICT)

    with recorder.scenario("the root itself is not deleted") as s:
        s.put(f"{ROOT}/wire-root/a.txt", text="x")
        s.delete(f"{ROOT}/wire-root/..", status=400)
        s.delete(f"{ROOT}/", status=404, oxflow=refused("artifact-root-is-not-deleted"))
        # MLflow empties the whole store and then answers 500.
        s.delete(f"{ROOT}/.", status=500, oxflow=refused("artifact-root-is-not-deleted", "Invalid path"))
        s.delete(ROOT, status=405, oxflow=Difference("wrong-method-is-json", 405, "<any>"))

    with recorder.scenario("the content type of a download follows its name") as s:
        for name in [
            "t.txt",
            "l.log",
            "c.cfg",
            "i.ini",
            "y.yaml",
            "y.yml",
            "x.xml",
            "j.json",
            "s.js",
            "p.py",
            "c.csv",
            "t.tsv",
            "m.md",
            "r.rst",
            "n.ipynb",
            "MLmodel",
            "MLproject",
            "h.html",
            "p.png",
            "j.jpg",
            "g.gif",
            "s.svg",
            "d.pdf",
            "z.zip",
            "m.mp4",
            "w.wav",
            "b.bin",
            "p.pkl",
            "noext",
            "T.TXT",
            "a.tar.gz",
            "q.parquet",
        ]:
            s.put(f"{ROOT}/wire-types/{name}", text="x")
            s.get(f"{ROOT}/wire-types/{name}", no_body=True, keep_headers=["content-type"])

    with recorder.scenario("a download says what it is") as s:
        kept = ["content-type", "content-disposition", "content-length", "accept-ranges", "x-content-type-options"]
        s.put(f"{ROOT}/wire-headers/a.txt", text="0123456789")
        s.get(f"{ROOT}/wire-headers/a.txt", keep_headers=kept)
        s.call("HEAD", f"{ROOT}/wire-headers/a.txt", keep_headers=["content-type", "content-length"])
        s.put(f"{ROOT}/wire-headers/a%20b.txt", text="x")
        s.get(f"{ROOT}/wire-headers/a%20b.txt", keep_headers=["content-disposition"])
        s.put(f"{ROOT}/wire-headers/%C3%A9.txt", text="x")
        s.get(f"{ROOT}/wire-headers/%C3%A9.txt", keep_headers=["content-disposition"])
        s.put(f"{ROOT}/wire-headers/a%22b.txt", text="x")
        plain = Difference("download-name-is-plain", 200)
        s.get(f"{ROOT}/wire-headers/a%22b.txt", keep_headers=["content-disposition"], oxflow=plain)

    with recorder.scenario("a part of a file") as s:
        s.put(f"{ROOT}/wire-range/a.txt", text="0123456789")
        for wanted, status in [
            ("bytes=2-4", 206),
            ("bytes=-3", 206),
            ("bytes=7-", 206),
            ("bytes=0-99", 206),
            ("bytes=9-9", 206),
            ("bytes=10-", 416),
            ("bytes=20-30", 416),
        ]:
            s.get(
                f"{ROOT}/wire-range/a.txt",
                headers={"range": wanted},
                status=status,
                no_body=status == 416,
                keep_headers=["content-range"],
            )

    with recorder.scenario("multipart uploads and presigned downloads are not there for a local folder") as s:
        mpu = "/api/2.0/mlflow-artifacts/mpu"
        works = Difference("parts-on-a-folder", 200)
        gone = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "<any>"}
        gone |= {"sqlstate": "KAM00", "error_class": "RESOURCE_NOT_FOUND"}
        missing = Difference("parts-on-a-folder", 404, gone)
        s.post(mpu + "/create/wire-mpu", {"path": "a", "num_parts": 2}, status=501, oxflow=works)
        s.post(
            mpu + "/complete/wire-mpu",
            {"path": "a", "upload_id": "u", "parts": [{"part_number": 1, "etag": "e", "url": "u"}]},
            status=501,
            oxflow=missing,
        )
        s.post(mpu + "/abort/wire-mpu", {"path": "a", "upload_id": "u"}, status=501, oxflow=works)
        s.post(mpu + "/create/wire-mpu", {}, status=400)
        s.post(mpu + "/create/..%2fx", {"path": "a", "num_parts": 2}, status=400)
        s.get("/api/2.0/mlflow-artifacts/presigned/wire-mpu/a", status=501, oxflow=missing)
        s.get("/api/2.0/mlflow-artifacts/presigned/..%2fx", status=400)

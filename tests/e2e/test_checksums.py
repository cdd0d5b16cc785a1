"""Checksums of artifacts: kept as they come, sent with them, and compared by `oxflow verify artifacts`."""

import base64
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import threading

import pytest
import requests
from servers import Api, clean_environment
from test_gc import gc_json
from test_object_stores import S3

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("OXFLOW_SERVER_COMMAND")), reason="only Oxflow keeps checksums"
)

CONTENT = b"some bytes " * 100_000


def proxied(server, path):
    return f"{server.url}/api/2.0/mlflow-artifacts/artifacts/{path}"


def put(server, path, content=CONTENT):
    requests.put(proxied(server, path), content).raise_for_status()


def about(server, path, **headers):
    """Entity tag and digest of an artifact, as the server sends them."""
    answer = requests.get(proxied(server, path), headers=headers)
    assert answer.status_code in (200, 206), answer.text
    return answer.headers["etag"], answer.headers.get("repr-digest")


def of(content):
    digest = hashlib.sha256(content)
    return f'"sha256-{digest.hexdigest()}"', f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"


def verify(server, *flags, code=0, destination=None, **variables):
    """Runs `oxflow verify artifacts` on what a server keeps."""
    done = subprocess.run(
        [
            os.environ["OXFLOW_BIN"],
            "verify",
            "artifacts",
            "--backend-store-uri",
            server.database.uri,
            "--artifacts-destination",
            destination or str(server.artifacts),
            *flags,
        ],
        cwd=server.folder,
        env=clean_environment(**variables),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def verify_json(server, *flags, **rest):
    answer = json.loads(verify(server, "--json", *flags, **rest))
    answer["wrong"] = {one["path"]: one["kind"] for one in answer["wrong"]}
    return answer


def rewrite(path, content, keeps_time):
    """Writes into a file in place, as another program, or as a disk that forgets."""
    path = pathlib.Path(path)
    before = path.stat()
    path.write_bytes(content)
    if keeps_time:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_comes_through_the_server_has_a_checksum(new_oxflow):
    server = new_oxflow().start()
    name = "1/run/artifacts/ä b.bin"
    put(server, name)
    put(server, "1/run/artifacts/empty", b"")
    assert about(server, name) == of(CONTENT)
    assert about(server, name, range="bytes=0-9") == of(CONTENT)
    assert about(server, "1/run/artifacts/empty") == of(b"")
    known = requests.get(proxied(server, name), headers={"if-none-match": of(CONTENT)[0]})
    assert known.status_code == 304 and not known.content
    put(server, name, b"other")
    assert about(server, name) == of(b"other")
    # Who writes beside the server makes it unknown.
    file = pathlib.Path(server.artifacts, name)
    rewrite(file, b"OTHER", keeps_time=False)
    tag, digest = about(server, name)
    assert digest is None and tag != of(b"other")[0]
    # The same bytes have the same tag, also after a restart and for another file.
    put(server, "copy", b"other")
    server.stop()
    server.start()
    assert about(server, "copy") == of(b"other")


def test_pages_and_runs_tell_it_too(new_oxflow):
    server = new_oxflow().start()
    api = Api(server.url)
    run = api.post("runs/create", experiment_id="0")["run"]["info"]
    folder = run["artifact_uri"].removeprefix("mlflow-artifacts:/")
    put(server, f"{folder}/model/weights.bin")
    upload = requests.post(
        f"{server.url}/ajax-api/2.0/mlflow/upload-artifact",
        params={"run_uuid": run["run_id"], "path": "small.txt"},
        data=b"from a page",
    )
    upload.raise_for_status()
    for path, content in [("model/weights.bin", CONTENT), ("small.txt", b"from a page")]:
        asked = {"run_id": run["run_id"], "path": path}
        head = requests.get(f"{server.url}/api/oxflow/v1/artifacts/head", params=asked).json()
        assert head["sha256"] == hashlib.sha256(content).hexdigest()
        got = requests.get(f"{server.url}/get-artifact", params=asked)
        assert (got.headers["etag"], got.headers["repr-digest"]) == of(content)
    folder_head = requests.get(
        f"{server.url}/api/oxflow/v1/artifacts/head", params={"run_id": run["run_id"], "path": "model"}
    )
    assert folder_head.json()["sha256"] is None


@pytest.mark.parametrize("restart", [False, True])
def test_an_upload_in_parts_has_one(new_oxflow, restart):
    """It is computed while the parts come; after a restart, at the end. Parts in any order, one of them twice."""
    server = new_oxflow(variables={"MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true"}).start()
    url = f"{server.url}/api/2.0/mlflow-artifacts/mpu"
    contents = [bytes([number]) * 6_000_000 for number in range(1, 6)] + [b"end"]
    begun = requests.post(f"{url}/create/folder", json={"path": "large", "num_parts": len(contents)}).json()
    etags = {}
    for index in [1, 0, 5, 2, 2, 4, 3]:
        if restart and index == 4:
            server.stop()
            server.start()
        target = begun["credentials"][index]["url"].partition("/api/")[2]
        sent = requests.put(f"{server.url}/api/{target}", contents[index])
        sent.raise_for_status()
        etags[index] = sent.headers["etag"]
    url = f"{server.url}/api/2.0/mlflow-artifacts/mpu"
    parts = [{"part_number": index + 1, "etag": etag} for index, etag in etags.items()]
    body = {"path": "large", "upload_id": begun["upload_id"], "parts": parts}
    requests.post(f"{url}/complete/folder", json=body).raise_for_status()
    assert about(server, "folder/large") == of(b"".join(contents))
    assert verify_json(server)["same"] == 1
    # Asked again, it is the same; the checksum of what replaced it stays, too.
    requests.post(f"{url}/complete/folder", json=body).raise_for_status()
    assert about(server, "folder/large") == of(b"".join(contents))
    put(server, "folder/large", b"newer")
    requests.post(f"{url}/complete/folder", json=body).raise_for_status()
    assert about(server, "folder/large") == of(b"newer")


def test_what_is_read_again_is_compared(new_oxflow):
    server = new_oxflow().start()
    names = ["1/r/same", "1/r/damaged", "1/r/changed", "1/r/missing", "1/r/restored", "2/r/elsewhere"]
    for name in names:
        put(server, name, name.encode())
    fine = verify_json(server)
    assert fine["wrong"] == {} and fine["read"] == fine["same"] == 6
    assert fine["read_bytes"] == sum(map(len, names))
    root = pathlib.Path(server.artifacts)
    rewrite(root / names[1], b"1/r/DAMAGED", keeps_time=True)
    rewrite(root / names[2], b"something else", keeps_time=False)
    (root / names[3]).unlink()
    rewrite(root / names[4], names[4].encode(), keeps_time=False)
    (root / "1/r/new").write_bytes(b"new")
    text = verify(server, code=1)
    assert "damaged     1/r/damaged: SHA-256 " in text and "6 artifacts" in text and "3 wrong" in text
    wrong = {"1/r/damaged": "damaged", "1/r/changed": "changed", "1/r/missing": "missing"}
    found = verify_json(server, code=1)
    # The restored one was noted the first time.
    assert found["wrong"] == wrong and (found["same"], found["restored"]) == (3, 0)
    assert about(server, "1/r/restored") == of(b"1/r/restored")
    below = verify_json(server, "--below", "2/r")
    assert below["wrong"] == {} and below["read"] == 1
    accepted = verify_json(server, "--accept-changes", "--add", code=1)
    assert accepted["wrong"] == {"1/r/damaged": "damaged"}
    assert (accepted["accepted"], accepted["added"]) == (2, 1)
    assert about(server, "1/r/new") == of(b"new")
    # A new upload mends what is damaged.
    put(server, "1/r/damaged", b"again")
    assert verify_json(server)["wrong"] == {}


def test_a_database_without_checksums_is_told(new_oxflow):
    server = new_oxflow().start()
    server.stop()
    server.database.execute("DROP TABLE oxflow_artifact_digests")
    done = subprocess.run(
        [os.environ["OXFLOW_BIN"], "verify", "artifacts", "--backend-store-uri", server.database.uri],
        cwd=server.folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "keeps no checksums" in done.stderr
    server.start()
    put(server, "a")
    assert about(server, "a") == of(CONTENT)


def test_a_folder_that_is_not_there_makes_nothing_missing(new_oxflow, tmp_path):
    server = new_oxflow().start()
    put(server, "a")
    verify(server, "--accept-changes", destination=str(tmp_path / "elsewhere"), code=2)
    assert verify_json(server)["same"] == 1


def test_what_is_deleted_is_forgotten(new_oxflow):
    server = new_oxflow().start()
    api = Api(server.url)
    run = api.post("runs/create", experiment_id="0")["run"]["info"]
    folder = run["artifact_uri"].removeprefix("mlflow-artifacts:/")
    for path in [f"{folder}/a", f"{folder}/b/c", "0/other/x", "0/other/y"]:
        put(server, path)
    requests.delete(proxied(server, "0/other/x")).raise_for_status()
    assert verify_json(server)["read"] == 3
    api.post("runs/delete", run_id=run["run_id"])
    assert gc_json(server)["removed"]["runs"] == 1
    assert verify_json(server)["read"] == 1


def test_uploads_go_on_while_files_are_read(new_oxflow):
    server = new_oxflow().start()
    for number in range(200):
        put(server, f"1/{number}", b"first")
    reading = subprocess.Popen(
        [
            os.environ["OXFLOW_BIN"],
            *["verify", "artifacts", "--backend-store-uri", server.database.uri],
            *["--artifacts-destination", str(server.artifacts)],
        ],
        cwd=server.folder,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    session = requests.Session()
    while reading.poll() is None:
        for number in range(0, 200, 20):
            session.put(proxied(server, f"1/{number}"), os.urandom(100)).raise_for_status()
    assert reading.returncode == 0, reading.stdout.read()


@pytest.mark.skipif("OXFLOW_TEST_S3" not in os.environ, reason="tools/object-stores runs a command with stores")
def test_an_object_store_is_compared_too(new_oxflow, tmp_path):
    store = S3(f"checksums-{tmp_path.parent.name}-{tmp_path.name}".replace("_", "-"))
    server = new_oxflow(variables=store.variables)
    server.artifacts = store.root
    server.start()
    large = os.urandom(20_000_000)
    put(server, "1/small")
    put(server, "1/large", large)
    assert about(server, "1/small") == of(CONTENT) and about(server, "1/large") == of(large)
    assert verify_json(server, **store.variables)["same"] == 2
    signed = {"MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true"}
    server.stop()
    server.variables = {**server.variables, **signed}
    server.start()
    # Through signed URLs bytes pass the server by: what was known is forgotten, not wrong.
    url = f"{server.url}/api/2.0/mlflow-artifacts/mpu"
    begun = requests.post(f"{url}/create/1", json={"path": "small", "num_parts": 1}).json()
    sent = requests.put(begun["credentials"][0]["url"], b"past the server")
    parts = [{"part_number": 1, "etag": sent.headers["etag"]}]
    body = {"path": "small", "upload_id": begun["upload_id"], "parts": parts}
    requests.post(f"{url}/complete/1", json=body).raise_for_status()
    assert about(server, "1/small")[1] is None
    assert verify_json(server, **store.variables)["read"] == 1
    added = verify_json(server, "--add", **store.variables)
    assert added["added"] == 1 and about(server, "1/small") == of(b"past the server")
    missing = verify_json(server, destination=f"{store.root}-without", code=1, **store.variables)
    assert set(missing["wrong"].values()) == {"missing"}


@pytest.mark.parametrize("replicas", [1, 2])
def test_of_many_uploads_at_once_the_checksum_of_the_one_that_stays_is_kept(new_oxflow, backend, replicas):
    if replicas == 2 and backend == "sqlite":
        pytest.skip("replicas share a PostgreSQL")
    servers = [new_oxflow().start() for _ in range(replicas)]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        for round_ in range(40):
            barrier = threading.Barrier(16)

            def upload(number):
                barrier.wait()
                put(servers[number % replicas], "1/run/artifacts/model.bin", f"{round_} {number} ".encode() * (1 + number * 500))

            list(pool.map(upload, range(16)))
            answer = verify_json(servers[0])
            assert answer["wrong"] == {}, f"round {round_}: {answer}"
            # Where replicas come in each other's way it may be unknown, but no server alone forgets it.
            if replicas == 1:
                assert about(servers[0], "1/run/artifacts/model.bin")[1], f"round {round_}"

"""Names of files at every operation, and what others have planted in the store."""

import ctypes
import json
import os
import pathlib
import socket
import stat
import threading
import urllib.parse

import pytest
from hostile import paths
from hostile.checks import check_answer
from hostile.raw import exchange, request
from hostile.rows import API, FILES, JSON, RUN, replaced


def below(folder):
    """Everything below a folder; of files what is in them."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            path = pathlib.Path(place, name)
            found[path] = path.read_bytes() if path.is_file() and not path.is_symlink() else None
    return found


def send(victim, payload):
    answers = exchange(victim.address, replaced(payload, victim.ids))
    assert len(answers) == 1, f"{len(answers)} answers to {payload[:300]!r}"
    # An error repeats the name.
    check_answer(answers[0], urllib.parse.unquote_to_bytes(payload))
    return answers[0]


@pytest.mark.parametrize("name", paths.REFUSED, ids=lambda name: name[:50])
def test_a_hostile_name_reaches_nothing(victim, name):
    assert send(victim, request("GET", f"{FILES}/signed/x")).status == 403
    before = below(victim.server.folder / "mlartifacts")
    for payload in paths.requests_with(name):
        answer = send(victim, payload)
        assert answer.status in (400, 404), f"{payload[:300]!r}: {answer}"
    decoded = urllib.parse.unquote(name)
    for path in paths.IN_BODY:
        answer = send(victim, request("POST", path, JSON, body=json.dumps({"run_id": victim.run, "path": decoded}).encode()))
        assert answer.status == 400, f"{path} {decoded!r}: {answer}"
    assert below(victim.server.folder / "mlartifacts") == before, "something was written or deleted"


@pytest.mark.parametrize("victim", ["login"], indirect=True)
@pytest.mark.parametrize("name", paths.REFUSED[::4], ids=lambda name: name[:50])
def test_a_hostile_name_of_nobody(victim, name):
    for payload in paths.requests_with(name):
        answer = send(victim, payload)
        assert answer.status in (400, 401, 404), f"{payload[:300]!r}: {answer}"
        if answer.status != 400:
            assert answer.status == 401


@pytest.mark.parametrize("name", paths.ODD, ids=lambda name: name[:50])
def test_an_odd_name_is_that_name(victim, name):
    root = victim.server.folder / "mlartifacts"
    # The first signed URL makes the key.
    assert send(victim, request("GET", f"{FILES}/signed/x")).status == 403
    before = below(root)
    for payload in paths.requests_with(name, changes=False):
        answer = send(victim, payload)
        assert answer.status in (200, 400, 403, 404), f"{payload[:300]!r}: {answer}"
    target = f"{FILES}/artifacts/odd/{name}"
    assert send(victim, request("PUT", target, body=name.encode())).status == 200
    stored = root / "odd" / urllib.parse.unquote(name)
    assert stored.read_bytes() == name.encode()
    assert send(victim, request("GET", target)).body == name.encode()
    assert send(victim, request("DELETE", f"{FILES}/artifacts/odd")).status == 200
    assert below(root) == before


@pytest.fixture
def planted(victim, tmp_path):
    """A folder of the run that others fill, and a secret outside of the store."""
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret")
    folder = victim.server.folder / "mlartifacts" / "0" / victim.run / "artifacts" / "planted"
    folder.mkdir()
    yield folder, secret
    assert secret.read_text() == "a secret"
    assert send(victim, request("DELETE", f"{FILES}/artifacts/0/{RUN}/artifacts/planted")).status == 200
    assert not folder.exists() and secret.read_text() == "a secret"


def every_reading(path):
    """Each way to read a file of the run, also when it is a folder."""
    for prefix in (f"{FILES}/artifacts/0/{RUN}/artifacts/", f"/get-artifact?run_id={RUN}&path=", f"/api/oxflow/v1/artifacts/preview?run_id={RUN}&path="):
        yield request("GET", prefix + path)
    yield request("HEAD", f"{FILES}/artifacts/0/{RUN}/artifacts/{path}")
    yield request("GET", f"{FILES}/artifacts/0/{RUN}/artifacts/{path}", "Range: bytes=0-10")
    for prefix in (f"{FILES}/artifacts?path=0/{RUN}/artifacts/", f"{API}/artifacts/list?run_id={RUN}&path="):
        yield request("GET", prefix + path)
    for own in ("head", "zip"):
        yield request("GET", f"/api/oxflow/v1/artifacts/{own}?run_id={RUN}&path={path}")


def link(target):
    return lambda path, secret: path.symlink_to(target)


def listen(path, secret):
    with socket.socket(socket.AF_UNIX) as server:
        # A path in an address may have 107 bytes.
        back = os.getcwd()
        os.chdir(path.parent)
        try:
            server.bind(path.name)
        finally:
            os.chdir(back)


def device(kind, major, minor):
    def make(path, secret):
        try:
            os.mknod(path, kind | 0o666, os.makedev(major, minor))
        except PermissionError:
            pytest.skip("only root makes devices")

    return make


PLANTED = {
    "link-to-a-file": lambda path, secret: path.symlink_to(secret),
    "link-to-a-folder": lambda path, secret: path.symlink_to(secret.parent),
    "relative-link": lambda path, secret: path.symlink_to(os.path.relpath(secret, path.parent)),
    "link-within-the-store": lambda path, secret: path.symlink_to("../kept.txt"),
    "link-to-the-store": link(".."),
    "link-to-itself": lambda path, secret: path.symlink_to(path.name),
    "link-to-its-folder": link("."),
    "dangling-link": link("/nowhere/at/all"),
    "link-to-the-root": link("/"),
    "link-to-zero": link("/dev/zero"),
    "link-to-stdin": link("/dev/stdin"),
    "link-to-tty": link("/dev/tty"),
    "link-to-environ": link("/proc/self/environ"),
    "link-to-memory": link("/proc/self/mem"),
    "link-to-kmsg": link("/proc/kmsg"),
    "magic-link-to-root": link("/proc/self/root"),
    "magic-link-to-cwd": link("/proc/self/cwd"),
    "magic-link-to-a-descriptor": link("/proc/self/fd/3"),
    "fifo": lambda path, secret: os.mkfifo(path),
    "socket": listen,
    "zero": device(stat.S_IFCHR, 1, 5),
    "random": device(stat.S_IFCHR, 1, 8),
    "tty": device(stat.S_IFCHR, 5, 0),
    "disk": device(stat.S_IFBLK, 7, 0),
}


@pytest.mark.parametrize("what", PLANTED)
def test_what_is_neither_file_nor_folder_is_not_there(victim, planted, what):
    folder, secret = planted
    name = f"{what}.html"
    PLANTED[what](folder / name, secret)
    for path in (f"planted/{name}", f"planted/{name}/secret.txt", f"planted/{name}/self/environ", f"planted/{name}/kept.txt"):
        for payload in every_reading(path):
            answer = send(victim, payload)
            is_empty = answer.status == 200 and b"secret" not in answer.body and b"kept" not in answer.body.replace(path.encode(), b"")
            assert answer.status in (400, 404) or is_empty, f"{payload!r}: {answer}"
            assert answer.body != b"0123456789" and b"a secret" not in answer.body and b"PATH=" not in answer.body
    for payload in every_reading("planted"):
        answer = send(victim, payload)
        assert what.encode() not in answer.body, f"{payload!r} shows the link: {answer}"
    below_it = f"{FILES}/artifacts/0/{RUN}/artifacts/planted/{name}/new.txt"
    assert send(victim, request("PUT", below_it, body=b"new")).status in (400, 404)
    assert send(victim, request("DELETE", f"{FILES}/artifacts/0/{RUN}/artifacts/planted/{name}/secret.txt")).status in (200, 400, 404)
    assert sorted(secret.parent.iterdir()) == [secret]
    # Put on top, it takes the place of the link and not what that leads to.
    onto = f"{FILES}/artifacts/0/{RUN}/artifacts/planted/{name}"
    answer = send(victim, request("PUT", onto, body=b"new"))
    assert answer.status in (200, 400, 404), str(answer)
    assert secret.read_text() == "a secret"


def exchange_names(one, other):
    """renameat2(2) with RENAME_EXCHANGE: at no time is either name missing."""
    here, exchanging = -100, 2
    code = ctypes.CDLL(None, use_errno=True).renameat2(here, os.fsencode(one), here, os.fsencode(other), exchanging)
    assert code == 0, os.strerror(ctypes.get_errno())


def test_a_folder_that_turns_into_a_link_and_back_leaks_nothing(victim, planted):
    folder, secret = planted
    (folder / "real").mkdir()
    (folder / "real" / "secret.txt").write_text("an artifact")
    (folder / "link").symlink_to(secret.parent)
    over = threading.Event()

    def swap():
        while not over.is_set():
            exchange_names(folder / "real", folder / "link")

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        seen = set()
        for number in range(600):
            base = f"{FILES}/artifacts/0/{RUN}/artifacts/planted/real"
            got = send(victim, request("GET", f"{base}/secret.txt"))
            seen.add(got.status)
            assert got.status in (200, 400, 404), str(got)
            assert b"a secret" not in got.body
            if number % 3 == 0:
                send(victim, request("PUT", f"{base}/new{number}.txt", body=b"new"))
                send(victim, request("DELETE", f"{base}/new{number}.txt"))
    finally:
        over.set()
        thread.join()
    assert 200 in seen, "the file was never there: nothing was tested"
    assert sorted(secret.parent.iterdir()) == [secret]


def test_names_that_are_not_utf_8_break_no_list(victim, planted):
    folder, _ = planted
    for name in (b"\xff\xfe", b"a\nb", b"a\\b", b"c%2fd", b"#", b"?", b"file:", b"\x01", b" ", b"\xed\xa0\x80"):
        pathlib.Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(b"x")
    (folder / "good.txt").write_text("good")
    for payload in every_reading("planted"):
        answer = send(victim, payload)
        assert answer.status in (200, 400, 404), str(answer)
    listed = send(victim, request("GET", f"{FILES}/artifacts?path=0/{RUN}/artifacts/planted"))
    assert "good.txt" in [entry["path"] for entry in json.loads(listed.body)["files"]]


def test_a_deep_tree_is_listed_and_deleted(victim, planted):
    folder, _ = planted
    place = os.open(folder, os.O_RDONLY)
    for _ in range(2000):
        os.mkdir("d", dir_fd=place)
        place, above = os.open("d", os.O_RDONLY, dir_fd=place), place
        os.close(above)
    os.close(place)
    for payload in every_reading("planted"):
        answer = send(victim, payload)
        assert answer.status in (200, 400, 404), str(answer)


def test_a_sparse_file_of_eight_tebibytes_is_read_in_pieces(victim, planted):
    folder, _ = planted
    size = 8 * 2**40
    with open(folder / "sparse.html", "wb") as file:
        try:
            file.truncate(size)
        except OSError:
            size = 2**40
            file.truncate(size)
    base = f"{FILES}/artifacts/0/{RUN}/artifacts/planted/sparse.html"
    head = exchange(victim.address, replaced(request("HEAD", base), victim.ids))[0]
    assert (head.status, head.header("content-length")) == (200, str(size))
    part = send(victim, request("GET", base, f"Range: bytes={size - 5}-"))
    assert (part.status, part.body) == (206, bytes(5))
    shown = send(victim, request("GET", f"/api/oxflow/v1/artifacts/head?run_id={RUN}&path=planted/sparse.html"))
    assert json.loads(shown.body)["file_size"] == size

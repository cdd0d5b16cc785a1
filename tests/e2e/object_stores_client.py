"""A day with artifacts, by whichever mlflow runs this: object_stores_client.py FOLDER LARGE_MIB."""

import hashlib
import os
import pathlib
import sys

import mlflow
from mlflow import MlflowClient

folder, large_mib = pathlib.Path(sys.argv[1]), int(sys.argv[2])
ODD = ["a b.txt", "ümlaut-日本.txt", "(1)[2].txt", "empty.bin"]


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


many = folder / "up" / "many"
for directory in range(10):
    (many / str(directory)).mkdir(parents=True)
    for i in range(10):
        (many / str(directory) / f"{i}.txt").write_text(str(i))
for i in range(90):
    (many / f"{i:03}.txt").write_text(f"file {i}")
odd = folder / "up" / "odd"
odd.mkdir()
for name in ODD:
    (odd / name).write_bytes(b"" if name.startswith("empty") else name.encode())
large = folder / "up" / "large 1.bin"
block = os.urandom(1024 * 1024 - 7)
large.write_bytes(block * large_mib)

experiment = mlflow.set_experiment("a day with artifacts")
client = MlflowClient()
with mlflow.start_run() as run:
    mlflow.log_artifacts(str(many), "many")
    mlflow.log_artifacts(str(odd), "odd")
    mlflow.log_artifact(str(large), "deep/er")
    mlflow.log_text("hello", "greeting.txt")
    mlflow.log_dict({"a": 1}, "deep/a.json")
run_id = run.info.run_id
print("run", run_id)

assert {file.path for file in client.list_artifacts(run_id)} == {"many", "odd", "deep", "greeting.txt"}
listed = client.list_artifacts(run_id, "many")
assert len(listed) == 100 and sum(file.is_dir for file in listed) == 10, listed
assert [file.file_size for file in client.list_artifacts(run_id, "deep/er")] == [large.stat().st_size]
found = {file.path for file in client.list_artifacts(run_id, "odd")}
assert found == {f"odd/{name}" for name in ODD}, found

down = folder / "down"
down.mkdir()
for what, source in [("many", many), ("odd", odd)]:
    got = pathlib.Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=what, dst_path=str(down)))
    files = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    assert sorted(path.relative_to(got) for path in got.rglob("*") if path.is_file()) == files
    assert all((got / path).read_bytes() == (source / path).read_bytes() for path in files)
got = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="deep/er/large 1.bin", dst_path=str(down))
assert digest(got) == digest(large)
assert mlflow.artifacts.load_text(f"runs:/{run_id}/greeting.txt") == "hello"

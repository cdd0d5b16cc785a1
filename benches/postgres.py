#!/usr/bin/env python3
"""Oxflow and `mlflow server` side by side on the same PostgreSQL, each loaded in turn.

    cargo build --release -p oxflow && cargo build --release -p oxflow-testkit --example load
    tools/system postgres && make venvs
    OXFLOW_PY_317=.venvs/py317/bin/python .venvs/py317/bin/python benches/postgres.py [--rounds 3] [--seconds 5]

PostgreSQL is a throw-away cluster with fsync and synchronous_commit on; each server has a database of its own in it. `mlflow
server` 3.17.2 runs with one worker. Medians of the rounds are printed as a Markdown table: requests or points per second, and
milliseconds of CPU per request in the server and in PostgreSQL. The last rows are PostgreSQL alone: the same rows put into the
same tables with COPY, 1000 points a transaction. Load comes from crates/testkit/examples/load.rs, over the loopback device.
"""

import argparse
import contextlib
import io
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import psycopg2
from databases import OwnCluster, PostgresDatabase
from servers import Api, Mlflow, Oxflow

TICKS = os.sysconf("SC_CLK_TCK")
RUNS = 10_000
POINTS = 1000
# Batches per second that PostgreSQL alone is offered.
MOST_BATCHES = 200

# What is measured: name, kind of load, clients, things per request.
LOADS = [
    ("log-metric, 1 client", "log-metric", 1, 1),
    ("log-metric, 16 clients", "log-metric", 16, 1),
    ("log-metric, 64 clients", "log-metric", 64, 1),
    ("log-batch of 1000, 1 client, points", "log-batch", 1, POINTS),
    ("log-batch of 1000, 8 clients, points", "log-batch", 8, POINTS),
    ("search, page of 100 in 10,000 runs, 1 client", "search-runs={filled}", 1, 1),
    ("search, page of 100 in 10,000 runs, 8 clients", "search-runs={filled}", 8, 1),
]


def processes():
    """Every process with its parent and its CPU time in seconds: its own, and that of its children that have ended."""
    found = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            parent, times = int(fields[1]), list(map(int, fields[11:15]))
            found[int(stat.parent.name)] = (parent, sum(times) / TICKS)
    return found


def cpu_seconds(root):
    """CPU time of a process and everything it has started."""
    found = processes()
    total, waiting = 0.0, [root]
    while waiting:
        pid = waiting.pop()
        total += found.get(pid, (0, 0.0))[1]
        waiting += [child for child, (parent, _) in found.items() if parent == pid]
    return total


def fill(database, experiment):
    """The runs of the search: 10 metrics, 10 params and 5 tags each."""
    database.execute(
        f"""
        INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,
                          source_version, lifecycle_stage, artifact_uri, experiment_id)
        SELECT md5(n::text), 'run ' || n, 'UNKNOWN', '', '', 'ada', 'FINISHED', 1700000000000 + n, 1700000100000 + n,
               '', 'active', 'mlflow-artifacts:/{experiment}/' || md5(n::text) || '/artifacts', {experiment}
          FROM generate_series(1, {RUNS}) AS n;
        INSERT INTO tags (key, value, run_uuid)
        SELECT CASE k WHEN 0 THEN 'mlflow.runName' ELSE 'tag ' || k END, 'run ' || n, md5(n::text)
          FROM generate_series(1, {RUNS}) AS n, generate_series(0, 4) AS k;
        INSERT INTO params (key, value, run_uuid)
        SELECT 'param ' || k, (n % 10)::text, md5(n::text)
          FROM generate_series(1, {RUNS}) AS n, generate_series(1, 10) AS k;
        INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
        SELECT 'metric ' || k, n / k, 1700000000000, 10, false, md5(n::text)
          FROM generate_series(1, {RUNS}) AS n, generate_series(1, 10) AS k;
        INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid)
        SELECT key, value, timestamp, step, is_nan, run_uuid FROM latest_metrics WHERE key LIKE 'metric %';
        """
    )
    connection = psycopg2.connect(database.uri)
    connection.autocommit = True
    connection.cursor().execute("ANALYZE runs, tags, params, metrics, latest_metrics")
    connection.close()


def load(program, server, kind, clients, seconds, postmaster):
    """Requests per second, and milliseconds of CPU per request: of the server and of PostgreSQL."""
    address = server.url.removeprefix("http://")
    before = cpu_seconds(server.process.pid), cpu_seconds(postmaster)
    done = subprocess.run(
        [program, address, kind, str(clients), str(seconds)], capture_output=True, text=True, check=True
    )
    after = cpu_seconds(server.process.pid), cpu_seconds(postmaster)
    rate, failures = re.search(r"([\d.]+) requests/s.* (\d+) failures", done.stdout).groups()
    if int(failures):
        print(f"{type(server).__name__} {kind} {clients}: {failures} failures\n{done.stderr[-500:]}", file=sys.stderr)
    requests = max(float(rate) * seconds, 1)
    return float(rate), *((late - early) * 1000 / requests for early, late in zip(before, after))


def copy_and_latest(run, batch, cursor):
    """The points of one log-batch as COPY takes them, and the statement that keeps the latest of each key."""
    steps = [(i % 10, batch * 100 + i // 10) for i in range(POINTS)]
    rows = "".join(f"m{key}\t0.{step}\t{step}\t{step}\tf\t{run}\n" for key, step in steps)
    latest = [(f"m{key}", float(f"0.{step}"), step, step, run) for key, step in steps[-10:]]
    values = ", ".join(cursor.mogrify("(%s, %s, %s, %s, false, %s)", row).decode() for row in latest)
    statement = f"""INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES {values}
                    ON CONFLICT (key, run_uuid) DO UPDATE
                       SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step"""
    return io.StringIO(rows), statement


def bare(database, connections, seconds, postmaster):
    """Points per second of PostgreSQL alone: batches as of log-batch, each a COPY and ten latest values in one transaction."""
    experiment = database.query("SELECT min(experiment_id) FROM experiments")[0][0]
    stop, counts = threading.Event(), [0] * connections
    # What is sent is put together before the clock starts.
    ready = threading.Barrier(connections + 1)

    def write(number):
        run = os.urandom(16).hex()
        with contextlib.closing(psycopg2.connect(database.uri)) as connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO runs (run_uuid, name, source_type, status, lifecycle_stage, experiment_id)"
                " VALUES (%s, 'bare', 'UNKNOWN', 'RUNNING', 'active', %s)",
                (run, experiment),
            )
            connection.commit()
            batches = [copy_and_latest(run, batch, cursor) for batch in range(MOST_BATCHES * seconds // connections)]
            ready.wait()
            for rows, latest in batches:
                if stop.is_set():
                    break
                cursor.copy_expert("COPY metrics (key, value, timestamp, step, is_nan, run_uuid) FROM STDIN", rows)
                cursor.execute(latest)
                connection.commit()
                counts[number] += POINTS

    threads = [threading.Thread(target=write, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    ready.wait()
    before, started = cpu_seconds(postmaster), time.monotonic()
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    elapsed = time.monotonic() - started
    return sum(counts) / elapsed, (cpu_seconds(postmaster) - before) * 1000 / max(sum(counts) / POINTS, 1)


def table(results, bare_results):
    """Medians, with the smallest and largest rate of the rounds."""
    print("| | Oxflow | CPU ms: Oxflow + PostgreSQL | `mlflow server` | CPU ms: MLflow + PostgreSQL |")
    print("|---|---|---|---|---|")

    def cells(samples, factor):
        rates = [rate * factor for rate, _, _ in samples]
        server, postgres = (statistics.median(sample[i] for sample in samples) for i in (1, 2))
        return (
            f"{statistics.median(rates):,.0f}/s ({min(rates):,.0f}–{max(rates):,.0f})",
            f"{server:.2f} + {postgres:.2f}",
        )

    for name, _, _, factor in LOADS:
        row = [*cells(results[name, "Oxflow"], factor), *cells(results[name, "Mlflow"], factor)]
        print(f"| {name} | {' | '.join(row)} |")
    for connections, samples in bare_results.items():
        rates = [rate for rate, _ in samples]
        print(
            f"| PostgreSQL alone, COPY, {connections} connections, points | {statistics.median(rates):,.0f}/s "
            f"({min(rates):,.0f}–{max(rates):,.0f}) | – + {statistics.median(cpu for _, cpu in samples):.2f} | | |"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--load", default=str(ROOT / "target/release/examples/load"))
    arguments = parser.parse_args()
    os.environ.setdefault("OXFLOW_BIN", str(ROOT / "target/release/oxflow"))
    os.environ.setdefault("OXFLOW_PY_317", sys.executable)

    cluster = OwnCluster()
    servers = []
    try:
        postmaster = int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])
        with tempfile.TemporaryDirectory() as folder:
            filled = {}
            for kind in (Oxflow, Mlflow):
                server = kind(f"{folder}/{kind.__name__}", PostgresDatabase(cluster)).start()
                servers.append(server)
                filled[server] = Api(server.url).experiment("filled")
                fill(server.database, filled[server])
            results, bare_results = {}, {}
            for round_number in range(arguments.rounds):
                for name, kind, clients, _ in LOADS:
                    for server in servers:
                        key = name, type(server).__name__
                        measured = load(
                            arguments.load,
                            server,
                            kind.format(filled=filled[server]),
                            clients,
                            arguments.seconds,
                            postmaster,
                        )
                        results.setdefault(key, []).append(measured)
                        print(f"round {round_number + 1}, {': '.join(key[::-1])}: {measured[0]:.0f}/s", file=sys.stderr)
                for connections in (1, 4):
                    measured = bare(servers[0].database, connections, arguments.seconds, postmaster)
                    bare_results.setdefault(connections, []).append(measured)
                    print(f"round {round_number + 1}, COPY {connections}: {measured[0]:.0f}/s", file=sys.stderr)
            table(results, bare_results)
            for server in servers:
                server.stop()
    finally:
        for server in servers:
            if server.process.poll() is None:
                server.kill()
        cluster.remove()


if __name__ == "__main__":
    main()

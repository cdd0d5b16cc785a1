"""Two replicas on one PostgreSQL, one of which stands still now and then, while connections to the database are cut.

OXFLOW_SOAK_SECONDS is for how long (8; the acceptance of a release: 60). OXFLOW_PAUSE_SEED repeats the random choices of a run.
"""

import os
import random
import signal
import time
from collections import Counter

import conftest
import pytest
from history import check
from test_login import ADMIN, ALICE, Users, add
from writers import every, join, start_writers, wait_until

pytestmark = conftest.on_postgres

SOAK_SECONDS = float(os.environ.get("OXFLOW_SOAK_SECONDS", "8"))
SEED = int(os.environ.get("OXFLOW_PAUSE_SEED", "0")) or random.randrange(10**6)
WRITERS = 12


class Faults:
    def __init__(self, servers, database):
        self.servers, self.database = servers, database
        self.random = random.Random(SEED)
        self.count = Counter()

    def pause(self):
        """One replica stands still, perhaps in the middle of a transaction, and then goes on as if nothing had been."""
        process = self.random.choice(self.servers).process
        os.kill(process.pid, signal.SIGSTOP)
        # Not waits for anything: how long it is, and what meanwhile happens to its connections, is what varies.
        try:
            time.sleep(self.random.uniform(0.02, 0.5))
            if self.random.random() < 0.3:
                self.cut()
                time.sleep(self.random.uniform(0.02, 0.3))
        finally:
            os.kill(process.pid, signal.SIGCONT)
        self.count["pauses"] += 1

    def cut(self):
        self.database.cluster.cut(self.database.name, self.random.choice([0.2, 0.5, 1.0]))
        self.count["cuts"] += 1

    def go_on(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.random.choice([self.pause, self.pause, self.cut])()
            time.sleep(self.random.uniform(0, 0.2))


def soak(servers, database, seconds, login=None, reader=None):
    print(f"OXFLOW_PAUSE_SEED={SEED}")
    urls = [server.url for server in servers]
    writers = start_writers(urls, WRITERS, login=login, seed=SEED, goes_on=True)
    wait_until(every(writers, lambda writer: writer.acknowledged > 5), "some writes of every client", 60)
    faults = Faults(servers, database)
    faults.go_on(seconds)
    healed = time.monotonic()
    wait_until(every(writers, lambda writer: writer.last_success > healed), "a success of every client", 10)
    join(writers)
    refused = Counter((status, answer["error_code"]) for writer in writers for status, answer in writer.refused)
    print(f"{dict(faults.count)}, {sum(w.acknowledged for w in writers)} acknowledged, refused: {dict(refused)}")
    if conftest.is_real_oxflow():
        assert [text for writer in writers for _, text in writer.unanswered] == [], "requests without an answer"
        assert set(refused) <= {(503, "TEMPORARILY_UNAVAILABLE")}, refused
    for url in urls:
        check(url, writers, login=reader)


def test_nothing_is_lost_or_doubled_when_replicas_pause(new_oxflow, database_of):
    servers = [new_oxflow("shared").start() for _ in range(2)]
    soak(servers, database_of("shared"), SOAK_SECONDS)


@pytest.mark.skipif(not conftest.is_real_oxflow(), reason="what only Oxflow promises")
def test_nothing_of_users_is_lost_or_doubled_when_replicas_pause(new_oxflow, database_of, tmp_path):
    """Rights are read from the database of users, whose connections are cut too."""
    database = database_of("shared")
    users = Users(tmp_path / "users", uri=database_of("users").uri)
    flags = ["--app-name", "basic-auth"]
    servers = [new_oxflow("shared", flags=flags, variables=users.variables).start() for _ in range(2)]
    add(servers[0], ALICE)
    soak(servers, database, SOAK_SECONDS / 2, ALICE, ADMIN)

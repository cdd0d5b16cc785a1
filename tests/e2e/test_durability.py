"""What was acknowledged is on disk: kill -9 in the middle of writing, again and again on the same database and artifacts.

OXFLOW_KILL_ROUNDS is how often (without it: as often as fits in 20 s; with a login, 10 s; the acceptance of a release: 50).
OXFLOW_KILL_SEED repeats the random choices of a run, which prints its own.
"""

import os
import random
import time
from collections import Counter, defaultdict

import conftest
import pytest
from history import ABSENT, PRESENT, Register, check, temporary_files
from repeats import send_again
from test_login import ADMIN, ALICE, Users, add
from writers import Connection, Outcome, Writer, join, start_writers

ROUNDS = int(os.environ.get("OXFLOW_KILL_ROUNDS", "0"))
SEED = int(os.environ.get("OXFLOW_KILL_SEED", "0")) or random.randrange(10**6)
SECONDS = 20
WRITERS = 8
PASSWORD = "a sentence for all 5"


def rounds(seconds):
    """Numbers of rounds: as many as were asked for, or as fit."""
    deadline, number = time.monotonic() + seconds, 0
    while number < ROUNDS or (not ROUNDS and (number == 0 or time.monotonic() < deadline)):
        yield number
        number += 1


class KillRounds:
    """Writers on a server that is killed while they write, and started again."""

    def __init__(self, server, login=None, reader=None):
        print(f"OXFLOW_KILL_SEED={SEED}")
        self.server, self.login, self.reader = server, login, reader
        self.random = random.Random(SEED)
        self.writers, self.again, self.left = [], 0, 0

    def begin(self, number, writers=WRITERS):
        word = f"r{number}"
        self.newest = start_writers(self.server.url, writers, word, self.login, SEED)
        self.prefix = word + " "
        self.writers += self.newest

    def kill_and_start(self):
        # Not a wait for anything: the moment of the kill is what varies.
        time.sleep(self.random.uniform(0.05, 0.8))
        self.server.kill()
        join(self.newest, 30)
        left = temporary_files(self.server.artifacts)
        self.left += len(left)
        # An hour later they belong to no living upload.
        for name in left:
            os.utime(self.server.artifacts / ".oxflow-tmp" / name, (0, 0))
        self.server.start()
        if conftest.is_real_oxflow():
            assert temporary_files(self.server.artifacts) == [], "left-over uploads are not swept at start"

    def check_newest(self):
        """First what is there, then again after what was not answered is repeated."""
        check(self.server.url, self.newest, self.prefix, login=self.reader)
        self.again += send_again(self.server.url, self.newest, self.login)
        check(self.server.url, self.newest, self.prefix, login=self.reader)

    def check_all(self, count):
        check(self.server.url, self.writers, login=self.reader)
        outcomes = Counter(request.outcome for writer in self.writers for request in writer.history)
        acknowledged = sum(writer.acknowledged for writer in self.writers)
        print(
            f"{count} kills, {acknowledged} acknowledged writes, {self.again} repeated, {outcomes[Outcome.UNKNOWN]} "
            f"of unknown outcome, {self.left} temporary files swept"
        )
        if conftest.is_real_oxflow():
            assert acknowledged > count * WRITERS, "too little was written for this to mean anything"


@pytest.mark.slow
def test_acknowledged_writes_survive_kill_9(new_oxflow, backend):
    """On PostgreSQL less is to be feared: what it has committed is safe from the server's end."""
    kills = KillRounds(new_oxflow().start())
    count = 0
    for number in rounds(SECONDS):
        kills.begin(number)
        kills.kill_and_start()
        kills.check_newest()
        count += 1
    kills.check_all(count)


USERS = "/api/2.0/mlflow/users/"
PERMISSIONS = "/api/3.0/mlflow/users/permissions/"
TOKENS = "/api/oxflow/v1/tokens"


class Administrator(Writer):
    """Makes users, grants them things, makes tokens as one of them, and deletes users."""

    def __init__(self, url, name, seed):
        super().__init__(url, name, home="0", login=ADMIN, seed=seed)
        self.users = []
        self.kinds = [self.create_user, self.grant, self.grant, self.revoke, self.create_token, self.delete_user]
        # It has no runs, which is what others begin with.
        self.runs = ["none"]

    def some_user(self):
        return self.random.choice(self.users[-4:])

    def create_user(self):
        name = self.name.replace(" ", "-") + f"-u{self.number}"
        if self.send("POST", USERS + "create", {"username": name, "password": PASSWORD}):
            self.users.append(name)

    def fields(self):
        # What is granted need not be there, and must not come to be: with it the rights left on its id go.
        place = str(10**6 + self.random.randrange(5))
        return {"username": self.some_user(), "resource_type": "experiment", "resource_id": place}

    def grant(self):
        if self.users:
            permission = self.random.choice(["READ", "EDIT", "MANAGE"])
            self.send("POST", PERMISSIONS + "grant", {**self.fields(), "permission": permission}, ("RESOURCE_ALREADY_EXISTS",))

    def revoke(self):
        if self.users:
            self.send("POST", PERMISSIONS + "revoke", self.fields(), ("RESOURCE_DOES_NOT_EXIST",))

    def create_token(self):
        if self.users:
            # The token has the name of its owner.
            owner = self.some_user()
            self.connection, mine = Connection(self.url, (owner, PASSWORD)), self.connection
            try:
                self.send("POST", TOKENS, {"name": owner})
            finally:
                self.connection.close()
                self.connection = mine

    def delete_user(self):
        if len(self.users) > 4:
            name = self.users.pop(0)
            self.send("DELETE", USERS + "delete", {"username": name})


def check_users(url, administrators):
    """Acknowledged users get in with their password and their tokens, and have their grants; deleted ones are gone with theirs."""
    admin = Connection(url, ADMIN)
    status, answer = admin.send("GET", USERS + "list", {})
    assert status == 200, answer
    names = [user["username"] for user in answer["users"]]
    assert len(names) == len(set(names)), "a user twice"
    for writer in administrators:
        registers, sent = defaultdict(Register), set()
        secrets = []
        for request in writer.history:
            fields, outcome = request.fields, request.outcome
            name = fields.get("username")
            match request.path.rsplit("/", 1)[1]:
                case "create":
                    sent.add(name)
                    registers["user", name].write(PRESENT, outcome)
                case "delete":
                    for key, register in registers.items():
                        if key[1] == name:
                            register.write(ABSENT, outcome)
                case "grant":
                    registers["grant", name, fields["resource_id"]].write(fields["permission"], outcome)
                case "revoke":
                    registers["grant", name, fields["resource_id"]].write(ABSENT, outcome)
                case "tokens" if outcome is Outcome.ACKNOWLEDGED:
                    secrets.append((fields["name"], request.answer["secret"]))
        mine = [name for name in names if name.startswith(writer.name.replace(" ", "-") + "-")]
        assert set(mine) <= sent, f"users that nobody made: {set(mine) - sent}"
        stored = {("user", name): PRESENT for name in mine}
        for name in mine:
            status, answer = admin.send("GET", PERMISSIONS + "list", {"username": name})
            assert status == 200, answer
            for one in answer["permissions"]:
                key = ("grant", name, one["resource_pattern"])
                assert key not in stored, f"a grant twice: {key}"
                stored[key] = one["permission"]
        assert stored.keys() <= registers.keys(), f"nobody sent {stored.keys() - registers.keys()}"
        for key, register in registers.items():
            value = stored.get(key, ABSENT)
            assert value in register.possible, f"{key} is {value!r}, and has to be one of {register.possible}"
        for owner, secret in secrets:
            connection = Connection(url)
            connection.headers["authorization"] = f"Bearer {secret}"
            status, answer = connection.send("GET", USERS + "current")
            connection.close()
            # A token ends with its owner, and with nothing else.
            assert status == (200 if owner in mine else 401), f"a token of {owner}: {status}"
            assert status != 200 or answer["user"]["username"] == owner
        for name in mine[-2:]:
            status, answer = Connection(url, (name, PASSWORD)).send("GET", USERS + "current")
            assert (status, answer["user"]["username"]) == (200, name), answer


def check_owners(url, login, expected, stored, writers):
    """Whoever created an experiment or a model has MANAGE on it if the creation was acknowledged.

    What was created without an acknowledgement got its creator when the server was started again. Returns the grants on
    what is gone.
    """
    status, answer = Connection(url, ADMIN).send("GET", PERMISSIONS + "list", {"username": login[0]})
    assert status == 200, answer
    permission = {(one["resource_type"], one["resource_pattern"]): one["permission"] for one in answer["permissions"]}
    managed = {what for what, granted in permission.items() if granted == "MANAGE"}
    there = {("experiment", key[1]) for key in stored.values if key[0] == "experiment stage"}
    there |= {("registered_model", key[1]) for key in stored.values if key[0] == "model"}
    acknowledged = set()
    for request in (request for writer in writers for request in writer.history if request.outcome is Outcome.ACKNOWLEDGED):
        if request.path == "experiments/create" and request.answer:
            acknowledged.add(("experiment", request.answer["experiment_id"]))
        elif request.path == "registered-models/create" and request.answer:
            acknowledged.add(("registered_model", request.fields["name"]))
        elif request.path == "registered-models/delete":
            acknowledged.discard(("registered_model", request.fields["name"]))
    # Deletions without an acknowledgement may have been carried out.
    without = there - managed
    assert not without, f"its creator may not manage it: {sorted(without)[:3]}, {len(without & acknowledged)} acknowledged"
    names = {key[1] for key in expected.registers if key[0] == "model"}
    gone = {what for what in managed - there if what[0] == "registered_model" and what[1] in names}
    return gone


@pytest.mark.slow
@pytest.mark.skipif(not conftest.is_real_oxflow(), reason="what only Oxflow promises")
def test_users_and_their_rights_survive_kill_9(new_oxflow, backend, database_of, tmp_path):
    users = Users(tmp_path / "users", uri=None if backend == "sqlite" else database_of("users").uri)
    server = new_oxflow(flags=["--app-name", "basic-auth"], variables=users.variables).start()
    add(server, ALICE)
    kills = KillRounds(server, ALICE, ADMIN)
    count, changes, leftovers = 0, 0, 0
    for number in rounds(SECONDS / 2):
        administrators = [Administrator(server.url, f"r{number} a{i}", SEED) for i in range(3)]
        for administrator in administrators:
            administrator.start()
        kills.begin(number, writers=5)
        kills.kill_and_start()
        join(administrators)
        check_users(server.url, administrators)
        expected, stored = check(server.url, kills.newest, kills.prefix, login=ADMIN)
        leftovers += len(check_owners(server.url, ALICE, expected, stored, kills.newest))
        kills.check_newest()
        changes += sum(administrator.acknowledged for administrator in administrators)
        count += 1
    kills.check_all(count)
    print(f"{changes} changes of users; {leftovers} grants on what is gone")
    assert changes > count

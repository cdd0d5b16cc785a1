"""Logging in with real clients, and taking over MLflow's users, and giving them back."""

import json
import pathlib
import sqlite3
import time

import conftest
import pytest
import requests
from servers import Api, for_sqlalchemy

pytestmark = pytest.mark.skipif(not conftest.is_real_oxflow(), reason="what only Oxflow promises")

ADMIN = ("admin", "eleven quiet geese")
ALICE = ("alice", "a plain sentence 1")
BOB = ("bob", "the other sentence 2")

# Users and grants as MLflow 2.11.3 wrote them: `basic_auth_2.11.3.sql` is a dump of its database.
OLD = pathlib.Path(__file__).parent / "basic_auth_2.11.3.sql"


def as_user(user):
    return {"MLFLOW_TRACKING_USERNAME": user[0], "MLFLOW_TRACKING_PASSWORD": user[1]}


class Users:
    """An INI file beside a server's folder, and the database of users that it names."""

    def __init__(self, folder, default="NO_PERMISSIONS", uri=None):
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / "basic_auth.db"
        self.ini = folder / "basic_auth.ini"
        self.ini.write_text(
            f"[mlflow]\ndefault_permission = {default}\ndatabase_uri = {uri or f'sqlite:///{self.file}'}\n"
            f"admin_username = {ADMIN[0]}\nadmin_password = {ADMIN[1]}\n"
        )

    @property
    def variables(self):
        return {"MLFLOW_AUTH_CONFIG_PATH": str(self.ini), "MLFLOW_FLASK_SERVER_SECRET_KEY": "a key of the test"}


class Person(Api):
    def __init__(self, url, user):
        super().__init__(url)
        self.session.auth = user


@pytest.fixture
def with_login(new_oxflow, tmp_path):
    def start(folder="oxflow", users=None, flags=(), **rest):
        users = users or Users(tmp_path / "users")
        flags = ["--app-name", "basic-auth", *flags]
        return new_oxflow(folder, flags=flags, variables=users.variables, **rest).start()

    return start


def add(server, *people):
    admin = Person(server.url, ADMIN)
    for name, password in people:
        admin.post("users/create", username=name, password=password)
    return admin


@pytest.mark.parametrize("version", ["1.30.0", "2.11.3", "3.17.2"])
def test_a_day_with_a_name_and_a_password(with_login, tmp_path, version):
    # With NO_PERMISSIONS a model that is not there is 403, as one that may not be seen, and the day asks for one.
    server = with_login(users=Users(tmp_path / "users", default="READ"))
    add(server, ALICE)
    said = conftest.run_script(
        conftest.client_python(version),
        conftest.HERE / "everyday",
        server.url,
        "values",
        "artifacts",
        "registered_models",
        **as_user(ALICE),
    )
    assert said.count("ok ") >= 3 and "skipped" not in said


@conftest.on_sqlite
def test_a_day_with_a_token(with_login):
    server = with_login()
    add(server, ALICE)
    alice = Person(server.url, ALICE)
    secret = alice.post("/api/oxflow/v1/tokens", name="a day")["secret"]
    said = conftest.run_script(
        conftest.client_python("3.17.2"),
        conftest.HERE / "everyday",
        server.url,
        "values",
        "artifacts",
        MLFLOW_TRACKING_TOKEN=secret,
    )
    assert said.count("ok ") >= 2


CLIENT = """
import sys
from mlflow.server.auth.client import AuthServiceClient
client = AuthServiceClient(sys.argv[1])
user = client.create_user('carol', 'carols own sentence 3')
assert (user.username, user.is_admin) == ('carol', False), user.to_json()
assert client.get_user('carol').id == user.id
client.update_user_admin('carol', True)
assert client.get_user('carol').is_admin
client.update_user_admin('carol', False)
client.update_user_password('carol', 'another of carols 4')
client.grant_user_permission('carol', 'experiment', '0', 'EDIT')
assert client.get_user_permission('carol', 'experiment', '0').permission == 'EDIT'
client.revoke_user_permission('carol', 'experiment', '0')
role = client.create_role('default', 'readers', 'they look')
grant = client.add_role_permission(role.id, 'experiment', '*', 'READ')
client.update_role_permission(grant.id, 'EDIT')
assert [p.permission for p in client.list_role_permissions(role.id)] == ['EDIT']
client.assign_role('carol', role.id)
assert 'readers' in [r.name for r in client.list_user_roles('carol')]
assert [a.user_id for a in client.list_role_users(role.id)] == [user.id]
assert client.get_user_permission('carol', 'experiment', '0').permission == 'EDIT'
client.update_role(role.id, name='editors')
assert client.get_role(role.id).name == 'editors'
assert any(r.name == 'editors' for r in client.list_roles('default'))
client.unassign_role('carol', role.id)
client.remove_role_permission(grant.id)
client.delete_role(role.id)
client.delete_user('carol')
print('all of it')
"""


def test_mlflows_own_client_for_users(with_login, tmp_path):
    server = with_login()
    script = tmp_path / "client.py"
    script.write_text(CLIENT)
    python = conftest.client_python("3.17.2")
    assert "all of it" in conftest.run_script(python, script, server.url, server.url, **as_user(ADMIN))


def test_the_calls_of_clients_before_3_7(with_login):
    server = with_login()
    admin = add(server, ALICE)
    experiment = admin.experiment("old calls")
    fields = {"experiment_id": experiment, "username": "alice"}
    path = "experiments/permissions/"
    made = admin.post(path + "create", permission="READ", **fields)["experiment_permission"]
    assert (made["experiment_id"], made["permission"]) == (experiment, "READ")
    admin.call("PATCH", path + "update", json={**fields, "permission": "EDIT"})
    assert admin.get(path + "get", **fields)["experiment_permission"]["permission"] == "EDIT"
    Person(server.url, ALICE).run(experiment)
    admin.call("DELETE", path + "delete", json=fields)
    admin.call("GET", path + "get", params=fields, status=404)
    admin.post("registered-models/create", name="m")
    fields = {"name": "m", "username": "alice"}
    path = "registered-models/permissions/"
    admin.post(path + "create", permission="NO_PERMISSIONS", **fields)
    assert admin.get(path + "get", **fields)["registered_model_permission"]["permission"] == "DENY"
    admin.call("DELETE", path + "delete", json=fields)


OLD_CLIENT = """
import importlib.util, pathlib, sys, types
import mlflow
# A skinny installation lacks what the server side of the package imports; the client itself needs none of it.
folder = pathlib.Path(mlflow.__path__[0]) / "server"
for name, path in (("mlflow.server", folder), ("mlflow.server.auth", folder / "auth")):
    package = types.ModuleType(name)
    package.__path__ = [str(path)]
    sys.modules[name] = package
handlers = types.ModuleType("mlflow.server.handlers")
handlers._get_rest_path = lambda path: "/api/2.0" + path
sys.modules["mlflow.server.handlers"] = handlers
from mlflow.server.auth.client import AuthServiceClient
client = AuthServiceClient(sys.argv[1])
user = client.create_user('carol', 'carols own sentence 3')
assert (user.username, user.is_admin, user.experiment_permissions) == ('carol', False, [])
made = client.create_experiment_permission('0', 'carol', 'READ')
assert (made.experiment_id, made.user_id, made.permission) == ('0', user.id, 'READ')
client.update_experiment_permission('0', 'carol', 'EDIT')
assert client.get_experiment_permission('0', 'carol').permission == 'EDIT'
mlflow.MlflowClient().create_registered_model('m')
client.create_registered_model_permission('m', 'carol', 'MANAGE')
client.update_registered_model_permission('m', 'carol', 'READ')
assert client.get_registered_model_permission('m', 'carol').permission == 'READ'
carol = client.get_user('carol')
assert [(p.experiment_id, p.permission) for p in carol.experiment_permissions] == [('0', 'EDIT')]
assert [(p.name, p.permission) for p in carol.registered_model_permissions] == [('m', 'READ')]
client.delete_experiment_permission('0', 'carol')
client.delete_registered_model_permission('m', 'carol')
client.update_user_password('carol', 'another of carols 4')
client.update_user_admin('carol', True)
client.delete_user('carol')
print('all of it')
"""


@conftest.on_sqlite
@pytest.mark.parametrize("version", ["2.11.3", "2.22.5", "3.6.0"])
def test_the_client_for_users_of_before_3_7(with_login, tmp_path, version):
    server = with_login()
    script = tmp_path / "client.py"
    script.write_text(OLD_CLIENT)
    python = conftest.client_python(version)
    assert "all of it" in conftest.run_script(python, script, server.url, server.url, **as_user(ADMIN))


def test_mlflows_users_are_taken_over_and_given_back(with_login, new_mlflow, tmp_path, backend, database_of):
    uri = for_sqlalchemy(database_of("users").uri) if backend == "postgres" else None
    users = Users(tmp_path / "users", default="READ", uri=uri)
    mlflow = new_mlflow("one", flags=["--app-name", "basic-auth"], variables=users.variables).start()
    admin = add(mlflow, ALICE, BOB)
    theirs = Person(mlflow.url, ALICE).experiment("of alice")
    admin.post(
        "/api/3.0/mlflow/users/permissions/grant",
        username="bob",
        resource_type="experiment",
        resource_id=theirs,
        permission="DENY",
    )
    mlflow.kill()

    oxflow = with_login("one", users=users, flags=["--password-hash", "scrypt"], database=mlflow.database)
    alice, bob = Person(oxflow.url, ALICE), Person(oxflow.url, BOB)
    alice.run(theirs)
    bob.call("GET", "experiments/get", params={"experiment_id": theirs}, status=403)
    bob.get("experiments/get", experiment_id="0")
    own = bob.experiment("of bob")
    Person(oxflow.url, ADMIN).post("users/create", username="carol", password="carols own sentence 3")
    assert oxflow.stop() == 0

    mlflow = new_mlflow("one", flags=["--app-name", "basic-auth"], variables=users.variables, database=mlflow.database)
    mlflow.start()
    Person(mlflow.url, ALICE).run(theirs)
    bob = Person(mlflow.url, BOB)
    bob.run(own)
    bob.call("GET", "experiments/get", params={"experiment_id": theirs}, status=403)
    Person(mlflow.url, ("carol", "carols own sentence 3")).get("experiments/get", experiment_id=own)


@conftest.on_sqlite
def test_users_of_mlflow_2_11_are_taken_over(with_login, tmp_path):
    users = Users(tmp_path / "users", default="READ")
    with sqlite3.connect(users.file) as database:
        database.executescript(OLD.read_text())
    server = with_login(users=users)
    for user in (ALICE, BOB):
        assert Person(server.url, user).get("users/get", username=user[0])["user"]["username"] == user[0]
    admin = Person(server.url, ADMIN)
    of_alice = admin.get("/api/3.0/mlflow/users/permissions/list", username="alice")["permissions"]
    shown = sorted((p["resource_type"], p["resource_pattern"], p["permission"]) for p in of_alice)
    assert shown == [("experiment", "0", "DENY"), ("experiment", "1", "MANAGE"), ("registered_model", "m", "EDIT")]
    assert server.stop() == 0
    with sqlite3.connect(users.file) as database:
        hashes = dict(database.execute("SELECT username, password_hash FROM users"))
        assert hashes["alice"].startswith("$argon2id$") and hashes["bob"].startswith("$argon2id$")
        assert database.execute("SELECT count(*) FROM experiment_permissions").fetchone() == (2,), "kept for the way back"


def test_a_change_by_another_server_counts_within_a_second(with_login, tmp_path, backend, database_of):
    uri = database_of("users").uri if backend == "postgres" else None
    users = Users(tmp_path / "users", uri=uri)
    first = with_login("one", users=users)
    second = with_login("two", users=users)
    admin = add(first, ALICE)
    url = second.url + "/api/2.0/mlflow/experiments/search"
    ask = lambda: requests.post(url, json={"max_results": 1}, auth=ALICE, timeout=10).status_code
    assert ask() == 200
    admin.call("PATCH", "users/update-password", json={"username": "alice", "password": "an entirely new one 9"})
    deadline = time.monotonic() + 5
    while ask() == 200 and time.monotonic() < deadline:
        pass
    assert ask() == 401


def test_a_right_left_on_what_is_gone_is_none_on_the_next_of_that_name(with_login, database_of):
    """A server that is killed between deleting a model and the rights on it leaves these."""
    server = with_login()
    admin = add(server, ALICE, BOB)
    alice, bob = Person(server.url, ALICE), Person(server.url, BOB)
    alice.post("registered-models/create", name="m")
    database_of("oxflow").execute("DELETE FROM registered_models WHERE name = 'm'")
    of = lambda name: admin.get("/api/3.0/mlflow/users/permissions/list", username=name)["permissions"]
    assert [(p["resource_pattern"], p["permission"]) for p in of("alice")] == [("m", "MANAGE")]
    bob.post("registered-models/create", name="m")
    for method, path in [("GET", "get"), ("DELETE", "delete")]:
        alice.call(method, f"registered-models/{path}", **{"params" if method == "GET" else "json": {"name": "m"}}, status=403)
    assert of("alice") == []
    assert [(p["resource_pattern"], p["permission"]) for p in of("bob")] == [("m", "MANAGE")]
    bob.get("registered-models/get", name="m")


@conftest.on_sqlite
def test_what_is_denied_ahead_of_time_stays_denied(with_login, tmp_path):
    server = with_login(users=Users(tmp_path / "users", default="READ"))
    admin = add(server, ALICE, BOB)
    denied = {"username": "alice", "resource_type": "registered_model", "resource_id": "m", "permission": "DENY"}
    admin.post("/api/3.0/mlflow/users/permissions/grant", **denied)
    Person(server.url, BOB).post("registered-models/create", name="m")
    Person(server.url, ALICE).call("GET", "registered-models/get", params={"name": "m"}, status=403)


@conftest.on_sqlite
def test_without_a_password_for_the_first_administrator_nothing_starts(new_oxflow, tmp_path):
    server = new_oxflow(flags=["--auth", "basic"])
    with pytest.raises(AssertionError, match="the first administrator no password"):
        server.start()
    server = new_oxflow(flags=["--auth", "basic"], variables={"MLFLOW_AUTH_ADMIN_PASSWORD": "password1234"})
    with pytest.raises(AssertionError, match="most common"):
        server.start()


@conftest.on_sqlite
def test_the_log_keeps_no_secret(with_login):
    server = with_login()
    add(server, ALICE)
    secret = Person(server.url, ALICE).post("/api/oxflow/v1/tokens", name="t")["secret"]
    requests.get(server.url + "/api/2.0/mlflow/users/list", auth=("alice", "a wrong sentence 7"), timeout=10)
    assert server.stop() == 0
    log = server.log_file().read_text()
    events = [json.loads(line) for line in log.splitlines() if line.startswith("{") and "oxflow::audit" in line]
    assert {event["action"] for event in events} >= {"user.create", "token.create", "login.failed"}
    for word in (secret, ALICE[1], ADMIN[1], "a wrong sentence 7"):
        assert word not in log

"""What the steps share: the client, names that no other run has, and what to say when this client lacks something."""

import uuid

import mlflow
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

client = MlflowClient()
unique = uuid.uuid4().hex[:8]


class Lacks(Exception):
    """This client cannot do it."""


def needs(holder, *names):
    for name in names:
        if not hasattr(holder, name):
            raise Lacks(name)


def new_experiment(name, **rest):
    return client.create_experiment(f"{name} {unique}", **rest)


def refused(code, call, *arguments, **rest):
    try:
        call(*arguments, **rest)
    except MlflowException as error:
        assert code in (None, error.error_code), (error.error_code, str(error))
        return str(error)
    raise AssertionError(f"{call.__name__} was not refused with {code}")


def walk(search, **rest):
    """All pages of a search, each a list."""
    pages, token = [], None
    while True:
        page = search(page_token=token, **rest)
        pages.append(list(page))
        token = page.token
        if not token:
            return pages

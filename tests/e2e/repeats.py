"""What a client does about requests that were not answered: it sends them again, and nothing comes of it twice."""

from writers import Connection, Outcome


def send_again(url, writers, login=None):
    """The last request of each, if it was not answered, is repeated where that means nothing new. Returns how many were."""
    again = 0
    for writer in writers:
        connection = Connection(url, login)
        for request in writer.history:
            if request.outcome is Outcome.UNKNOWN and request.path not in NEW_EACH_TIME:
                status, answer = connection.send(request.method, request.path, request.fields)
                code = answer.get("error_code") if isinstance(answer, dict) else None
                assert status == 200 or code == done_before(request) or is_hidden(request, answer), (
                    f"repeated {request.method} {request.path} {str(request.fields)[:200]}: {status} {answer}"
                )
                request.outcome = Outcome.ACKNOWLEDGED
                request.answer = answer if status == 200 else None
                again += 1
        connection.close()
    return again


def done_before(request):
    """The error that says that a request had been carried out already, for those that then fail."""
    if request.path in ("experiments/create", "registered-models/create"):
        return "RESOURCE_ALREADY_EXISTS"
    # As in MLflow only an active experiment is deleted, and only a deleted one restored.
    if request.method == "DELETE" or request.path in ("runs/delete-tag", "experiments/delete", "experiments/restore"):
        return "RESOURCE_DOES_NOT_EXIST"
    return None


def is_hidden(request, answer):
    """To a user without rights on what is gone, it is no different from what is not theirs."""
    return request.path == "registered-models/delete" and answer == b"Permission denied"


# Each of these makes one more: the name is not the key.
NEW_EACH_TIME = {"runs/create", "model-versions/create", "logged-models"}

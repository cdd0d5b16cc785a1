#!/usr/bin/env python3
"""Fills a server of an old MLflow with what people keep in one, through the client of the same version.

    MLFLOW_TRACKING_URI=http://… <python with that version> - [DATABASE URI] <tests/upgrade/content.py

Run by record.py, from standard input so that no stack trace in the data names a file. What a version does not have yet is left out. The URI is for what has no client: the rows of jobs.
"""

import json
import os
import sys
import warnings

warnings.filterwarnings("ignore")
# Traces keep who made them and with which script.
os.environ["LOGNAME"] = "ada"
sys.argv[0] = "train.py"

import mlflow
from mlflow.entities import Metric, Param, RunTag
from mlflow.tracking import MlflowClient
from mlflow.utils import validation

VERSION = tuple(int(part) for part in mlflow.__version__.split(".")[:2])
client = MlflowClient()
store = client._tracking_client.store
START = 1_600_000_000_000


def log(run_id, metrics=(), params=(), tags=()):
    client.log_batch(run_id, list(metrics), list(params), list(tags))


def tracking():
    """Experiments and runs, deleted ones too. Returns the first experiment and three of its runs."""
    first = client.create_experiment("first", tags={"team": "blue", "größe": "ü", "long": "x" * 5000})
    client.create_experiment("elsewhere", artifact_location="s3://bucket/path?x=1")
    client.create_experiment("empty ' \" % name")
    renamed = client.create_experiment("before")
    client.rename_experiment(renamed, "after")
    deleted = client.create_experiment("deleted", tags={"kept": "yes"})
    in_deleted = client.create_run(deleted, start_time=START, run_name="in a deleted experiment")
    log(in_deleted.info.run_id, [Metric("m", 1.0, START, 0)], [Param("p", "v")])
    client.delete_experiment(deleted)
    restored = client.create_experiment("restored")
    client.create_run(restored, start_time=START, run_name="restored with its experiment")
    client.delete_experiment(restored)
    client.restore_experiment(restored)

    states = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]
    runs = []
    for number in range(15):
        tags = {"even": str(number % 2 == 0), "mlflow.user": "ada"}
        if number in (4, 5):
            tags["mlflow.parentRunId"] = runs[3]
        run = client.create_run(first, start_time=START + number, run_name=f"run {number}", tags=tags)
        run_id = run.info.run_id
        runs.append(run_id)
        points = [Metric("loss", 1 / (step + 1) + number, START + step, step) for step in range(20)]
        points += [
            Metric("nan", float("nan"), 5, 0),
            Metric("nan later", 1.0, 5, 0),
            Metric("nan later", float("nan"), 6, 1),
            Metric("up", float("inf"), 5, 1),
            Metric("down", float("-inf"), 5, -3),
            Metric("tiny", 5e-324, 5, 0),
            Metric("a/b c", -0.1, 5, 0),
            # The shown value is that of the largest step, then time, then value.
            Metric("order", 3.0, 10, 5),
            Metric("order", 1.0, 20, 5),
            Metric("order", 2.0, 20, 5),
            Metric("order", 9.0, 99, 4),
        ]
        log(
            run_id,
            points,
            [Param("lr", str(number / 10)), Param("日本", "語")],
            [RunTag("a b", "it's"), RunTag("日", "本")],
        )
        if states[number % 5] != "RUNNING":
            client.set_terminated(run_id, states[number % 5], end_time=START + 100_000 + number)
    client.set_tag(runs[0], "mlflow.note.content", "a note\nof two lines")
    for number in (12, 13):
        client.delete_run(runs[number])
    client.delete_run(runs[14])
    client.restore_run(runs[14])
    longest = validation.MAX_PARAM_VAL_LENGTH
    log(
        runs[1],
        params=[Param("longest", "x" * longest), Param("k" * 250, "long key"), Param("unicode", "ü" * longest)],
        tags=[RunTag("longest", "y" * validation.MAX_TAG_VAL_LENGTH), RunTag("empty", "")],
    )
    return first, runs


def datasets(runs):
    from mlflow.entities import Dataset, DatasetInput, InputTag

    def entry(name, digest, *tags):
        dataset = Dataset(
            name, digest, "local", json.dumps({"uri": f"data/{name}"}), '{"s": "日本"}', '{"num_rows": 7}'
        )
        return DatasetInput(dataset, [InputTag(key, value) for key, value in tags])

    client.log_inputs(
        runs[0], [entry("train", "d1", ("mlflow.data.context", "training")), entry("test", "d2", ("split", "x" * 500))]
    )
    client.log_inputs(runs[1], [entry("train", "d1", ("mlflow.data.context", "training")), entry("train", "d3")])


def registry(runs):
    client.create_registered_model("gone", tags={"a": "b"})
    client.create_model_version("gone", "s3://bucket/gone", runs[0])
    client.delete_registered_model("gone")
    client.create_registered_model("model", tags={"team": "blue", "größe": "ü"}, description="what it is")
    client.create_registered_model("no versions")
    client.create_registered_model("old name")
    client.create_model_version("old name", "s3://bucket/renamed", runs[0], tags={"moves": "along"})
    client.rename_registered_model("old name", "new name")
    for number in range(6):
        client.create_model_version(
            "model", f"s3://bucket/{number}", runs[number], tags={"number": str(number)}, description=f"no. {number}"
        )
    longest = min(validation.MAX_MODEL_REGISTRY_TAG_VALUE_LENGTH, 9000)
    client.set_model_version_tag("model", "1", "longest", "z" * longest)
    client.set_registered_model_tag("model", "longest", "z" * 5000)
    for version, stage in [("1", "Staging"), ("2", "Production"), ("3", "Archived")]:
        client.transition_model_version_stage("model", version, stage)
    client.transition_model_version_stage("model", "4", "Staging")
    client.delete_model_version("model", "5")
    client.delete_model_version_tag("model", "4", "number")
    client.update_model_version("model", "6", description="changed")
    if hasattr(client, "set_registered_model_alias"):
        client.set_registered_model_alias("model", "champion", "2")
        client.set_registered_model_alias("model", "challenger", "6")
        client.set_registered_model_alias("model", "gone", "1")
        client.delete_registered_model_alias("model", "gone")
        client.set_registered_model_alias("new name", "champion", "1")


def traces_of_2(experiment):
    """Traces before 3.0: only their header is in the database."""
    for number in range(8):
        tags = {"mlflow.traceName": f"trace {number % 3}", "color": "blue", "long": "x" * 4000}
        metadata = {"mlflow.traceInputs": '{"q": "ü"}', "mlflow.trace.session": f"session {number % 2}"}
        made = store.start_trace(experiment, START + number, metadata, tags)
        if number == 7:
            continue  # never ends
        state = "OK" if number % 3 else "ERROR"
        from mlflow.entities.trace_status import TraceStatus

        store.end_trace(
            made.request_id, START + number + 250, TraceStatus(state), {"mlflow.traceOutputs": "[1]"}, {"end": "yes"}
        )
        client.set_trace_tag(made.request_id, "later", "set")
        if number == 6:
            client.delete_traces(experiment, request_ids=[made.request_id])


def traces_of_3(experiment, runs):
    """Traces with spans, assessments, links to runs; the usage of tokens, sessions and costs that later versions move."""
    from mlflow.entities import AssessmentError, AssessmentSource, SpanEvent, SpanType
    from mlflow.tracing.constant import SpanAttributeKey, TraceMetadataKey

    mlflow.set_experiment(experiment_id=experiment)
    made = []
    for number in range(8):
        with mlflow.start_span(name=f"root {number % 3}", span_type=SpanType.CHAIN) as root:
            root.set_inputs({"question": f"ü {number}"})
            with mlflow.start_span(name="call", span_type=SpanType.CHAT_MODEL) as call:
                call.set_inputs({"messages": [{"role": "user", "content": "hi"}]})
                usage = {"input_tokens": 10 + number, "output_tokens": 5, "total_tokens": 15 + number}
                call.set_attribute(SpanAttributeKey.CHAT_USAGE, usage)
                call.set_attribute("mlflow.llm.model", "model-x")
                call.set_attribute("mlflow.llm.provider", "provider-y")
                call.set_attribute(
                    "mlflow.llm.cost",
                    {"input_cost": 0.001 * number, "output_cost": 0.002, "total_cost": 0.002 + 0.001 * number},
                )
                call.set_outputs({"answer": None})
            if number == 5:
                with mlflow.start_span(name="broken", span_type=SpanType.TOOL) as broken:
                    # As an exception leaves it, without the files' names in a stack trace.
                    broken.add_event(SpanEvent("exception", attributes={"exception.message": "on purpose"}))
                    broken.set_status("ERROR")
            if number % 2:
                mlflow.update_current_trace(
                    tags={"color": "blue"},
                    metadata={TraceMetadataKey.TRACE_SESSION: f"session {number}", TraceMetadataKey.TRACE_USER: "ada"},
                )
            root.set_outputs({"answer": number})
        made.append(root.trace_id)
    mlflow.flush_trace_async_logging()
    human = AssessmentSource("HUMAN", "ada")
    judge = AssessmentSource("LLM_JUDGE", "judge-1")
    mlflow.log_feedback(
        trace_id=made[0], name="good", value=True, source=human, rationale="it's right", metadata={"k": "v"}
    )
    mlflow.log_feedback(trace_id=made[0], name="score", value=0.75, source=judge)
    mlflow.log_feedback(trace_id=made[1], name="score", value=3, source=judge)
    mlflow.log_feedback(trace_id=made[2], name="words", value=["a", "b"], source=judge)
    mlflow.log_feedback(trace_id=made[3], name="broken", error=AssessmentError("NO", "no"), source=judge)
    mlflow.log_expectation(trace_id=made[1], name="answer", value={"text": "日本"}, source=human)
    gone = mlflow.log_feedback(trace_id=made[4], name="gone", value=False, source=human)
    mlflow.delete_assessment(trace_id=made[4], assessment_id=gone.assessment_id)
    changed = mlflow.log_feedback(trace_id=made[4], name="changed", value="before", source=human)
    from mlflow.entities import Feedback

    mlflow.override_feedback(trace_id=made[4], assessment_id=changed.assessment_id, value="after", source=human)
    for trace in made[:3]:
        client.set_trace_tag(trace, "later", "set")
    store.link_traces_to_run(made[:4], runs[0])
    client.delete_traces(experiment, trace_ids=[made[6]])
    traces_of_2(experiment) if hasattr(store, "start_trace") and VERSION < (3, 0) else old_traces(experiment)
    return made


def old_traces(experiment):
    """Traces as a client before 3.0 sends them."""
    from mlflow.entities.trace_status import TraceStatus

    for number in range(3):
        made = store.deprecated_start_trace_v2(
            experiment,
            START + number,
            {"mlflow.traceInputs": "{}", "mlflow.trace.session": "old session"},
            {"mlflow.traceName": f"old {number}"},
        )
        store.deprecated_end_trace_v2(
            made.request_id, START + number + 9, TraceStatus.OK, {"mlflow.traceOutputs": "1"}, {}
        )


def logged_models(experiment, runs):
    from mlflow.entities import LoggedModelInput, LoggedModelOutput

    made = []
    for number in range(5):
        model = client.create_logged_model(
            experiment,
            name=f"m{number}",
            source_run_id=runs[number],
            tags={"parity": str(number % 2), "日": "本"},
            params={"n": str(number), "long": "x" * 5000},
            model_type="toy",
        )
        made.append(model.model_id)
        store.log_batch(
            runs[number],
            [
                Metric("acc", number / 10, START, 1, model.model_id, "train", "d1", runs[number]),
                Metric("acc", float("nan"), START, 2, model.model_id, None, None, runs[number]),
            ],
            [],
            [],
        )
    client.finalize_logged_model(made[0], "READY")
    client.finalize_logged_model(made[1], "FAILED")
    client.set_logged_model_tags(made[0], {"parity": "zero", "new": "x"})
    client.delete_logged_model(made[4])
    client.log_outputs(runs[0], [LoggedModelOutput(made[0], 3), LoggedModelOutput(made[1], 4)])
    client.log_inputs(runs[1], models=[LoggedModelInput(made[0])])
    client.create_model_version("model", f"models:/{made[0]}", runs[0], model_id=made[0])


def evaluation(experiment, traces):
    """Evaluation datasets, scorers and webhooks."""
    for name in ["questions", "gone"]:
        dataset = store.create_dataset(name, tags={"team": "blue"}, experiment_ids=[experiment])
        store.upsert_dataset_records(
            dataset.dataset_id,
            [
                {
                    "inputs": {"question": f"ü {number}"},
                    "expectations": {"answer": number},
                    "tags": {"number": str(number)},
                    "source": {"source_type": "TRACE", "source_data": {"trace_id": traces[number]}},
                }
                for number in range(4)
            ],
        )
        if name == "gone":
            store.delete_dataset(dataset.dataset_id)
    for text in ["first", "second"]:
        store.register_scorer(experiment, "judge", json.dumps({"name": "judge", "instructions": text}))
    store.register_scorer(experiment, "other", json.dumps({"name": "other", "builtin": True}))
    client.create_webhook(
        "hook", "https://example.org/hook", ["model_version.created"], description="ü", secret="not a secret"
    )
    gone = client.create_webhook(
        "gone", "https://example.org/gone", ["registered_model.created", "model_version.created"]
    )
    client.delete_webhook(gone.webhook_id)


def prompts():
    client.register_prompt("greeting", "Hello {{name}}", commit_message="first", tags={"lang": "en"})
    client.register_prompt("greeting", "Good day {{name}}", commit_message="second")
    client.set_prompt_alias("greeting", "live", 1)


def jobs(database):
    """In every state that a job can be left in."""
    from mlflow.store.jobs.sqlalchemy_store import SqlAlchemyJobStore

    jobs = SqlAlchemyJobStore(database)
    made = [jobs.create_job("module.function", json.dumps({"n": number}), timeout=10.0) for number in range(6)]
    for job in made[1:]:
        jobs.start_job(job.job_id)
    jobs.finish_job(made[2].job_id, '"done"')
    jobs.fail_job(made[3].job_id, "failed")
    jobs.mark_job_timed_out(made[4].job_id)
    jobs.retry_or_fail_job(made[5].job_id, "again")


def main():
    experiment, runs = tracking()
    registry(runs)
    if hasattr(client, "log_inputs"):
        datasets(runs)
    if (2, 14) <= VERSION < (3, 0):
        traces_of_2(experiment)
    if VERSION >= (3, 6):
        traces = traces_of_3(experiment, runs)
        logged_models(experiment, runs)
        evaluation(experiment, traces)
        jobs(sys.argv[1])
    if VERSION >= (2, 22):
        prompts()
    print(f"filled through client {mlflow.__version__}")


if __name__ == "__main__":
    main()

"""`POST /graphql`: what the pages of MLflow ask, and every other root field of the schema."""

from record import Difference

RUN = """query GetRun($data: MlflowGetRunInput!) @component(name: "test") {
  mlflowGetRun(input: $data) {
    __typename
    apiError { code message helpUrl }
    run {
      info { runName status runUuid runId experimentId artifactUri endTime lifecycleStage startTime userId }
      experiment { __typename experimentId name tags { key value } artifactLocation lifecycleStage }
      modelVersions { status version name source currentStage runId aliases tags { key value } }
      data {
        metrics { __typename key value step timestamp datasetName modelId }
        params { key value }
        tags { key value }
      }
      inputs {
        datasetInputs { dataset { digest name profile schema source sourceType } tags { key value } }
        modelInputs { modelId }
      }
      outputs { modelOutputs { modelId step } }
    }
  }
}"""

REFUSED = {"data": None, "errors": "<any>"}


def refused(slug="graphql-refused-is-400"):
    """Nothing is executed, and the status says so."""
    return Difference(slug, 400, REFUSED)


def not_graphql():
    return Difference("graphql-refused-is-400", 400)


def record(recorder):
    def ask(s, query, variables=None, operation=None, **rest):
        body = {"query": query}
        if variables is not None:
            body["variables"] = variables
        if operation is not None:
            body["operationName"] = operation
        return s.post("/graphql", body, **rest)

    def ask_run(s, **rest):
        return ask(s, RUN, {"data": {"runId": "${run}"}}, "GetRun", **rest)

    with recorder.scenario("graphql: a run without anything") as s:
        s.experiment()
        s.run()
        ask_run(s)

    with recorder.scenario("graphql: a run with everything") as s:
        s.experiment(tags=[{"key": "team", "value": "a"}])
        s.run()
        s.post("runs/log-metric", {"run_id": "${run}", "key": "loss", "value": 0.5, "timestamp": 1700000000123, "step": 3})
        s.post("runs/log-metric", {"run_id": "${run}", "key": "nan", "value": "NaN", "timestamp": 1, "step": 0})
        s.post("runs/log-metric", {"run_id": "${run}", "key": "inf", "value": "Infinity", "timestamp": 1, "step": 0})
        s.post("runs/log-parameter", {"run_id": "${run}", "key": "rate", "value": "0.1"})
        s.post("runs/set-tag", {"run_id": "${run}", "key": "colour", "value": "red"})
        dataset = {"name": "wine", "digest": "abc", "source_type": "local", "source": "{}"}
        tags = [{"key": "mlflow.data.context", "value": "train"}]
        s.post("runs/log-inputs", {"run_id": "${run}", "datasets": [{"dataset": dataset, "tags": tags}]})
        s.post("runs/update", {"run_id": "${run}", "status": "FINISHED", "end_time": 1700000009000})
        s.post("registered-models/create", {"name": s.slug})
        version = {"name": s.slug, "source": "runs:/${run}/model", "run_id": "${run}", "tags": [{"key": "a", "value": "b"}]}
        s.post("model-versions/create", version, no_body=True)
        ask_run(s)

    with recorder.scenario("graphql: an experiment") as s:
        s.experiment(tags=[{"key": "mlflow.note.content", "value": "a note"}])
        times = ["/data/mlflowGetExperiment/experiment/creationTime", "/data/mlflowGetExperiment/experiment/lastUpdateTime"]
        ask(
            s,
            """query Q($input: MlflowGetExperimentInput!) { mlflowGetExperiment(input: $input) { apiError { code }
               experiment { artifactLocation creationTime effectiveTraceArchivalRetention experimentId lastUpdateTime
               lifecycleStage name workspace tags { key value } } } }""",
            {"input": {"experimentId": "${exp}"}},
            any=times,
        )
        ask(s, '{ mlflowGetExperiment(input: {experimentId: "7300000"}) { experiment { name } } }')

    with recorder.scenario("graphql: runs are searched as queries and as mutations") as s:
        s.experiment()
        s.run("a")
        s.run("b", start_time=1_700_000_000_001)
        s.run("c", start_time=1_700_000_000_002)
        s.post("runs/delete", {"run_id": "${c}"})
        search = "mlflowSearchRuns(input: $d) { nextPageToken runs { info { runName } experiment { name } } }"
        two = {"d": {"experimentIds": ["${exp}"], "orderBy": ["attributes.start_time ASC"], "maxResults": 1}}
        ask(s, "query Q($d: MlflowSearchRunsInput!) { %s }" % search, two)
        ask(s, "mutation M($d: MlflowSearchRunsInput!) { %s }" % search, two)
        by_name = {"d": {"experimentIds": ["${exp}"], "filter": "attributes.run_name = 'b'"}}
        ask(s, "query Q($d: MlflowSearchRunsInput!) { %s }" % search, by_name)
        ask(s, "query Q($d: MlflowSearchRunsInput!) { %s }" % search, {"d": {"experimentIds": ["${exp}"], "filter": "nonsense"}})
        deleted = {"d": {"experimentIds": ["${exp}"], "runViewType": "DELETED_ONLY"}}
        found = {"nextPageToken": "", "runs": [{"info": {"runName": "c"}, "experiment": {"name": s.slug}}]}
        ask(
            s,
            "query Q($d: MlflowSearchRunsInput!) { %s }" % search,
            deleted,
            oxflow=Difference("graphql-view-type", 200, {"data": {"mlflowSearchRuns": found}, "errors": None}),
        )

    with recorder.scenario("graphql: sampled histories") as s:
        s.experiment()
        s.run()
        for step in range(5):
            point = {"key": "loss", "value": step / 4, "timestamp": step, "step": step}
            s.post("runs/log-metric", {"run_id": "${run}", **point})
        s.post("runs/log-metric", {"run_id": "${run}", "key": "nan", "value": "NaN", "timestamp": 1, "step": 0})
        history = """query H($d: MlflowGetMetricHistoryBulkIntervalInput!) { mlflowGetMetricHistoryBulkInterval(input: $d) {
          __typename metrics { __typename timestamp step runId key value } apiError { code message } } }"""
        ask(s, history, {"d": {"runIds": ["${run}"], "metricKey": "loss", "maxResults": 320}})
        # MLflow drops the steps of a GraphQL request.
        answer = {"__typename": "MlflowGetMetricHistoryBulkIntervalResponse", "apiError": None}
        typed = {"__typename": "MlflowMetricWithRunId", "key": "loss", "runId": "${run}"}
        points = [{**typed, "step": str(step), "timestamp": str(step), "value": step / 4} for step in (1, 2, 3)]
        heeded = {"data": {"mlflowGetMetricHistoryBulkInterval": {**answer, "metrics": points}}, "errors": None}
        ask(
            s,
            history,
            {"d": {"runIds": ["${run}"], "metricKey": "loss", "startStep": 1, "endStep": 3}},
            oxflow=Difference("graphql-steps", 200, heeded),
        )
        one_alone = {"data": {"mlflowGetMetricHistoryBulkInterval": None}, "errors": "<any>"}
        ask(
            s,
            history,
            {"d": {"runIds": ["${run}"], "metricKey": "loss", "startStep": 1}},
            oxflow=Difference("graphql-steps", 200, one_alone),
        )
        point = {**typed, "key": "nan", "step": "0", "timestamp": "1", "value": None}
        answer = {**answer, "metrics": [point]}
        ask(
            s,
            history,
            {"d": {"runIds": ["${run}"], "metricKey": "nan"}},
            oxflow=Difference("graphql-nan-is-null", 200, {"data": {"mlflowGetMetricHistoryBulkInterval": answer}, "errors": None}),
        )

    with recorder.scenario("graphql: artifacts") as s:
        s.experiment()
        s.run()
        s.put("/api/2.0/mlflow-artifacts/artifacts/${exp}/${run}/artifacts/a/b.txt", bytes_=b"text", no_body=True)
        s.put("/api/2.0/mlflow-artifacts/artifacts/${exp}/${run}/artifacts/empty", bytes_=b"", no_body=True)
        files = "query F($d: MlflowListArtifactsInput!) { mlflowListArtifacts(input: $d) { rootUri nextPageToken files { path isDir fileSize } } }"
        ask(s, files, {"d": {"runId": "${run}"}})
        ask(s, files, {"d": {"runId": "${run}", "path": "a"}})

    with recorder.scenario("graphql: datasets") as s:
        s.experiment()
        s.run()
        dataset = {"name": "wine", "digest": "abc", "source_type": "local", "source": "{}"}
        s.post("runs/log-inputs", {"run_id": "${run}", "datasets": [{"dataset": dataset}]})
        search = "mutation D($d: MlflowSearchDatasetsInput!) { mlflowSearchDatasets(input: $d) { datasetSummaries { experimentId name digest context } } }"
        ask(s, search, {"d": {"experimentIds": ["${exp}"]}})
        ask(s, search, {"d": {"experimentIds": []}})

    with recorder.scenario("graphql: model versions") as s:
        s.post("registered-models/create", {"name": s.slug})
        for number in (1, 2):
            s.post("model-versions/create", {"name": s.slug, "source": "s3://bucket/model", "description": str(number)}, no_body=True)
        s.post("registered-models/alias", {"name": s.slug, "alias": "best", "version": "2"})
        search = """query V($d: MlflowSearchModelVersionsInput!) { mlflowSearchModelVersions(input: $d) { nextPageToken
          modelVersions { name version description currentStage source status statusMessage runId runLink userId aliases
          tags { key value } modelParams { name } modelMetrics { key } deploymentJobState { jobId currentTaskName } } } }"""
        ask(s, search, {"d": {"filter": f"name = '{s.slug}'", "orderBy": ["version_number ASC"]}})
        ask(s, search, {"d": {"filter": f"name = '{s.slug}'", "orderBy": ["version_number ASC"], "maxResults": 1}})
        ask(s, "query { mlflowSearchModelVersions(input: {filter: \"name = '%s'\", maxResults: 1}) { modelVersions { name } } }" % s.slug)
        ask(s, search, {"d": {"filter": "nonsense"}})

    with recorder.scenario("graphql: aliases, fragments, defaults, operations") as s:
        s.experiment()
        fragments = """query Q($id: String = "${exp}") {
          one: mlflowGetExperiment(input: {experimentId: "${exp}"}) { ...Answer }
          two: mlflowGetExperiment(input: {experimentId: $id}) {
            experiment { id: experimentId ... on MlflowExperiment { lifecycleStage } }
          }
          __typename
        }
        fragment Answer on MlflowGetExperimentResponse { experiment { ...Names } apiError { ...Nothing } }
        fragment Names on MlflowExperiment { name workspace }
        fragment Nothing on ApiError { traceId errorDetails { field message } }"""
        ask(s, fragments)
        ask(s, fragments, {"id": "0"})
        two = 'query A { test(inputString: "a") { output } } query B { test(inputString: "b") { output __typename } }'
        ask(s, two, operation="B")
        ask(s, two, oxflow=refused())
        ask(s, two, operation="C", oxflow=refused())
        ask(s, 'mutation { testMutation(inputString: "x") { output } }')

    with recorder.scenario("graphql: what cannot be executed") as s:
        ask(s, "{ nope }", oxflow=refused())
        ask(s, '{ mlflowGetRun(input: {runId: "x"}) { run { nope } } }', oxflow=refused())
        ask(s, '{ mlflowGetRun(input: {nope: "x"}) { run { info { runId } } } }', oxflow=refused())
        ask(s, "query Q($d: MlflowGetRunInput!) { mlflowGetRun(input: $d) { run { info { runId } } } }", oxflow=refused())
        ask(s, "{ ...F } fragment F on Query { ...F }", oxflow=refused())
        ask(s, "query (", status=500, oxflow=refused())
        ask(s, "", status=500, oxflow=not_graphql())
        s.post("/graphql", {}, status=500, oxflow=not_graphql())
        s.post("/graphql", [{"query": "{ __typename }"}], status=500, oxflow=not_graphql())

    with recorder.scenario("graphql: limits") as s:
        field = 't%d: test(inputString: "x") { output }'
        at_limit = "{ " + " ".join(field % number for number in range(10)) + " }"
        ask(s, at_limit)
        ask(s, at_limit.replace("}", "} ", 1)[:-1] + '__typename }', oxflow=refused())
        aliases = "{ test(inputString: \"x\") { %s } }"
        ask(s, aliases % " ".join(f"a{number}: output" for number in range(10)))
        ask(s, aliases % " ".join(f"a{number}: output" for number in range(11)), oxflow=refused())
        deep = "{ __schema { types { " + "ofType { " * 7 + "name" + " }" * 7 + " } } }"
        ask(s, deep, no_body=True)
        ask(s, deep.replace("name", "ofType { name }"), oxflow=refused())
        ask(s, '{ test(inputString: "x") { %s } }' % ("output " * 1000), oxflow=refused())

    with recorder.scenario("graphql: a run that is not there") as s:
        ask(s, '{ mlflowGetRun(input: {runId: "00000000000000000000000000000000"}) { apiError { code } run { info { runId } } } }')
        gone = {"data": {"mlflowGetRun": None}, "errors": "<any>"}
        ask(s, "{ mlflowGetRun { run { info { runId } } } }", oxflow=Difference("graphql-missing-input", 200, gone))
        ask(s, "{ mlflowGetRun(input: {}) { run { info { runId } } } }", oxflow=Difference("graphql-missing-input", 200, gone))

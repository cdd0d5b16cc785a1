"""What GraphQL may be asked. security.md, section 9."""

import json

from hostile.raw import request
from hostile.rows import RUN, post, row

FIELD = f'mlflowGetRun(input: {{runId: "{RUN}"}}) {{ run {{ info {{ runId }} }} }}'


def asks(name, query, *expected, **rest):
    return row(name, post("/graphql", {"query": query, **rest}), *(expected or (400,)))


def deep(levels):
    return "{ x " * levels + "}" * levels


ROWS = [
    asks("11 root fields", "{" + " ".join(f"a{number}: {FIELD}" for number in range(11)) + "}"),
    asks("11 aliases below", "{ mlflowGetRun(input: {runId: \"%s\"}) { run { info { %s } } } }" % (RUN, " ".join(f"a{number}: runId" for number in range(11)))),
    asks("depth 11", "{ mlflowGetRun { " + deep(10) + "} }"),
    asks("depth 10,000", deep(10_000)),
    asks("100,000 open braces", "{" * 100_000),
    asks("100,000 open lists", '{ a(b: ' + "[" * 100_000),
    asks("100,000 open objects", "{ a(b: " + "{c: " * 100_000),
    asks("100,000 list types", "query($a: " + "[" * 100_000 + "Int" + "]" * 100_000 + ") { x }"),
    asks("1,001 fields", "{ a { " + "x " * 1001 + "} }"),
    asks("a million fields", "{ a { " + "x " * 1_000_000 + "} }"),
    asks("a fragment in itself", "{ ...f } fragment f on Query { ...f }"),
    asks("two fragments in each other", "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"),
    asks("a ring of 100 fragments", "{ ...f0 } " + " ".join(f"fragment f{n} on Query {{ ...f{(n + 1) % 100} }}" for n in range(100))),
    asks("fragments that double", "{ ...f0 } " + " ".join(f"fragment f{n} on Query {{ a{n}: x {{ ...f{n + 1} }} b{n}: x {{ ...f{n + 1} }} }}" for n in range(25)) + " fragment f25 on Query { x }"),
    asks("fragments that double in one level", "{ ...f0 } " + " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(200)) + " fragment f200 on Query { x }"),
    asks("10,000 fragments", "{ x } " + " ".join(f"fragment f{n} on Query {{ x }}" for n in range(10_000))),
    asks("10,000 operations", " ".join(f"query q{n} {{ x }}" for n in range(10_000))),
    asks("10,000 inline fragments", "{ " + "... { " * 10_000 + "x" + " }" * 10_000 + " }"),
    asks("10,000 directives", "{ x " + "@skip(if: true) " * 10_000 + "}"),
    asks("an unknown directive", "{ __typename @evil }"),
    asks("a directive that includes nothing", '{ __typename @include(if: "x") }'),
    asks("10,000 variables", "query(" + " ".join(f"$a{n}: Int" for n in range(10_000)) + ") { x }"),
    asks("a variable that is missing", "query($i: MlflowGetRunInput!) { mlflowGetRun(input: $i) { run { info { runId } } } }", {200, 400}),
    asks("variables that are a list", "{ __typename }", {200, 400}, variables=[1]),
    asks("variables that are a text", "{ __typename }", {200, 400}, variables="x"),
    asks("a default that is deep", "query($a: X = " + "{a: " * 5000 + "1" + "}" * 5000 + ") { x }"),
    asks("introspection of types in types", "{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }"),
    asks("introspection twelve times", "{" + " ".join(f"a{n}: __schema {{ types {{ name }} }}" for n in range(12)) + "}"),
    asks("introspection", "{ __schema { types { name } } }", {200, 400}),
    asks("a subscription", "subscription { x }"),
    asks("a mutation that is none", "mutation { deleteEverything }"),
    asks("a type of our own", "type Query { x: Int } { x }"),
    asks("a syntax error", "{ x("),
    asks("a NUL", "{ x\0 }"),
    asks("control characters", "{ x\x07 }"),
    asks("an open text", '{ x(a: "'),
    asks("an open block text", '{ x(a: """'),
    asks("a lone surrogate", '{ x(a: "\\ud800") }'),
    asks("an escape beyond Unicode", '{ x(a: "\\u{110000}") }'),
    asks("a number of 10,000 digits", "{ x(a: " + "1" * 10_000 + ") }"),
    asks("a comment of 1 MiB", "#" + "a" * 2**20 + "\n{ nothing }"),
    asks("a million commas", "," * 1_000_000 + "{ nothing }"),
    asks("a name of 1 MiB", "{ " + "a" * 2**20 + " }"),
    asks("an empty query", ""),
    asks("a query that is a number", 5),
    asks("a query that is a list", ["{ x }"]),
    asks("an operation that is missing", "query a { __typename }", operationName="b"),
    asks("an operation name that is a list", "query a { __typename }", operationName=["a"]),
    asks("SQL in an id", "{ mlflowGetRun(input: {runId: \"' OR 1=1 --\"}) { run { info { runId } } } }", {200, 400}),
    asks("a path as an id", '{ mlflowListArtifacts(input: {runId: "../../x", path: "../../etc"}) { files { path } } }', {200, 400}),
    asks("a way out of the artifacts", '{ mlflowListArtifacts(input: {runId: "%s", path: "../../.."}) { files { path } } }' % RUN, {200, 400}),
    asks("a filter bomb", '{ mlflowSearchRuns(input: {experimentIds: ["0"], filter: "%s"}) { runs { info { runId } } } }' % ("(" * 50_000), {200, 400}),
    asks("10,001 ids", "{ mlflowSearchRuns(input: {experimentIds: [%s]}) { runs { info { runId } } } }" % ",".join(['"0"'] * 10_001)),
    asks("a max_results of 2^31", '{ mlflowSearchRuns(input: {experimentIds: ["0"], maxResults: 2147483648}) { runs { info { runId } } } }', {200, 400}),
    row("a batch", post("/graphql", json.dumps([{"query": "{ __typename }"}] * 10)), 400),
    row("an empty batch", post("/graphql", "[]"), 400),
    row("no JSON", post("/graphql", "{ __typename }"), 400),
    row("a body of GraphQL", request("POST", "/graphql", "Content-Type: application/graphql", body=b"{ __typename }"), 400),
    row("a form", request("POST", "/graphql", "Content-Type: application/x-www-form-urlencoded", body=b"query={__typename}"), 400),
    row("a GET", request("GET", "/graphql?query={__typename}".replace("{", "%7b").replace("}", "%7d")), {400, 405}),
    row("an upload", request("POST", "/graphql", "Content-Type: multipart/form-data; boundary=x", body=b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--'), 400),
    row("a websocket", request("GET", "/graphql", "Connection: Upgrade, close", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: graphql-ws", close=False), {400, 405}),
    row("an extension", post("/graphql", {"query": "{ nothing }", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}), 400),
]  # fmt: skip

LARGE = [
    asks("a block text of 1 MiB", '{ x(a: """' + "a\n" * 2**19 + '""") }'),
]

"""Every page of the core, opened by its address: what it shows, and that nothing goes wrong on the way."""

import json
import urllib.parse

import pytest


def quoted(value):
    return urllib.parse.quote(json.dumps(value))


def test_home(ui):
    ui.open("/", "Recent Experiments", "wine quality", "grape harvest")


def test_experiments(ui):
    ui.open("/experiments", "wine quality", "grape harvest", "nothing yet", "sommeliers")


def test_runs_table(ui, seeded):
    ui.open(f"/experiments/{seeded['experiment']}/runs", "the one with everything", "sweep-07", "16 matching runs", "red wine")


def test_charts_of_an_experiment(ui, seeded):
    ui.open(f"/experiments/{seeded['experiment']}/runs?compareRunsMode=CHART", "Model metrics", "loss")
    ui.page.locator(".js-plotly-plot .scatterlayer path.js-line").first.wait_for(state="attached")


def test_runs_of_several_experiments(ui, seeded):
    both = quoted([seeded["experiment"], seeded["second_experiment"]])
    ui.open(f"/compare-experiments/s?experiments={both}", "Displaying Runs from 2 Experiments", "harvest-2", "sweep-03")


def test_an_experiment_without_runs(ui, seeded):
    ui.open(f"/experiments/{seeded['empty_experiment']}/runs", "No runs logged", "0 matching runs")


def test_logged_models_of_an_experiment(ui, seeded):
    ui.open(f"/experiments/{seeded['experiment']}/models", "forest", "ridge", "Ready", "rmse")


def test_run(ui, seeded):
    ui.open(f"/experiments/{seeded['experiment']}/runs/{seeded['run']}", "the one with everything", seeded["run"], "Finished")
    ui.sees("red wine", "stage of life", "wine taster", "val/accuracy", "learning_rate", "forest")
    assert "POST /graphql" in ui.requests


def test_run_with_children(ui, seeded):
    ui.open(f"/experiments/{seeded['experiment']}/runs/{seeded['parent']}", "search-of-depths", "depth-8")


def test_metrics_of_a_run(ui, seeded):
    ui.open(f"/experiments/{seeded['experiment']}/runs/{seeded['run']}/model-metrics", "accuracy", "loss")
    ui.page.locator(".js-plotly-plot .scatterlayer path.js-line").first.wait_for(state="attached")


def test_system_metrics_of_a_run(ui, seeded):
    ui.open(f"/experiments/{seeded['experiment']}/runs/{seeded['run']}/system-metrics", "System metrics", "cpu_utilization")
    ui.page.locator(".js-plotly-plot .scatterlayer path.js-line").first.wait_for(state="attached")


@pytest.mark.parametrize(
    "path, text",
    [
        ("log.txt", "second line with ümlaut"),
        ("train.py", "import mlflow"),
        ("README.md", "A heading"),
        ("settings.yaml", "layers"),
        ("data/facts.json", "merlot"),
        ("table.csv", "riesling"),
        ("eval/answers.json", "corked?"),
        ("weights.bin", "Select a file to preview"),
    ],
)
def test_artifacts_that_are_text(ui, seeded, path, text):
    ui.open(f"/experiments/{seeded['experiment']}/runs/{seeded['run']}/artifacts/{path}", path, text)


@pytest.mark.parametrize("path", ["plots/curve.png", "plots/curve.svg"])
def test_artifacts_that_are_pictures(ui, seeded, path):
    ui.open(f"/experiments/{seeded['experiment']}/runs/{seeded['run']}/artifacts/{path}", path)
    # Drawn by the browser: an image that does not load has no width.
    ui.page.wait_for_function("[...document.images].some(image => image.naturalWidth > 100 && image.src.startsWith('blob:'))")


def test_artifact_pdf(ui, seeded):
    ui.open(f"/experiments/{seeded['experiment']}/runs/{seeded['run']}/artifacts/plots/curve.pdf", "curve.pdf")
    ui.page.locator(".react-pdf__Page__canvas").wait_for()


def test_artifact_sound(ui, seeded):
    ui.open(f"/experiments/{seeded['experiment']}/runs/{seeded['run']}/artifacts/cork.wav", "cork.wav")
    audio = ui.page.locator("audio").element_handle()
    ui.page.wait_for_function("audio => audio.readyState > 0", arg=audio)


def test_artifact_html_is_shown_without_its_scripts(ui, seeded):
    ui.open(f"/experiments/{seeded['experiment']}/runs/{seeded['run']}/artifacts/page.html", "page.html")
    frame = ui.page.frame_locator("iframe")
    frame.get_by_text("A page").wait_for()
    assert frame.get_by_text("a script ran").count() == 0
    ui.expect_problems("Executing inline script violates the following Content Security Policy")


def test_artifact_map_asks_no_other_server(ui, seeded):
    ui.open(f"/experiments/{seeded['experiment']}/runs/{seeded['run']}/artifacts/vineyard.geojson", "vineyard.geojson")
    ui.page.locator(".leaflet-marker-icon").wait_for()
    ui.page.wait_for_timeout(500)
    ui.expect_problems("tile.openstreetmap.org.*Content Security Policy", "csp: https://.*tile.openstreetmap.org")


def test_logged_model(ui, seeded):
    ui.open(f"/experiments/{seeded['experiment']}/models/{seeded['models'][0]}", "forest", seeded["models"][0], "rmse", "red wine")
    ui.sees("Ready", "trees", "wine taster", "the one with everything")


def test_artifacts_of_a_logged_model(ui, seeded):
    ui.open(f"/experiments/{seeded['experiment']}/models/{seeded['models'][0]}/artifacts", "conda.yaml", "input_example.json")
    ui.page.get_by_text("MLmodel", exact=True).click()
    ui.sees("python_function", "model_uuid")


def test_compared_runs(ui, seeded):
    runs = [*seeded["runs"][:4], seeded["run"]]
    ui.open(f"/compare-runs?runs={quoted(runs)}&experiments={quoted([seeded['experiment']])}", "Comparing 5 Runs from 1 Experiment")
    # Parallel coordinates are drawn with WebGL, by programs that the library compiles on the way.
    ui.page.locator(".parcoords .axis").first.wait_for(state="attached")
    assert ui.page.get_by_text("WebGL is not supported").count() == 0
    ui.click("Scatter Plot", role="tab")
    ui.page.locator(".js-plotly-plot .xtick").first.wait_for(state="attached")
    ui.click("Box Plot", role="tab")
    ui.sees("Select parameters/metrics to plot.")
    ui.sees("sweep-02", "learning_rate", "val/accuracy")


def test_compared_runs_as_a_contour(ui, seeded):
    # The first metric of the page must be one that all of them have.
    runs = quoted(seeded["runs"][:6])
    ui.open(f"/compare-runs?runs={runs}&experiments={quoted([seeded['experiment']])}", "Comparing 6 Runs from 1 Experiment")
    ui.click("Contour Plot", role="tab")
    ui.page.locator(".js-plotly-plot .contourlayer").first.wait_for(state="attached")


def test_one_metric_of_several_runs(ui, seeded):
    runs = quoted([*seeded["runs"][:3], seeded["run"]])
    address = f"/metric?runs={runs}&metric={quoted('loss')}&experiments={quoted([seeded['experiment']])}"
    ui.open(f"{address}&plot_metric_keys={quoted(['loss'])}", "Completed Runs", "sweep-01")
    ui.page.locator(".js-plotly-plot path.js-line").first.wait_for(state="attached")


def test_registered_models(ui):
    ui.open("/models", "wine taster", "empty cellar", "barrel 2")


def test_registered_model(ui):
    ui.open("/models/wine%20taster", "Tells good wine from bad.", "cellar", "champion", "Version 2", "The first try.")


def test_model_version(ui):
    ui.open("/models/wine%20taster/versions/1", "The first try.", "first", "checked", "Schema", "Inputs (2)", "forest")


def test_compared_model_versions(ui, seeded):
    versions = quoted({"2": seeded["run"], "3": seeded["runs"][0]})
    ui.open(f"/compare-model-versions?name={quoted('wine taster')}&runs={versions}", "Comparing 2 Versions", "sweep-00")


@pytest.mark.parametrize(
    "path, text",
    [
        ("/experiments/{experiment}/traces", "Start tracing your LLM application"),
        ("/experiments/{experiment}/datasets", "Create an evaluation dataset"),
        ("/experiments/{experiment}/evaluation-runs", "sweep-00"),
        ("/experiments/{experiment}/prompts", "Create your first prompt"),
        ("/experiments/{experiment}/judges", "Create and manage judges"),
        ("/experiments/{experiment}/runs/{run}/traces", "No traces found"),
        ("/experiments/{experiment}/models/{model}/traces", "Start tracing your LLM application"),
        ("/prompts", "Create your first prompt"),
        ("/mcp-registry", "Create MCP server"),
        ("/settings", "Theme preference"),
        ("/settings/llm-connections", "No API keys created"),
    ],
)
def test_pages_of_what_this_release_lacks_are_empty(ui, seeded, path, text):
    ui.open(path.format(**seeded, model=seeded["models"][0]), text)
    # The pages show a film of another server.
    ui.problems = [problem for problem in ui.problems if "mlflow.org/docs" not in problem]


def test_what_is_not_there_says_so(ui, seeded):
    ui.open(f"/experiments/{seeded['experiment']}/runs/{'0' * 32}", "does not exist")
    ui.open("/experiments/999999/runs", "Requested experiment was not found")
    ui.problems = [problem for problem in ui.problems if not problem.startswith("404 ")]


def test_the_page_is_asked_for_again_and_its_files_are_kept(server):
    import requests

    page = requests.get(server.url + "/", timeout=10)
    assert page.headers["Cache-Control"] == "no-cache"
    script = server.url + "/" + page.text.split('src="')[1].split('"')[0]
    first = requests.get(script, timeout=10)
    assert first.headers["Cache-Control"] == "max-age=2419200"
    assert first.headers["Content-Type"] == "text/javascript; charset=utf-8"
    again = requests.get(script, headers={"If-None-Match": first.headers["ETag"]}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")
    assert requests.head(script, timeout=10).headers["Content-Length"] == str(len(first.content))

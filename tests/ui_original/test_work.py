"""What people do on the pages, and that the server then knows it."""

import pytest
import requests


@pytest.fixture
def api(server):
    def get(path, **fields):
        answer = requests.get(f"{server.url}/api/2.0/mlflow/{path}", params=fields, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return get


def search(ui, text):
    box = ui.page.get_by_placeholder("metrics.rmse < 1")
    box.fill(text)
    box.press("Enter")


def test_runs_are_searched(fresh_ui, seeded):
    ui = fresh_ui
    ui.open(f"/experiments/{seeded['experiment']}/runs", "16 matching runs")
    search(ui, 'params.optimizer = "adam" and metrics.loss < 0.5')
    ui.sees("3 matching runs", "the one with everything")
    search(ui, "tags.sweep = 'rates' and attributes.status = 'FAILED'")
    ui.sees("1 matching run", "sweep-07")
    search(ui, "params.optimizer = ")
    ui.page.get_by_text("Invalid clause").locator("visible=true").first.wait_for()
    ui.expect_problems(r"^400 POST .*runs/search")


def test_runs_are_sorted_and_columns_chosen(fresh_ui, seeded):
    ui = fresh_ui
    ui.open(f"/experiments/{seeded['experiment']}/runs", "16 matching runs")
    ui.page.get_by_test_id("column-selection-dropdown").first.click()
    ui.page.get_by_placeholder("Search columns").fill("val/acc")
    ui.page.get_by_test_id("column-selector-tree").get_by_text("val/accuracy", exact=True).click()
    ui.page.keyboard.press("Escape")
    ui.page.get_by_role("columnheader", name="val/accuracy").first.wait_for()
    ui.page.get_by_test_id("sort-select-dropdown").click()
    ui.page.get_by_test_id("sort-select-val/accuracy").click()
    ui.sees("Sort: val/accuracy")
    # The best first; the one that was shown first is the newest.
    first_row = "[...document.querySelectorAll('[row-index=\"0\"]')].some(row => row.innerText.includes('sweep-00'))"
    ui.page.wait_for_function(first_row)


def test_deleted_runs_are_found(fresh_ui, seeded):
    ui = fresh_ui
    ui.open(f"/experiments/{seeded['experiment']}/runs", "16 matching runs")
    ui.page.get_by_text("Active", exact=True).locator("visible=true").first.click()
    ui.page.get_by_test_id("deleted-runs-menu-item").click()
    ui.sees("sweep-11", "1 matching run")


def test_an_experiment_is_created_and_deleted(ui, api):
    ui.open("/experiments", "wine quality")
    ui.click("Create")
    ui.page.get_by_placeholder("experiment name").fill("made in a browser")
    ui.page.get_by_role("dialog").get_by_role("button", name="Create").click()
    ui.sees("made in a browser")
    # The page asks whether the name is taken.
    ui.expect_problems(r"^404 GET .*experiments/get-by-name")
    experiment = api("experiments/get-by-name", experiment_name="made in a browser")["experiment"]
    ui.open("/experiments", "made in a browser")
    ui.page.get_by_role("row", name="made in a browser").get_by_role("checkbox").click()
    ui.click("Delete")
    ui.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    ui.page.get_by_role("row", name="made in a browser").wait_for(state="hidden")
    now = api("experiments/get", experiment_id=experiment["experiment_id"])["experiment"]
    assert now["lifecycle_stage"] == "deleted"


def test_a_run_is_renamed(ui, seeded, api):
    run = seeded["children"][0]
    ui.open(f"/experiments/{seeded['experiment']}/runs/{run}", "depth-2")
    ui.page.get_by_test_id("overflow-menu-trigger").click()
    ui.page.get_by_text("Rename", exact=True).click()
    ui.page.get_by_role("dialog").get_by_role("textbox").fill("depth-two")
    ui.page.get_by_role("dialog").get_by_role("button", name="Save").click()
    ui.page.get_by_role("dialog").wait_for(state="hidden")
    ui.sees("depth-two")
    assert api("runs/get", run_id=run)["run"]["info"]["run_name"] == "depth-two"


def test_a_logged_model_is_registered(ui, seeded, api):
    ui.open(f"/experiments/{seeded['experiment']}/models/{seeded['models'][1]}", "ridge")
    ui.click("Register model")
    dialog = ui.page.get_by_role("dialog")
    dialog.get_by_role("combobox").click()
    ui.page.get_by_text("Create New Model", exact=True).click()
    dialog.get_by_placeholder("Input a model name").fill("from the page")
    dialog.get_by_role("button", name="Register").click()
    dialog.wait_for(state="hidden")
    version = api("model-versions/get", name="from the page", version="1")["model_version"]
    assert version["source"] == f"models:/{seeded['models'][1]}"


def test_a_registered_model_is_created_tagged_and_deleted(ui, api):
    ui.open("/models", "wine taster")
    ui.click("Create Model")
    dialog = ui.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("short-lived")
    dialog.get_by_role("button", name="Create").click()
    ui.sees("short-lived", "Description")
    ui.expect_problems(r"^404 GET .*registered-models/get")
    ui.page.get_by_text("Tags", exact=True).first.click()
    ui.page.get_by_placeholder("Name").fill("colour")
    ui.page.get_by_placeholder("Value").fill("red")
    ui.click("Add")
    ui.sees("colour")
    ui.page.wait_for_timeout(300)
    assert api("registered-models/get", name="short-lived")["registered_model"]["tags"] == [{"key": "colour", "value": "red"}]
    ui.page.get_by_test_id("overflow-menu-trigger").click()
    ui.page.get_by_text("Delete", exact=True).click()
    ui.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    ui.sees("Registered Models")
    ui.page.get_by_text("short-lived").first.wait_for(state="hidden")
    names = [model["name"] for model in api("registered-models/search")["registered_models"]]
    assert "short-lived" not in names


def test_a_stage_is_changed_in_the_classic_registry(fresh_ui, api):
    ui = fresh_ui
    ui.open("/models/wine%20taster/versions/3", "Version 3")
    ui.page.get_by_role("switch").click()
    ui.page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    ui.page.get_by_text("Stage:").locator("visible=true").first.wait_for()
    ui.page.get_by_text("None", exact=True).click()
    ui.page.get_by_text("Transition to").nth(1).click()
    ui.page.get_by_role("dialog").get_by_role("button", name="OK").click()
    ui.page.get_by_role("dialog").wait_for(state="hidden")
    assert api("model-versions/get", name="wine taster", version="3")["model_version"]["current_stage"] == "Production"

"""The original UI in a browser, served by Oxflow. README.md says how to run it."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

import pytest
from playwright.sync_api import sync_playwright

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from databases import SqliteFile  # noqa: E402
from servers import Oxflow, clean_environment  # noqa: E402

CHROMIUM = os.environ.get("OXFLOW_CHROMIUM") or shutil.which("chromium")
SCREENSHOTS = ROOT / ".test" / "ui_original"
# Beside the flags for a container: nothing of the browser's own goes to the network.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]

# What a browser remembers of somebody who trains models and has seen the introductions.
PROFILE = {
    "mlflow.workflowType_v1": '"machine_learning"',
    "mlflow.assistant.panelOpen_v1": "false",
    "mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": "true",
    "_mlflow_user_setting_dismiss_next_model_registry_ui": "false",
}

# A server without a login has no current user; MLflow's answers the same.
EXPECTED_STATUS = [(404, r"/ajax-api/2\.0/mlflow/users/current$")]
# The browser's word for a layout that took two passes.
EXPECTED_ERRORS = [r"ResizeObserver loop"]


def ui_dir():
    """The UI of the installed mlflow package, or the folder that OXFLOW_TEST_UI_DIR names."""
    named = os.environ.get("OXFLOW_TEST_UI_DIR")
    if named:
        return pathlib.Path(named)
    import mlflow

    return pathlib.Path(mlflow.__file__).parent / "server" / "js" / "build"


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("oxflow")
    made = Oxflow(folder, SqliteFile(folder / "mlflow.db"), flags=["--ui-dir", str(ui_dir())]).start()
    yield made
    assert made.stop() == 0


@pytest.fixture(scope="session")
def seeded(server):
    """What `seed.py` made, by name."""
    done = subprocess.run(
        [sys.executable, str(HERE / "seed.py")],
        env=clean_environment(MLFLOW_TRACKING_URI=server.url),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def new_context(browser, server, seeded):
    """Makes profiles: the pages for training, without the panel of the assistant."""

    def make():
        stored = [{"name": name, "value": value} for name, value in PROFILE.items()]
        context = browser.new_context(
            viewport={"width": 1500, "height": 950},
            storage_state={"cookies": [], "origins": [{"origin": server.url, "localStorage": stored}]},
        )
        context.set_default_timeout(10_000)
        return context

    return make


class Ui:
    """One tab, and what went wrong in it."""

    def __init__(self, context, url):
        self.page = page = context.new_page()
        self.url = url
        self.requests = []
        self.problems = []
        page.on("response", self._saw_response)
        page.on("console", self._saw_console)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("requestfailed", self._saw_failure)

    def _saw_response(self, response):
        request = response.request
        self.requests.append(f"{request.method} {urllib.parse.urlsplit(response.url).path}")
        if response.status >= 400 and not self._is_expected(response.status, response.url):
            self.problems.append(f"{response.status} {request.method} {response.url} {(request.post_data or '')[:200]}")

    def _is_expected(self, status, url):
        path = urllib.parse.urlsplit(url).path
        return any(status == expected and re.search(pattern, path) for expected, pattern in EXPECTED_STATUS)

    def _saw_console(self, message):
        # What the browser says about a status is in the problems already.
        if message.type != "error" or message.text.startswith("Failed to load resource"):
            return
        if not any(re.search(pattern, message.text) for pattern in EXPECTED_ERRORS):
            self.problems.append(f"console: {message.text[:300]}")

    def _saw_failure(self, request):
        # A page that is left gives up what it was asking for.
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"{request.failure}: {request.url}")

    def expect_problems(self, *patterns):
        """Takes out what a test brings about on purpose; each pattern must have been seen."""
        for pattern in patterns:
            found = [problem for problem in self.problems if re.search(pattern, problem)]
            assert found, f"nothing like {pattern!r} in {self.problems}"
            self.problems = [problem for problem in self.problems if problem not in found]

    def open(self, path, *texts):
        """Opens a page and waits for texts on it."""
        if self.page.url.startswith(self.url):
            # What a click on a link does. Loading the whole UI takes seconds.
            follow = "path => { location.hash = path }"
            if any(page in self.page.url for page in ("/artifacts/", "/compare-runs")):
                # These look at their address only when they are made.
                self.page.evaluate(follow, "/settings")
                self.sees("Theme preference")
            self.page.evaluate(follow, path)
        else:
            self.page.goto(f"{self.url}/#{path}")
        self.sees(*texts)

    def sees(self, *texts):
        for text in texts:
            self.page.get_by_text(text).locator("visible=true").first.wait_for()

    def click(self, name, role="button", exact=True):
        self.page.get_by_role(role, name=name, exact=exact).locator("visible=true").first.click()


@pytest.fixture(scope="session")
def tab(new_context, server):
    """One tab for all tests that look and click: loading the whole UI takes seconds."""
    tab = Ui(new_context(), server.url)
    # The introduction to the new model registry is shown once.
    tab.open("/models")
    tab.click("Try it now")
    return tab


@pytest.fixture
def ui(tab, request):
    tab.requests.clear()
    tab.problems.clear()
    yield tab
    finish(tab, request)


@pytest.fixture
def fresh_ui(new_context, server, request):
    """A tab that remembers no filter and no column of an earlier test."""
    tab = Ui(new_context(), server.url)
    yield tab
    finish(tab, request)
    tab.page.context.close()


def finish(tab, request):
    """Takes the screenshot; then nothing may have gone wrong."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.-]+", "_", request.node.name)
    # Charts and pictures come a moment after the text.
    tab.page.wait_for_timeout(400)
    tab.page.screenshot(path=str(SCREENSHOTS / f"{name}.png"))
    problems = list(tab.problems)
    # An open menu or dialog is not the next test's.
    if request.node.stash.get(FAILED, False) or problems:
        tab.page.goto("about:blank")
    assert not problems, "\n".join(problems)


FAILED = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report

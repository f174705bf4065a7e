"""A chapter in JupyterLab, as `make lab` opens it: run it, choose, type nonsense, see the view change."""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHAPTER = "omission"
NONSENSE = "zzxq blorp a a a"
OUTPUT = ".jp-NotebookPanel .jp-OutputArea-output"
SENTENCE_BOX = "input[type=text]"
# What a person sees of an explorer, without the controls they use themselves.
VIEW = """
return [...arguments[0].querySelectorAll('svg, table, .widget-html, .jp-RenderedHTMLCommon')].map((e) => e.outerHTML).join('')
"""


def wait(browser, condition, seconds, what):
    try:
        ignored = [StaleElementReferenceException]
        return WebDriverWait(browser, seconds, poll_frequency=0.2, ignored_exceptions=ignored).until(lambda _: condition())
    except TimeoutException:
        pytest.fail(f"after {seconds} s: {what}")


def shown(browser, by, selector):
    return next((element for element in browser.find_elements(by, selector) if element.is_displayed()), None)


@pytest.fixture(scope="module")
def lab(root, tmp_path_factory):
    """The address of a JupyterLab started by `make lab` on a copy of the chapters, with settings of its own."""
    if shutil.which("make") is None or not (root / ".venv" / "bin" / "jupyter").exists():
        pytest.skip("JupyterLab is started by make lab, which needs make and the .venv it installs")
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(root / "book", home / "book")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = f"--no-browser --allow-root --ServerApp.ip=127.0.0.1 --ServerApp.port={port} --ServerApp.port_retries=0"
    folders = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    environment = {**os.environ, **{name: str(home / folder) for name, folder in folders.items()}}
    environment.pop("READING_NEURONS_BOOK", None)
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            ["make", "lab", f"LAB_FOLDER={home / 'book'}", f"LAB_ARGS={options} --IdentityProvider.token={token}"],
            cwd=root, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{port}/lab?token={token}&reset"
            _wait_for(address, server, home / "log")
            yield address
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)


def _wait_for(address, server, log, seconds=90):
    for _ in range(seconds * 2):
        if server.poll() is not None:
            break
        try:
            return urllib.request.urlopen(address, timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"make lab did not answer:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def notebook(lab, browser, root):
    """The chapter, opened by a double click in the list of files and run from top to bottom."""
    if not (root / "book" / f"{CHAPTER}.md").exists():
        pytest.skip(f"there is no chapter {CHAPTER}")
    metrics = {"width": 1500, "height": 4000, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get_log("performance")
    browser.get(lab)
    label = f"//li[contains(@class, 'jp-DirListing-item')]//span[text()='{CHAPTER}.md']"
    found = wait(browser, lambda: shown(browser, By.XPATH, label), 90, "the list of files does not show the chapter")
    wait(browser, lambda: not browser.find_elements(By.ID, "jupyterlab-splash"), 60, "JupyterLab does not finish loading")
    ActionChains(browser).double_click(found).perform()
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".jp-NotebookPanel .jp-CodeCell"), 60,
         "a double click does not open the chapter as a notebook")
    # The status bar, since the notebook's own indicator says idle before there is a kernel.
    wait(browser, lambda: "| Idle" in browser.find_element(By.ID, "jp-main-statusbar").text, 90, "the kernel did not start")
    _run_all(browser)
    return browser


def _run_all(browser):
    menu = "//div[contains(@class, 'lm-MenuBar-itemLabel') and text()='Run']"
    wait(browser, lambda: shown(browser, By.XPATH, menu), 10, "JupyterLab has no Run menu").click()
    command = "li[data-command='runmenu:run-all']"
    wait(browser, lambda: shown(browser, By.CSS_SELECTOR, command), 10, "the Run menu has no Run All").click()


@pytest.fixture(scope="module")
def explorer(notebook):
    """The first output that holds a menu and a box to type in."""
    def with_controls():
        for output in notebook.find_elements(By.CSS_SELECTOR, OUTPUT):
            if output.find_elements(By.TAG_NAME, "select") and output.find_elements(By.CSS_SELECTOR, SENTENCE_BOX):
                return output
        return None

    found = wait(notebook, with_controls, 300, "no output of the chapter holds a menu and a sentence box")
    notebook.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    wait(notebook, lambda: notebook.execute_script(VIEW, found), 60, "the explorer shows nothing under its controls")
    return found


def settled(browser, explorer):
    """The view once it has stayed the same for a second."""
    before, since = None, time.monotonic()
    while time.monotonic() - since < 1:
        now = browser.execute_script(VIEW, explorer)
        if now != before:
            before, since = now, time.monotonic()
        time.sleep(0.1)
    return before


def changes(browser, explorer, before):
    return lambda: browser.execute_script(VIEW, explorer) not in (before, "")


def errors(browser):
    return browser.find_elements(By.CSS_SELECTOR, f"{OUTPUT}[data-mime-type='application/vnd.jupyter.stderr'], "
                                                  f"{OUTPUT}[data-mime-type='application/vnd.jupyter.error']")


def test_choosing_changes_the_view(notebook, explorer):
    before = settled(notebook, explorer)
    menu = Select(explorer.find_element(By.TAG_NAME, "select"))
    chosen = menu.options.index(menu.first_selected_option)
    menu.select_by_index((chosen + 1) % len(menu.options))
    wait(notebook, changes(notebook, explorer, before), 20, "another choice in the menu leaves the view as it was")


def test_typing_nonsense_changes_the_view_and_throws_nothing(notebook, explorer):
    before = settled(notebook, explorer)
    box = explorer.find_element(By.CSS_SELECTOR, SENTENCE_BOX)
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys(NONSENSE, Keys.ENTER)
    wait(notebook, changes(notebook, explorer, before), 20, "a typed sentence leaves the view as it was")
    view = settled(notebook, explorer)
    assert re.search("zzxq|unknown|&lt;unk&gt;", view), "the view does not show what became of an unknown word"
    assert [error.text for error in errors(notebook)] == []


def test_typing_nothing_throws_nothing(notebook, explorer):
    box = explorer.find_element(By.CSS_SELECTOR, SENTENCE_BOX)
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys(Keys.BACKSPACE, Keys.ENTER)
    settled(notebook, explorer)
    assert [error.text for error in errors(notebook)] == []


def test_nothing_was_asked_of_another_host(notebook, explorer):
    events = [json.loads(entry["message"])["message"] for entry in notebook.get_log("performance")]
    asked = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    inside = ("http://127.0.0.1:", "data:", "blob:", "chrome:")
    assert [url for url in asked if not url.startswith(inside)] == [] and len(asked) > 10

"""The book as it is written and as it was built, and a browser to read it with. `make book` builds it, nothing here.

A test that takes ``chapter`` runs for each source page with cells, one that takes ``page`` for each rendered page,
one that takes ``method`` for each chapter under the caption "Methods" of the table of contents.
"""

import re
import shutil
import tempfile
from pathlib import Path

import pytest
import yaml
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
HTML = ROOT / "_build" / "html"
CELL = re.compile(r"^`{3,}\{code-cell\}", re.MULTILINE)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")


def pytest_generate_tests(metafunc):
    if "page" in metafunc.fixturenames:
        pages = (path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html"))
        rendered = sorted(page for page in pages if not page.startswith("_static/"))
        # Module scope: all tests of a page run on one visit to it.
        metafunc.parametrize("page", rendered or ["no page"], scope="module")
    if "chapter" in metafunc.fixturenames:
        sources = sorted(path for path in BOOK.rglob("*.md") if CELL.search(path.read_text(encoding="utf-8")))
        metafunc.parametrize("chapter", [path.relative_to(BOOK).with_suffix("").as_posix() for path in sources])
    if "method" in metafunc.fixturenames:
        parts = table_of_contents().get("parts", [])
        metafunc.parametrize("method", [name for part in parts if part["caption"] == "Methods" for name in files_in(part)])


def table_of_contents():
    return yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))


def files_in(node):
    """The pages that a part of the table of contents names, at any depth."""
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key in ("root", "file"))
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from files_in(child)


def pytest_collection_modifyitems(items):
    reason = None
    if CHROMIUM is None or DRIVER is None:
        missing = "Chromium" if CHROMIUM is None else "chromedriver"
        reason = f"{missing} was not found; on Debian: sudo apt install chromium chromium-driver"
    for item in items:
        if reason and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def root():
    """The top of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def named_pages():
    """The pages that the table of contents names."""
    return list(files_in(table_of_contents()))


@pytest.fixture(scope="session")
def html():
    """The folder of the built book."""
    if not (HTML / "index.html").exists():
        pytest.skip("no book in _build/html; run: make book")
    return HTML


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window, with its logs of requests and of the console kept."""
    profile = tempfile.mkdtemp(prefix="reading-neurons-chromium-")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    switches = ["headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "no-first-run"]
    switches += ["disable-background-networking", "window-size=1280,900", f"user-data-dir={profile}"]
    for switch in switches:
        options.add_argument(f"--{switch}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.set_script_timeout(60)
    yield driver
    driver.quit()
    shutil.rmtree(profile, ignore_errors=True)

"""The search of the book, as a folder and from a server: chapters first, and nothing where there is nothing."""

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.browser

FINISHED = "return /found \\d+ page|did not match/.test(document.querySelector('.search-summary')?.textContent)"
CHAPTERS = {"omission": "omission", "Mutual information": "mutual-information", "saliency": "saliency"}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module", params=["folder", "server"])
def place(request, html):
    """The address of the book: a folder, or a server on this machine."""
    if request.param == "folder":
        yield html.as_uri()
        return
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=html)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def found(browser, place, query):
    """The pages that the search lists, best first."""
    browser.get(f"{place}/search.html?q={quote(query)}")
    WebDriverWait(browser, 30).until(lambda _: browser.execute_script(FINISHED))
    links = browser.find_elements(By.CSS_SELECTOR, "#search-results ul.search > li > a")
    return [link.get_attribute("href").partition("?")[0].partition("#")[0].rpartition("/")[2] for link in links]


@pytest.mark.parametrize("query", CHAPTERS)
def test_the_chapter_on_what_is_looked_for_comes_first(browser, place, query):
    assert found(browser, place, query)[0] == f"{CHAPTERS[query]}.html"


def test_a_name_of_the_library_leads_to_the_reference(browser, place):
    assert found(browser, place, "top_contexts")[0] == "methods.html"


def test_nonsense_is_found_nowhere(browser, place):
    assert found(browser, place, "zzxqblorp") == []

"""The pages as they were rendered, read as files."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
HEAVIEST = 2_000_000  # bytes
ON_THIS_MACHINE = re.compile(r"(?<![\w.])/(?:home|root|Users|tmp|usr|work)/[\w.-]+")

pytestmark = pytest.mark.usefixtures("html")


@cache
def soup(page):
    return BeautifulSoup((HTML / page).read_bytes(), "html.parser")


@cache
def anchors(page):
    return {tag["id"] for tag in soup(page).find_all(id=True)} | {""}


def outputs(chapter):
    """What the cells of a chapter left on its page, as HTML."""
    return [str(tag) for tag in soup(f"{chapter}.html").find_all(class_="cell_output")]


def test_a_page_is_not_too_heavy(page):
    assert (HTML / page).stat().st_size < HEAVIEST


def test_a_page_loads_nothing_from_another_host(page):
    found = [tag["src"] for tag in soup(page).find_all(src=True)]
    # The canonical address says where a page is, and nothing is loaded from there.
    found += [tag["href"] for tag in soup(page).find_all("link", href=True) if "canonical" not in tag.get("rel", ())]
    assert [address for address in found if urlsplit(address).netloc] == []


def test_links_inside_the_book_lead_somewhere(page):
    broken = []
    for link in soup(page).find_all("a", href=True):
        parts = urlsplit(link["href"])
        if parts.scheme or parts.netloc:
            continue
        target = (HTML / page).parent / unquote(parts.path) if parts.path else HTML / page
        if not target.exists():
            broken.append(link["href"])
        elif target.suffix == ".html":
            name = target.resolve().relative_to(HTML).as_posix()
            if unquote(parts.fragment) not in anchors(name):
                broken.append(link["href"])
    assert broken == []


def test_the_charts_scripts_are_on_the_pages_with_charts_only(page):
    charts = soup(page).find_all("figure", class_="rn-chart")
    scripts = [tag["src"] for tag in soup(page).find_all("script", src=True)]
    assert any("vega-bundle" in script for script in scripts) == bool(charts)
    assert not any("require" in script or "thebe" in script for script in scripts)


def test_a_page_names_no_folder_of_this_machine(page):
    assert str(ROOT) not in (HTML / page).read_text(encoding="utf-8")


def test_cells_ran_and_none_failed(chapter):
    assert outputs(chapter), "no cell left an output: did the chapter run?"
    assert soup(f"{chapter}.html").find_all(class_="traceback") == []
    assert "Traceback (most recent call last)" not in "".join(outputs(chapter))


def test_outputs_hold_no_folder_of_this_machine_and_no_clutter(chapter):
    assert ON_THIS_MACHINE.findall("".join(outputs(chapter))) == []
    text = (HTML / f"{chapter}.html").read_text(encoding="utf-8")
    assert "vnd.jupyter.widget" not in text, "a widget was made during the build; show it through display.Explorer"
    assert "cdn.jsdelivr" not in text, "a chart was shown before display.setup()"


def test_solutions_are_folded_away(chapter):
    for solution in soup(f"{chapter}.html").find_all(class_="solution"):
        assert "dropdown" in solution["class"], "give the solution :class: dropdown"


def test_the_cells_of_every_solution_ran_and_show_something(chapter):
    # Their outputs are the build's: whoever opens a solution sees what it found.
    source = (ROOT / "book" / f"{chapter}.md").read_text(encoding="utf-8")
    gated = source.count("{solution-start}")
    shown = [solution for solution in soup(f"{chapter}.html").find_all(class_="solution") if solution.find(class_="cell")]
    assert len(shown) == gated
    assert [str(solution)[:80] for solution in shown if not solution.find(class_="cell_output")] == []

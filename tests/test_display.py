"""One object, two lives: what a kernel's front end and what a page of the book are given."""

import json
import re
from html.parser import HTMLParser

import altair as alt
import ipywidgets
import pandas as pd
import pytest

from reading_neurons import display
from reading_neurons.live_chart import LiveChart


@pytest.fixture(autouse=True)
def altair_as_before():
    renderer, options, theme = alt.renderers.active, alt.renderers.options, alt.theme.active
    yield
    alt.renderers.enable(renderer, **options)
    alt.theme.enable(theme)


@pytest.fixture
def in_book(monkeypatch):
    monkeypatch.setenv(display.BOOK_VARIABLE, "1")


@pytest.fixture
def in_kernel(monkeypatch):
    monkeypatch.delenv(display.BOOK_VARIABLE, raising=False)


@pytest.fixture
def chart():
    rows = pd.DataFrame({"word": ["dog", "</script><b>"], "score": [0.7, float("nan")]})
    return alt.Chart(rows, description="How much each word weighs.").mark_bar().encode(x="word", y="score")


def bundle(shown):
    data = shown._repr_mimebundle_()
    return data[0] if isinstance(data, tuple) else data


def spec_in(html):
    """The specification as a browser would read it: the text of the script element."""
    found = []

    class Reader(HTMLParser):
        def handle_data(self, data):
            if self.get_starttag_text().startswith("<script"):
                found.append(data)

    Reader().feed(html)
    return json.loads("".join(found))


def test_a_page_gets_the_whole_chart_and_no_address(in_book, chart):
    display.setup()
    html = bundle(chart)["text/html"]
    assert "://" not in html
    rows = next(iter(spec_in(html)["datasets"].values()))
    assert rows == [{"word": "dog", "score": 0.7}, {"word": "</script><b>", "score": None}]


def test_a_kernel_gets_a_widget(in_kernel, chart):
    display.setup()
    assert "application/vnd.jupyter.widget-view+json" in bundle(chart)
    assert not re.search(r"https://(cdn|esm|unpkg)", LiveChart(chart.to_dict())._esm)


def test_the_same_chart_gives_the_same_page(in_book, chart):
    display.setup()
    assert bundle(chart) == bundle(chart.copy())


def test_an_explorer_is_a_widget_beside_a_kernel_and_a_chart_in_the_book(monkeypatch, in_kernel, chart):
    made = []
    explorer = display.Explorer(lambda: made.append(1) or ipywidgets.Text(), chart)
    live = explorer._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "text/html"} <= live.keys() and len(made) == 1
    monkeypatch.setenv(display.BOOK_VARIABLE, "1")
    page = explorer._repr_mimebundle_()
    assert page.keys() == {"text/html", "text/plain"}
    assert len(made) == 1, "a widget made during a build leaves its state on the page"


def test_an_explorer_takes_anywidgets_too(in_kernel, chart):
    explorer = display.Explorer(lambda: LiveChart(chart.to_dict()), chart)
    assert "application/vnd.jupyter.widget-view+json" in explorer._repr_mimebundle_()


@pytest.mark.parametrize("width", [None, 120, "container"])
def test_a_single_view_is_as_wide_as_its_column_unless_it_says_otherwise(chart, width):
    wanted = chart if width is None else chart.properties(width=width)
    assert spec_in(display.chart_html(wanted.to_dict()))["width"] == (width or "container")


def test_several_views_keep_their_own_widths(chart):
    both = alt.vconcat(chart, chart).properties(description="Twice.")
    assert "width" not in spec_in(display.chart_html(both.to_dict()))


def test_a_chart_without_a_description_is_refused(chart):
    mute = chart.copy()
    mute.description = alt.Undefined
    with pytest.raises(ValueError, match="description"):
        display.Explorer(ipywidgets.Text, mute)
    with pytest.raises(ValueError, match="description"):
        display.chart_html({"mark": "bar", "description": "  "})


def test_the_arguments_of_an_explorer_are_checked(chart):
    with pytest.raises(TypeError, match="lambda"):
        display.Explorer(ipywidgets.Text(), chart)
    with pytest.raises(TypeError, match="Altair chart, found dict"):
        display.Explorer(ipywidgets.Text, chart.to_dict())


def test_the_theme_names_no_colour_that_one_mode_hides(in_book, chart):
    display.setup()
    config = json.dumps(chart.to_dict()["config"])
    assert "currentColor" in config
    assert not re.search(r"black|white|#[0-9a-f]{3}", config, re.IGNORECASE)

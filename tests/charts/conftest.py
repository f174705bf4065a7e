"""Tables as methods return them, small and made by hand, and what every chart has to be."""

from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import pytest
import vl_convert

from reading_neurons import display, scoreboard

BUDGET = 250_000  # bytes of a chart on a page, whose whole weight is to stay under 2 MB


@pytest.fixture(autouse=True)
def theme():
    """The book's theme, so that what is drawn is what a page shows."""
    renderer, options, active = alt.renderers.active, alt.renderers.options, alt.theme.active
    display.setup()
    yield
    alt.renderers.enable(renderer, **options)
    alt.theme.enable(active)


@pytest.fixture(scope="session")
def board():
    """Every recorded claim of the book."""
    return scoreboard.read(Path(__file__).parents[2] / "book" / "results")


@pytest.fixture(scope="session")
def claims(board):
    """The papers' claims, each with its verdict."""
    return scoreboard.summary(board)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def scores(rng):
    """Three sentences, the last with a repeated word, read by two pathways."""
    sentences = ["a dog chases two cats", "elephants sleep", "the dog and the cat"]
    weights = {"dog": 1.0, "cats": 0.7, "elephants": 1.0, "cat": 0.3}
    return pd.DataFrame(
        {
            "sentence": number, "position": position, "word": word, "pathway": pathway, "score": rng.random(),
            "tag": "NN" if word in weights else "DT", "weight": weights.get(word, 0.0),
        }
        for pathway in ("visual", "textual")
        for number, text in enumerate(sentences)
        for position, word in enumerate(text.split())
    )  # fmt: skip


@pytest.fixture
def words(rng):
    """Many words with tags, where visual scores are high for NN alone."""
    tags = ["NN"] * 60 + ["DT"] * 40 + ["CC"] * 3
    return pd.concat(
        pd.DataFrame(
            {"pathway": pathway, "tag": tags, "score": rng.random(103) * [high if tag == "NN" else 0.1 for tag in tags]}
        )
        for pathway, high in (("visual", 1.0), ("textual", 0.2))
    )


def spec_of(chart, **picks):
    """The chart's specification, with other values of its parameters."""
    spec = chart.to_dict()
    for parameter in spec.get("params", []):
        parameter["value"] = picks.pop(parameter["name"], parameter.get("value"))
        if parameter["value"] is None:
            del parameter["value"]
    assert not picks, f"the chart has no parameter {', '.join(picks)}"
    return spec


@pytest.fixture
def drawn():
    """A function that draws a chart as SVG, the parameters set to the values given."""
    return lambda chart, **picks: vl_convert.vegalite_to_svg(spec_of(chart, **picks))


@pytest.fixture
def rows():
    """A function that gives all rows of data that a chart carries."""
    return lambda chart: [row for data in chart.to_dict()["datasets"].values() for row in data if row]


@pytest.fixture
def check():
    """A function that fails for a chart that a page could not show as it has to be."""

    def check(chart, budget=BUDGET):
        spec = chart.to_dict()  # validates
        assert len(spec["description"].split()) >= 8
        assert spec["width"] == "container"
        assert "black" not in str(spec) and "#000" not in str(spec), "black is not seen in dark mode"
        assert len(display.chart_html(spec)) < budget
        assert vl_convert.vegalite_to_svg(spec).count("<path") > 3

    return check

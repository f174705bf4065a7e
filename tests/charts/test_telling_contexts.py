"""What one unit knows, drawn."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def told(rng):
    """Two units with a heading and two contexts each."""
    parts = []
    for pathway in ("visual", "textual"):
        heading = {"row": [0], "context": ["words: 1 nat"], "tokens": [0], "contribution": [0.0], "bin": [np.nan], "share": [0.0]}
        parts.append(pd.DataFrame(heading).assign(pathway=pathway))
        for row, word in ((1, "dog"), (2, "cat")):
            shares = rng.dirichlet(np.ones(20))
            of_word = {"row": row, "context": word, "tokens": 7, "contribution": 0.1 * row, "bin": range(20), "share": shares}
            parts.append(pd.DataFrame(of_word).assign(pathway=pathway))
    table = pd.concat(parts, ignore_index=True).assign(kind="word unigram")
    return table.assign(name=table["pathway"] + " 3")


def test_pages_can_show_it(told, check):
    check(charts.telling_contexts(told))


def test_a_menu_picks_the_unit(told, drawn):
    chart = charts.telling_contexts(told)
    first, second = (drawn(chart, unit_pick=f"{pathway} 3") for pathway in ("visual", "textual"))
    assert first != second and ">words: 1 nat<" in first and ">dog<" in first
    assert "Bins of the activations of 2 units" in chart.description and "word unigram: dog, cat" in chart.description


def test_one_unit_needs_no_menu(told):
    chart = charts.telling_contexts(told[told["pathway"] == "visual"]).to_dict()
    assert not any("bind" in parameter for parameter in chart["params"])


def test_every_bin_of_every_context_is_drawn(told, drawn):
    svg = drawn(charts.telling_contexts(told))
    assert svg.count("<path") >= 2 * 2 * 20  # a cell and its frame


def test_a_missing_column_is_an_error(told):
    with pytest.raises(ValueError, match="needs the column share"):
        charts.telling_contexts(told.drop(columns="share"))

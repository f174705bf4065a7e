"""Whom a silencer wakes."""

import re

import pandas as pd
import pytest

from reading_neurons import charts

NAMES = [f"object:{name}" for name in ("dog", "cat", "car", "bus", "tie", "cup")]


@pytest.fixture
def pairs():
    return pd.DataFrame([
        {"pathway": "visual", "silenced": one, "other": other, "z": float(n * (i + 1)) % 7, "correlation": 0.1 * n - 0.2}
        for i, one in enumerate(NAMES) for n, other in enumerate(NAMES) if one != other
    ])  # fmt: skip


@pytest.fixture
def silencers():
    return pd.DataFrame({"pathway": "visual", "neuron": NAMES, "words": [f"words for {name}" for name in NAMES]})


def texts(svg):
    return re.findall(r"<t(?:ext|span)[^>]*>([^<]+)</t(?:ext|span)>", svg)


def test_a_page_can_show_it(pairs, silencers, check):
    check(charts.silence(pairs, silencers))


def test_the_silencer_and_the_most_woken_are_named(pairs, silencers, drawn):
    chart = charts.silence(pairs, silencers)
    shown = texts(drawn(chart))
    assert {"silenced by:", "words for object:dog"} <= set(shown)
    woken = pairs[pairs["silenced"] == "object:dog"].nlargest(3, "z")["other"].str.removeprefix("object:")
    assert set(woken) <= set(shown) and sum(name.removeprefix("object:") in shown for name in NAMES) == 3
    assert "words for object:cat" in texts(drawn(chart, neuron=1))


def test_bad_tables_are_errors(pairs, silencers):
    with pytest.raises(ValueError, match="needs the column z"):
        charts.silence(pairs.drop(columns="z"), silencers)
    with pytest.raises(ValueError, match="empty table"):
        charts.silence(pairs, silencers[:0])

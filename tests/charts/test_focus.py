"""Means of focus with intervals, and what fades towards the start."""

import re

import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def means():
    return pd.DataFrame(
        {
            "measure": measure, "pathway": pathway, "network": network, "mean": mean, "low": mean - 0.01,
            "high": mean + 0.01, "null_low": 0.1 if measure == "share" else None, "null_high": 0.2,
        }
        for measure in ("share", "entropy")
        for pathway, mean in (("recurrent", 0.3), ("lstm", 0.4), ("bi-lstm", 0.5))
        for network in ("trained", "untrained")
    )  # fmt: skip


@pytest.fixture
def distances():
    return pd.DataFrame(
        {
            "pathway": pathway, "network": network, "distance": distance, "mean": 2 - distance / 5, "low": 1.0,
            "high": 2.5, "count": 9,
        }
        for pathway in ("recurrent", "lstm")
        for network in ("trained", "untrained")
        for distance in range(12)
    )  # fmt: skip


def test_a_page_can_show_them(means, distances, check):
    check(charts.focus(means))
    check(charts.fading(distances))


def test_the_menu_picks_the_measure(means, drawn):
    first, other = (drawn(charts.focus(means), measure_pick=measure) for measure in ("share", "entropy"))
    assert "Share of saliency on sentiment words" in first and "Entropy" not in first
    assert "Entropy (1: every word counts alike)" in other
    bars = [re.findall(r'<path[^>]*aria-roledescription="bar"[^>]*>', svg) for svg in (first, other)]
    assert len(bars[0]) == 6 and all('opacity="0.45"' in bar for bar in bars[0])
    assert not any('opacity="0.45"' in bar for bar in bars[1])


def test_trained_points_are_filled_and_untrained_ones_open(means, drawn):
    points = re.findall(r'<path[^>]*aria-roledescription="point"[^>]*>', drawn(charts.focus(means)))
    assert len(points) == 6
    assert sum('fill="#' in point for point in points) == 3


def test_the_description_has_every_mean(means):
    assert "lstm untrained 0.40" in charts.focus(means).to_dict()["description"]


def test_the_end_of_the_sentence_is_at_the_right(distances, drawn):
    svg = drawn(charts.fading(distances))
    places = re.findall(r'Words after it: (\d+); [^"]*"[^>]*aria-roledescription="point"[^>]*translate\(([\d.]+),', svg)
    where = {int(distance): float(x) for distance, x in places}
    assert where[0] > where[5] > where[11]
    assert svg.count('aria-roledescription="point"') == 24


def test_bad_tables_are_errors(means, distances):
    with pytest.raises(ValueError, match="needs the column null_low"):
        charts.focus(means.drop(columns="null_low"))
    with pytest.raises(ValueError, match="needs the column count"):
        charts.fading(distances.drop(columns="count"))

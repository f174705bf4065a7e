"""Phrases in a plane: what is drawn, named and picked."""

import re

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.methods.projections import distortion, pictures

WORDS = {"positive": ["good", "nice", "great"], "negative": ["bad", "awful", "weak"], "not + negative": ["not bad"]}


@pytest.fixture
def phrases():
    rows = [(phrase, group) for group, words in WORDS.items() for phrase in words]
    table = pd.DataFrame(rows, columns=["phrase", "group"])
    table = pd.concat([table.assign(network=name) for name in ("lstm", "sum")])
    table["point"] = table.groupby("network").cumcount()
    return table.assign(euclidean=0.25, sentiment=-0.5).reset_index(drop=True)


@pytest.fixture
def drawings(rng):
    parts = [pictures(rng.normal(size=(7, 4)), (2, 3), (0, 1)).assign(network=name) for name in ("lstm", "sum")]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def clauses():
    table = pd.DataFrame({"phrase": ["i like it", "i like it but", "i hate it", "it is on"]})
    table["group"] = ["positive sentence", "positive + negative clause", "negative sentence", "+ neutral clause"]
    return table.assign(base=["i like it", "i like it", "i hate it", "not here"])


def one_picture(points):
    plane = pd.DataFrame(points, columns=["x", "y"])
    return plane.assign(projection="t-SNE", perplexity=5, seed=0, point=range(len(plane)))


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def marks(svg):
    """Places of the points, not those of the legend."""
    return re.findall(r'aria-roledescription="point" [^>]*transform="translate\(([-\d.]+),([-\d.]+)\)"', svg)


def test_a_page_can_show_it(drawings, phrases, clauses, check):
    check(charts.meaning_space(drawings, phrases))
    check(charts.meaning_space(one_picture([[0, 0], [1, 1], [-1, 0], [0, 1]]), clauses))


def test_menus_pick_one_picture(drawings, phrases, drawn):
    chart = charts.meaning_space(drawings, phrases)
    menus = {one["name"]: one["bind"]["options"] for one in chart.to_dict()["params"] if "bind" in one}
    assert menus["network"] == ["lstm", "sum"] and menus["seed"] == [0, 1]
    assert menus["picture"] == ["t-SNE, perplexity 2", "t-SNE, perplexity 3", "PCA"]
    seen = [drawn(chart), drawn(chart, seed=1), drawn(chart, picture="PCA"), drawn(chart, network="sum")]
    places = [tuple(marks(svg)) for svg in seen]
    assert [len(one) for one in places] == [7] * 4 and len(set(places)) == 4
    assert marks(drawn(charts.meaning_space(drawings, phrases, first="PCA"))) == marks(seen[2])
    assert marks(drawn(chart, picture="PCA", seed=1)) == marks(seen[2])  # PCA has no seed


def test_both_directions_have_one_scale(drawn, clauses):
    points = [[-2.0, 0], [2, 0], [0, 1], [0, -1]]
    chart = charts.meaning_space(one_picture(points), clauses.drop(columns="base"))
    x, y = np.array(marks(drawn(chart)), dtype=float).T
    assert (x[1] - x[0]) / (y[3] - y[2]) == pytest.approx(2, abs=0.01)


def test_names_do_not_hide_each_other(drawn):
    crowd = pd.DataFrame({"phrase": [f"word{number}" for number in range(20)], "group": "positive"})
    points = np.repeat([[0.0, 0], [1, 1]], [19, 1], axis=0)
    found = texts(drawn(charts.meaning_space(one_picture(points), crowd)))
    assert "word0" in found and "word19" in found and "word1" not in found


def test_a_menu_names_one_group(drawings, phrases, drawn):
    chart = charts.meaning_space(drawings, phrases)
    found = texts(drawn(chart, names="not + negative"))
    assert "not bad" in found and "good" not in found


def test_arrows_lead_from_the_sentence_to_the_longer_one(clauses, drawn):
    chart = charts.meaning_space(one_picture([[-1, 0], [1, 1], [-1, 1], [1, 0]]), clauses)
    svg = drawn(chart)
    lines = re.findall(r'aria-roledescription="rule mark"[^>]*transform="translate\(([\d.]+),([\d.]+)\)"', svg)
    lines = lines or re.findall(r'<line transform="translate\(([\d.]+),([\d.]+)\)" x2="([-\d.]+)"', svg)
    assert len(lines) == 1  # neither a simple sentence nor one whose beginning is not drawn has an arrow
    plain = charts.meaning_space(one_picture([[-1, 0], [1, 1], [-1, 1], [1, 0]]), clauses.drop(columns="base"))
    assert "_x" not in str(plain.to_dict()["datasets"])


def test_a_second_clause_is_named_by_itself(clauses, drawn):
    found = texts(drawn(charts.meaning_space(one_picture([[-1, 0], [1, 1], [-1, 1], [1, 0]]), clauses)))
    assert ".. but" in found and "i like it" in found and "i like it but" not in found


def test_denied_words_are_outlines(drawings, phrases, drawn):
    svg = drawn(charts.meaning_space(drawings, phrases))
    found = dict(re.findall(r'Group: ([^;"]*)[^"]*" role="graphics-symbol" aria-roledescription="point"([^>]*)', svg))
    assert 'fill="' not in found["not + negative"] and 'fill="' in found["negative"]


def test_the_description_says_where_groups_lie(drawings, phrases):
    said = charts.meaning_space(drawings, phrases).to_dict()["description"]
    assert "one of 10 pictures" in said and "not + negative as 'not bad', mean side 0.25" in said


EFFECTS = [("positive base", 0.7), ("positive modified", -0.5), ("negative modified", 0.0), ("negative base", -0.7)]


@pytest.fixture
def effects():
    return pd.DataFrame(
        {
            "network": network, "measure": measure, "quantity": quantity, "value": value * size,
            "low": value * size - 0.1, "high": value * size + 0.1, "count": 9,
        }
        for network, size in (("lstm", 1), ("bi-lstm", 0.9), ("untrained lstm", 0), ("untrained bi-lstm", 0))
        for measure in ("sentiment", "euclidean")
        for quantity, value in EFFECTS
    )  # fmt: skip


def test_sides_are_dots_with_intervals(effects, check, drawn, rows):
    chart = charts.meaning_sides(effects)
    check(chart)
    found = [name for name in texts(drawn(chart)) if name in ("good", "not good", "not bad", "bad")]
    assert found == ["good", "not good", "not bad", "bad"]
    assert "lstm" in texts(drawn(chart)) and "untrained lstm" not in texts(drawn(chart))
    untrained = drawn(chart, trained="untrained")
    assert marks(drawn(chart)) != marks(untrained) and drawn(chart, measured="euclidean")
    assert len([row for row in rows(chart) if "_name" in row]) == 32


def test_planted_values_are_diamonds_for_sentiment_only(effects, drawn):
    planted = pd.DataFrame({"quantity": ["positive base", "other"], "value": [0.6, 0.1]})
    chart = charts.meaning_sides(effects, planted=planted)
    counted = [len(marks(drawn(chart, measured=measure))) for measure in ("sentiment", "euclidean")]
    assert counted[0] == counted[1] + 1


def test_no_choice_of_the_menus_is_empty(effects, rows):
    lacking = effects["network"].str.startswith("untrained") & (effects["measure"] == "euclidean")
    chart = charts.meaning_sides(effects[~lacking])
    assert {row["measure"] for row in rows(chart) if "measure" in row} == {"sentiment"}
    assert not [p for p in chart.to_dict()["params"] if p["name"] == "measured" and "bind" in p]


def test_distortion_has_a_dot_for_each_seed(rng, check, drawn):
    points = rng.normal(size=(16, 4))
    table = distortion(points, pictures(points, (3, 5), (0, 1)))
    both = pd.concat([table.assign(network=name) for name in ("lstm", "random vectors")], ignore_index=True)
    chart = charts.meaning_distortion(both)
    check(chart)
    assert len(marks(drawn(chart))) == 10
    turned = texts(drawn(charts.meaning_distortion(both[::-1])))
    named = [text for text in turned if text.startswith("perplexity") or text == "PCA"]
    assert named == ["perplexity 3", "perplexity 5", "PCA"]
    assert marks(drawn(chart)) != marks(drawn(chart, faithful="trustworthiness"))


def test_bad_tables_are_errors(drawings, phrases, effects):
    with pytest.raises(ValueError, match="needs the column group"):
        charts.meaning_space(drawings, phrases.drop(columns="group"))
    with pytest.raises(ValueError, match="the group 'odd' has no look"):
        charts.meaning_space(drawings, phrases.assign(group="odd"))
    with pytest.raises(ValueError, match="needs the column x"):
        charts.meaning_space(drawings.drop(columns="x"), phrases)
    with pytest.raises(ValueError, match="no picture 'UMAP': the pictures are t-SNE, perplexity 2, "):
        charts.meaning_space(drawings, phrases, first="UMAP")
    with pytest.raises(ValueError, match="needs the column low"):
        charts.meaning_sides(effects.drop(columns="low"))
    with pytest.raises(ValueError, match="empty table"):
        charts.meaning_sides(effects, names={"nothing": "nothing"})
    with pytest.raises(ValueError, match="needs the columns kept"):
        charts.meaning_distortion(drawings)

"""Charts of leads: before which label units fire."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts

PATHWAYS = ("visual", "textual")


@pytest.fixture
def areas():
    """Two labels, five units and their mean, highest one word before the label."""
    return pd.DataFrame(
        {
            "pathway": pathway, "label": label, "unit": unit, "offset": offset, "auc": auc,
            "low": auc - 0.05, "high": auc + 0.05, "alone": 0.5,
        }
        for pathway in PATHWAYS for label in ("pobj", "conj") for unit in (-1, 1, 2)
        for offset, auc in ((-2, 0.5), (-1, 0.9), (0, 0.7), (1, 0.6))
    )  # fmt: skip


@pytest.fixture
def words(rng):
    """Words, where the unit is high before and at the label."""
    label = np.where(rng.random(4000) < 0.1, "conj", "det")
    high = np.where(label == "conj", 0.8, 0.0)
    return pd.DataFrame(
        {
            "previous": "and", "word": "dog", "label": label, "next": "prep",
            "before": high + rng.normal(0, 0.1, 4000), "now": high + rng.normal(0, 0.1, 4000),
        }
    )  # fmt: skip


@pytest.fixture
def deciles(rng):
    return pd.DataFrame(
        {
            "pathway": "visual", "label": label, "unit": 7, "before": before, "now": now, "words": 50,
            "labelled": 45 if before == now == 10 else 2,
        }
        for label in ("pobj", "conj") for before in range(1, 11) for now in range(1, 11)
    )  # fmt: skip


def test_pages_can_show_them(areas, words, deciles, check):
    check(charts.label_leads(areas))
    check(charts.lagged_activations(words, "conj"))
    check(charts.decile_pairs(deciles))


def test_the_label_is_picked(areas, drawn):
    chart = charts.label_leads(areas.assign(auc=np.where(areas["label"] == "conj", 0.95, areas["auc"])))
    assert drawn(chart) != drawn(chart, label_pick="conj")
    assert "visual at -1 (0.90)" in charts.label_leads(areas).description


def test_a_scatter_holds_as_many_of_the_label_as_of_others(words, rows):
    held = pd.DataFrame([row for row in rows(charts.lagged_activations(words, "conj", points=400)) if "kind" in row])
    assert held["kind"].value_counts().to_dict() == {"conj at the word": 200, "other": 200}
    assert (held["kind"].eq("conj at the word") == held["label"].eq("conj")).all()


def test_a_label_that_no_word_has_is_an_error(words):
    with pytest.raises(ValueError, match="no word has the label 'nsubj'; labels are conj, det"):
        charts.lagged_activations(words, "nsubj")


def test_the_share_of_a_cell_is_of_its_words(deciles, rows):
    held = pd.DataFrame(rows(charts.decile_pairs(deciles)))
    assert held["share"].max() == 0.9 and len(held) == 200
    assert "(90%) at decile 10 before and 10 at the word" in charts.decile_pairs(deciles).description


def test_a_share_of_few_words_is_not_drawn(deciles, rows):
    few = deciles.assign(words=deciles["words"].where(deciles["now"] > 1, 9))
    assert len(rows(charts.decile_pairs(few))) == 180
    with pytest.raises(ValueError, match="no cell has 51 words"):
        charts.decile_pairs(deciles, fewest=51)


@pytest.mark.parametrize("chart", [charts.label_leads, charts.decile_pairs])
def test_a_missing_column_is_named(chart):
    with pytest.raises(ValueError, match="needs the columns? .*unit"):
        chart(pd.DataFrame({"pathway": ["visual"]}))

"""Measures along a sentence: what is drawn is what the table held, and thin ends are left out."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons.charts import by_length, by_position


def scored(sentences=60, words=6):
    """The last word scores 5 times the others for one pathway; all words alike for the other."""
    rows = [
        {"sentence": i, "position": p, "pathway": pathway, "score": 5.0 if pathway == "textual" and p == words - 1 else 1.0}
        for pathway in ("visual", "textual")
        for i in range(sentences)
        for p in range(words)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def drawn(chart):
    spec = chart.to_dict()
    return pd.concat([pd.DataFrame(rows) for rows in spec["datasets"].values()]), spec


def test_scores_are_shares_of_their_pathways_mean():
    rows, spec = drawn(by_position(scored()))
    at_end = rows[rows["from_end"] == 0].set_index("pathway")["mean"]
    assert at_end["visual"] == 1
    assert at_end["textual"] == pytest.approx(5 / (10 / 6), rel=1e-3)
    assert "textual 3.0" in spec["description"]


def test_distances_with_few_words_are_left_out():
    longer = pd.DataFrame({"sentence": 99, "position": range(20), "pathway": "visual", "score": 1.0})
    rows, _ = drawn(by_position(pd.concat([scored(), longer])))
    assert rows["from_end"].max() == 5


def sums():
    captions = np.array([100, 200, 3])
    return pd.DataFrame(
        {
            "words": [5, 6, 7], "captions": captions, "predicted": captions * 6, "surprise": captions * 6 * np.log(9),
            "cosine": captions * 0.5, "recall@1": captions * 0.25, "attainable@1": captions * 0.75,
            "recall@10": captions * 0.5, "attainable@10": captions * 1.0,
        }
    )  # fmt: skip


def test_measures_are_means_over_the_captions_of_a_length():
    rows, spec = drawn(by_length(sums()))
    value = rows.set_index(["measure", "of", "words"])["value"]
    assert value["perplexity", "network", 5] == pytest.approx(9)
    assert value["recall@1", "network", 6] == 0.25 and value["recall@1", "attainable", 6] == 0.75
    assert value["cosine to the scene", "network", 5] == 0.5
    assert set(rows["words"]) == {5, 6}  # three captions are too few for a mean
    assert spec["description"]


@pytest.mark.parametrize("chart, table", [(by_position, scored()), (by_length, sums())])
def test_a_missing_column_is_named(chart, table):
    with pytest.raises(ValueError, match=table.columns[0]):
        chart(table.drop(columns=table.columns[0]))

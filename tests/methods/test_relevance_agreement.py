"""Agreement of top units and of scores, by hand and against scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from reading_neurons.corpora.strings import ParsedString, Strings
from reading_neurons.features import Library
from reading_neurons.features.text import characters
from reading_neurons.methods.relevance_agreement import agreement, label_correlations

UNITS = 40


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    base = rng.random(UNITS)
    scores = {"one": base, "alike": base + 0.05 * rng.random(UNITS), "other": rng.random(UNITS), "against": -base}
    return pd.concat(
        [pd.DataFrame({"feature": name, "unit": range(UNITS), "score": s, "auc": s / 2}) for name, s in scores.items()],
        ignore_index=True,
    )


def test_shared_units_and_correlations(table):
    found = agreement(table, k=8).set_index(["feature", "other"])
    assert len(found) == 6 and (found["expected"] == 64 / 40).all()
    wide = table.pivot(index="unit", columns="feature", values="score")
    for (one, other), row in found.iterrows():
        same = set(wide[one].nlargest(8).index) & set(wide[other].nlargest(8).index)
        assert row["shared"] == len(same)
        assert row["correlation"] == pytest.approx(spearmanr(wide[one], wide[other])[0])
        assert row["low"] <= row["correlation"] <= row["high"]
    assert found.loc[("one", "alike"), "shared"] >= 7 and found.loc[("one", "alike"), "low"] > 0.9
    assert found.loc[("one", "against"), "shared"] == 0
    assert found.loc[("one", "other"), "low"] < 0 < found.loc[("one", "other"), "high"]


def test_pairs_can_be_named_and_ranked_otherwise(table):
    found = agreement(table, [("alike", "one")], k=3, by="auc")
    # Distances from one half turn the order round.
    distance = table[table["feature"] == "alike"].set_index("unit")["auc"].sub(0.5).abs()
    assert found["feature"].tolist() == ["alike"] and distance.nlargest(3).index.nunique() == 3
    assert found["correlation"].iloc[0] > 0.9


def test_bad_input(table):
    with pytest.raises(ValueError, match="no feature is named 'none'"):
        agreement(table, [("one", "none")])
    with pytest.raises(ValueError, match="top 41 of 40 units"):
        agreement(table, k=41)
    with pytest.raises(ValueError, match="needs two features, found 'one'"):
        agreement(table[table["feature"] == "one"])


def test_labels_of_features_are_correlated_as_numpy_says():
    strings = Strings("toy", "test", (ParsedString("abcabca", ()), ParsedString("cba", ())))
    library = Library([characters("a"), characters("ab"), characters("c")])
    labels = library.labels(strings.items)
    found = label_correlations(strings, library)
    expected = np.corrcoef(labels)
    assert found["labels"].tolist() == pytest.approx([expected[0, 1], expected[0, 2], expected[1, 2]])

"""Which units are shown: by score, each with a label of its own, and random ones beside them."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons.annotation import token_table
from reading_neurons.corpora import scenes
from reading_neurons.methods import homogeneity
from reading_neurons.methods.unit_choice import KINDS, choose, scores


@pytest.fixture
def table():
    """Units 0 to 9 in falling order in topic, 9 to 0 in tag; two labels."""
    units = np.arange(10)
    parts = [
        pd.DataFrame({"unit": units, "kind": "topic", "score": 1 - units / 10, "label": ["train"] * 3 + ["dog"] * 7}),
        pd.DataFrame({"unit": units, "kind": "tag, other words", "score": units / 10, "label": ["NN", "IN"] * 5}),
    ]
    return pd.concat(parts, ignore_index=True).assign(share=0.5, corpus=0.1)


def test_the_best_unit_of_each_label_comes_first(table):
    found = choose(table, ["topic", "tag"], each=2, random=0)
    assert found["why"].tolist() == ["topic", "topic", "tag", "tag"]
    assert found["unit"].tolist() == [0, 3, 9, 8]
    assert found["label"].tolist() == ["train", "dog", "IN", "NN"]
    assert found["score"].tolist() == pytest.approx([1, 0.7, 0.9, 0.8])


def test_where_labels_run_out_the_next_best_units_follow(table):
    found = choose(table, ["topic"], each=4, random=0)
    assert found["unit"].tolist() == [0, 3, 1, 2]


def test_no_unit_is_taken_twice(table):
    assert choose(table, ["topic", "tag"], each=5, random=6)["unit"].is_unique


def test_random_units_are_from_the_rest_and_follow_the_seed(table):
    drawn = [choose(table, ["topic"], each=2, random=3, seed=seed).query("why == 'random'") for seed in range(20)]
    units = [tuple(sorted(rows["unit"])) for rows in drawn]
    assert all(len(set(chosen)) == 3 and not {0, 3} & set(chosen) for chosen in units)
    assert len(set(units)) > 5
    again = choose(table, ["topic"], each=2, random=3, seed=4).query("why == 'random'")
    assert tuple(sorted(again["unit"])) == units[4]


def test_more_random_units_than_there_are_is_all_of_them(table):
    assert sorted(choose(table, ["topic"], each=2, random=99)["unit"]) == list(range(10))


def test_what_cannot_be_chosen_by_is_an_error(table):
    with pytest.raises(ValueError, match="at least one kind"):
        choose(table, [])
    with pytest.raises(ValueError, match="no scores of the kind 'deprel, other words'"):
        choose(table)


def test_scores_have_every_kind():
    captions = scenes.generate(scenes=100).test
    tokens = token_table(captions, captions.parses)
    rows = np.random.default_rng(0).integers(len(tokens), size=60)
    contexts = tokens.loc[rows, ["sentence", "position"]].assign(unit=np.repeat(range(3), 20))
    found = scores(contexts, tokens, homogeneity.topics(captions), draws=200)
    assert set(found["kind"]) == set(KINDS) and len(found) == 3 * len(KINDS)
    assert set(scores(contexts, tokens, draws=200)["kind"]) == set(KINDS) - {"topic"}

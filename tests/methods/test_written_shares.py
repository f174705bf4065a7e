"""Shares of what is written: by hand, and of a network whose units are known."""

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons.methods.written_shares import (
    MEASURES,
    counts,
    matched,
    measures_of,
    shares,
    shares_when_held,
    unit_sets,
)
from reading_neurons.text import Vocabulary

CODE = "static unsigned long f(struct page *p, int n)\n{\n\tu32 x = n * 2;\n\treturn g(x)[0];\n}\n"


class Wishes:
    """A network whose unit 0 asks for digits where it is low, unit 1 for brackets; the others are read by nothing."""

    name, units = "wishes", 8

    def __init__(self):
        self.vocabulary = Vocabulary(list("01()+"), list)
        self.output_names = self.vocabulary.words
        self.embedding = torch.eye(len(self.vocabulary))

    def initial(self, batch):
        return torch.zeros(batch, self.units)

    def step(self, embedded, state):
        return (units := 0 * state), units

    def states(self, embedded, lengths=None):
        return embedded.new_zeros(*embedded.shape[:2], self.units)

    def representation(self, embedded, lengths=None):
        return self.states(embedded)[:, -1]

    def outputs(self, states):
        scores = states.new_zeros(*states.shape[:-1], len(self.vocabulary))
        scores[..., 4:6] = -2 * states[..., :1]
        scores[..., 6:8] = 2 * states[..., 1:2]
        return scores


def ranking():
    """Unit 0 best for digits, with its sign; the rest in order."""
    return pd.DataFrame(
        {"feature": "digit", "unit": range(8), "score": np.linspace(0.9, 0.5, 8), "weight": [-1.0, 1, 1, 1, 1, 1, 1, 1]}
    )


def test_patterns_of_code_find_what_stands_there():
    found = counts([CODE], MEASURES["c"]).iloc[0]
    assert found["characters"] == len(CODE)
    assert found["digit"] == 4  # u32 too
    assert found["parenthesis"] == found["matched parenthesis"] == 4
    assert found["terminator"] == 2
    assert found["operator"] == 3
    written = ["unsigned long f", "struct page *p", "int n", "u32 x"]
    assert found["declaration"] == sum(map(len, written))


def test_every_corpus_has_its_measures():
    assert "operator" not in measures_of("parentheses")
    assert measures_of("tiny_c") == measures_of("c_source") == MEASURES["c"]


def test_matched_brackets_against_removing_pairs_one_by_one():
    rng = np.random.default_rng(0)
    for text in ("".join(rng.choice(list("()1"), size=12)) for _ in range(200)):
        left = text.replace("1", "")
        while "()" in left:
            left = left.replace("()", "")
        assert matched(text) == len(text.replace("1", "")) - len(left)


def test_a_share_is_that_of_all_characters_and_its_interval_is_over_strings():
    texts = ["1" * 9, "+", "1+" * 20]
    row = shares(texts, {"digit": "1"}, replicates=4000).iloc[0]
    assert row["share"] == pytest.approx(29 / 50)
    rng = np.random.default_rng(1)
    drawn = [(rng.choice([0, 1, 2], size=3)) for _ in range(4000)]
    naive = [sum([9, 0, 20][i] for i in d) / sum([9, 1, 40][i] for i in d) for d in drawn]
    assert [row["low"], row["high"]] == pytest.approx(np.percentile(naive, [2.5, 97.5]), abs=0.02)


def test_texts_without_a_character_have_no_share():
    row = shares(["", ""], {"digit": "1"}).iloc[0]
    assert np.isnan(row["share"]) and np.isnan(row["low"])


def test_random_sets_grow_and_differ():
    table = unit_sets(ranking(), "digit", [0, 2, 5], sets=6)
    sets = {(choice, k, number): list(units["unit"]) for choice, k, number, units in table}
    assert sets["top", 5, 0] == [0, 1, 2, 3, 4] and sets["top", 0, 0] == []
    assert all(sets["random", 5, number][:2] == sets["random", 2, number] for number in range(6))
    assert len({tuple(sets["random", 5, number]) for number in range(6)}) > 3


def test_holding_the_planted_unit_towards_its_sign_writes_digits():
    """Unit 0 is active at -1: held at +1, as published, it does the opposite."""
    options = {"ks": [1], "sets": 8, "strings": 100, "longest": 20}
    towards = shares_when_held(Wishes(), ranking(), "digit", {"digit": "[01]"}, **options)
    published = shares_when_held(Wishes(), ranking(), "digit", {"digit": "[01]"}, set_to=1.0, **options)
    free = towards.query("choice == 'none'").iloc[0]
    assert published.query("choice == 'top'")["high"].item() < free["low"] - 0.2
    assert towards.query("choice == 'top'")["low"].item() > free["high"] + 0.2


def test_units_that_nothing_reads_change_nothing():
    of_others = ranking().query("unit > 1")
    table = shares_when_held(
        Wishes(), of_others, "digit", {"digit": "[01]"}, ks=[1, 5], sets=5, strings=300, longest=20
    )
    free = table.query("choice == 'none'")["share"].item()
    # 300 strings of about 5 characters, of which a third are digits: a standard error of about 0.012.
    assert (table["share"] - free).abs().max() < 0.06


@pytest.mark.parametrize(
    ("feature", "ks", "message"),
    [("digits", [1], "no unit with a score for 'digits'"), ("digit", [9], "from 0 to 8"), ("digit", [-1], "from 0")],
)
def test_what_cannot_be_chosen_is_said(feature, ks, message):
    with pytest.raises(ValueError, match=message):
        unit_sets(ranking(), feature, ks)
    with pytest.raises(ValueError, match="at least one text"):
        shares([], {"digit": "1"})

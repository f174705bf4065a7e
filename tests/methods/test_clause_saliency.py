"""Clauses: how they are found, and whether a disagreement that was planted is seen."""

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons.corpora import polarity
from reading_neurons.corpora.trees import Tree, Trees
from reading_neurons.methods.clause_saliency import Clauses, clause_table, disagreement, of_pairs, scores, split_clauses
from reading_neurons.methods.gradients import output_scores
from reading_neurons.methods.saliency import saliency
from reading_neurons.models import LSTM

WHOLE = Clauses(("i", "hate", "the", "movie", "though", "plot", "is", "interesting"), slice(0, 4), slice(5, 8), -1, 1)


def trees(*brackets):
    return Trees("own", "own", tuple(map(Tree.parse, brackets)))


def test_clauses_are_the_largest_constituents_beside_the_connective():
    tree = "(1 (1 (1 (2 I) (0 (0 hate) (2 it))) (2 ,)) (3 (2 but) (3 (2 it) (3 (2 is) (4 good)))))"
    (found,) = split_clauses(trees(tree))
    assert found.words == ("i", "hate", "it", ",", "but", "it", "is", "good")
    assert found.words[found.second] == ("it", "is", "good") and found.second_polarity == 1
    assert found.words[found.first][:3] == ("i", "hate", "it") and found.first_polarity == -1


def test_clauses_of_one_polarity_or_none_are_left_out():
    same = "(3 (3 (2 it) (3 shines)) (3 (2 but) (3 (2 it) (3 glows))))"
    neutral = "(3 (2 (2 it) (2 (2 is) (2 one))) (3 (2 but) (3 (2 it) (3 (2 is) (3 good)))))"
    short = "(3 (1 (1 no) (2 it)) (3 (2 but) (3 (2 it) (3 (2 is) (3 good)))))"
    assert split_clauses(trees(same, neutral, short, "(3 (2 a) (3 film))")) == []


def test_generated_pairs_are_split_where_they_were_joined():
    pairs = polarity.clause_pairs()
    for one, row in zip(of_pairs(pairs)[::97], pairs[::97].itertuples(), strict=True):
        assert " ".join(one.words[one.first]) == row.main and " ".join(one.words[one.second]) == row.concessive
        assert one.first_polarity == (1 if row.main_value > 0 else -1) == -one.second_polarity


def test_scores_do_not_depend_on_the_batch(derivable, reviews):
    together = scores(derivable, [text.split() for text in reviews], batch_size=2)
    for row, text in zip(together, reviews, strict=True):
        ids = torch.from_numpy(derivable.vocabulary.encode(text.split()))[None]
        alone = output_scores(derivable, derivable.embedding[ids], torch.tensor([ids.shape[1]])).detach()
        np.testing.assert_allclose(row, alone[0], atol=1e-5)


def test_the_table_says_what_a_loop_would(review_network):
    pathway = review_network(LSTM)
    row = clause_table(pathway, [WHOLE]).iloc[0]
    size = saliency(pathway, [list(WHOLE.words)])["saliency"].to_numpy()
    assert row["first share"] == pytest.approx(size[:4].sum() / size.sum())
    assert row["second mean"] == pytest.approx(size[5:].mean() / size.mean())
    whole, first, second = scores(pathway, [WHOLE.words, WHOLE.words[:4], WHOLE.words[5:]])
    decided = whole.argmax()
    assert row["decision"] == np.sign(decided - 2) and row["first decision"] == np.sign(first.argmax() - 2)
    assert row["first drop"] == pytest.approx(whole[decided] - second[decided], abs=1e-5)
    assert row["second drop"] == pytest.approx(whole[decided] - first[decided], abs=1e-5)


def planted(decision, first, second, drops):
    return pd.DataFrame(
        {
            "sentence": [0], "decision": [decision], "first polarity": [-1], "second polarity": [1],
            "first mean": [first], "second mean": [second], "first share": [second], "second share": [first],
            "first drop": [drops[0]], "second drop": [drops[1]],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("decision", "first", "second", "drops", "expected"),
    [
        (-1, 0.2, 1.8, (3, 0), [0, 1, 1, 1]),  # the paper's: the second clause is salient, the first one decides
        (-1, 1.8, 0.2, (3, 0), [0, 0, 0, 0]),
        (1, 0.2, 1.8, (0, 2), [0, 0, 0, 1]),
    ],
)
def test_a_planted_disagreement_is_seen(decision, first, second, drops, expected):
    assert disagreement(planted(decision, first, second, drops)).values.tolist() == [expected]


def test_shares_and_means_may_differ_and_neutral_decisions_do_not_count():
    table = planted(-1, 0.2, 1.8, (3, 0))
    assert disagreement(table, by="share")["against"].tolist() == [0]
    assert disagreement(table.assign(decision=0)).empty


def test_no_clauses_are_an_error(review_network):
    with pytest.raises(ValueError, match="no sentence of two clauses"):
        clause_table(review_network(LSTM), [])

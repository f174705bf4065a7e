"""Fronts of several pathways: the same as one by one, what people wrote beside them, thinning, and bad input."""

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons.methods.fluent_fronts import fluent_fronts, thinned, usual_fluency
from reading_neurons.methods.fluent_inputs import corpus_front, fluent_inputs
from reading_neurons.methods.fluent_search import Evolution
from reading_neurons.methods.judge import Judge
from reading_neurons.models import Imaginet, LanguageModel
from reading_neurons.neurons import output
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary([f"w{number}" for number in range(9)])
PATHWAYS = Imaginet(VOCABULARY, ["object:x", "object:y"], embedding=8, units=10, seed=4).eval().pathways
JUDGE = LanguageModel(VOCABULARY, embedding=8, units=10, seed=5).eval().pathways["language model"]
OUTPUTS = {"textual": ["w2"], "visual": ["y", "x"]}
CORPUS = ["w1 w2 w3 w4", "w5 w6", "w3 w3 w3"]
FEW = Evolution(evaluations=300)


@pytest.fixture(scope="module")
def found():
    return fluent_fronts(PATHWAYS, OUTPUTS, JUDGE, CORPUS, 2, evolution=FEW)


@pytest.mark.parametrize("pathway", OUTPUTS)
def test_fronts_are_those_of_each_pathway_alone(found, pathway):
    neurons = [output(PATHWAYS[pathway], which) for which in OUTPUTS[pathway]]
    points = fluent_inputs(PATHWAYS[pathway], neurons, JUDGE, 2, evolution=FEW)
    own = found.points.query("pathway == @pathway").drop(columns="pathway").reset_index(drop=True)
    pd.testing.assert_frame_equal(own, points)
    best = found.corpus.query("pathway == @pathway").set_index("neuron")
    of_corpus = corpus_front(PATHWAYS[pathway], neurons, JUDGE, CORPUS, 2).set_index("neuron")
    for neuron in neurons:
        assert best.loc[neuron.name, "activation"] == of_corpus.loc[[neuron.name], "activation"].max()


def test_pathways_and_outputs_are_in_the_order_in_which_they_are_named(found):
    expected = [("textual", "w2"), ("visual", "object:y"), ("visual", "object:x")]
    for table in (found.points, found.corpus):
        assert list(table[["pathway", "neuron"]].drop_duplicates().itertuples(index=False, name=None)) == expected
    assert len(found.corpus) == 3


def test_what_is_usual_is_the_median_of_what_people_wrote(found):
    written = {"median n-gram": ["12", "23", "34", "56", "33", "33"], "median opening": ["12", "56", "33"]}
    for name, ngrams in written.items():
        ids = torch.tensor([[VOCABULARY.number(f"w{number}") for number in ngram] for ngram in ngrams])
        assert found.medians[name] == pytest.approx(float(Judge(JUDGE).read(ids).median()), abs=1e-6)
    assert found.medians["median opening"] == usual_fluency(JUDGE, CORPUS, 2, openings=True)


def test_thinning_keeps_both_ends_and_the_point_that_is_read_off():
    columns = {"activation": np.arange(50.0)[::-1], "log_probability": np.linspace(-9, -1, 50)}
    points = pd.DataFrame({"neuron": "a", **columns})
    kept = thinned(points, -4.03)
    assert len(kept) <= 12 and kept["log_probability"].iloc[0] == -9 and kept["log_probability"].iloc[-1] == -1
    assert points[points["log_probability"] >= -4.03]["activation"].max() in set(kept["activation"])


def test_some_points_are_thinned_at_the_median_ngram(found):
    pd.testing.assert_frame_equal(found.some(3), thinned(found.points, found.medians["median n-gram"], 3))
    assert set(found.some(3)["pathway"]) == {"textual", "visual"}


@pytest.mark.parametrize(
    "outputs, said",
    [({}, "found none"), ({"auditory": ["x"]}, "called 'auditory': choose among 'visual', "), ({"visual": ["z"]}, "z")],
)
def test_bad_input_is_explained(outputs, said):
    with pytest.raises(ValueError, match=said):
        fluent_fronts(PATHWAYS, outputs, JUDGE, CORPUS, 2, evolution=FEW)


def test_a_corpus_without_ngrams_of_the_length_is_explained():
    with pytest.raises(ValueError, match="no 5-gram of known words"):
        usual_fluency(JUDGE, CORPUS, 5)

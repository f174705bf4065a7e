"""Optima of every length: detectors whose span is known, corpora beside them, and spans by hand."""

import pandas as pd

from reading_neurons.methods.ascent import Ascent
from reading_neurons.methods.input_lengths import by_length, spans, words_by_length
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.models import SumPathway
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.neurons import output, unit
from reading_neurons.text import Vocabulary

VOCABULARY = Vocabulary(["a", "dog", "runs", "far"])


def test_a_unit_that_looks_at_one_word_has_a_span_of_one():
    pathway = DetectorPathway(VOCABULARY, [Detector("dog", on=["dog"])])
    table = by_length(pathway, [unit(0)], [1, 2, 4])
    assert table["activation"].tolist() == [1.0, 1.0, 1.0] and spans(table).tolist() == [1]


def test_a_neuron_that_adds_up_words_goes_on_rising():
    network = SumPathway(VOCABULARY, ["object:dog"], embedding=6).eval()
    table = by_length(network.pathways["sum"], [output(network.pathways["sum"], "dog")], [1, 2, 4, 8])
    assert table["activation"].is_monotonic_increasing and spans(table).tolist() == [8]


def test_rows_are_those_of_optimize_and_of_the_corpus():
    pathway = DetectorPathway(VOCABULARY, [Detector("dog", on=["dog"], hold=0.5)], noise=3)
    corpus, neurons = ["a dog runs far", "far a runs"], [unit(0), unit(2)]
    table = by_length(pathway, neurons, [2, 3], corpus=corpus, seed=1, ascent=Ascent(restarts=1))
    for length in (2, 3):
        for method, options in (("optimised", {"seed": 1, "ascent": Ascent(restarts=1)}), ("corpus", {"method": "corpus", "corpus": corpus})):
            rows = table.query("length == @length and method == @method")
            expected = optimize(pathway, neurons, length, **options)
            assert rows[["neuron", "words", "activation"]].values.tolist() == expected[["neuron", "words", "activation"]].values.tolist()
    wide = table.pivot(index=["neuron", "length"], columns="method", values="activation")
    assert (wide["optimised"] >= wide["corpus"] - 1e-6).all()


def test_spans_by_hand():
    rows = [("a", 1, 0.0), ("a", 2, 0.9), ("a", 3, 1.0), ("b", 1, 5.0), ("b", 2, 4.0), ("b", 3, 3.0), ("c", 1, -1.0), ("c", 2, 0.0), ("c", 3, 9.0)]
    table = pd.DataFrame(rows, columns=["neuron", "length", "activation"]).assign(method="optimised")
    assert spans(table).to_dict() == {"a": 3, "b": 1, "c": 3}
    assert spans(table, share=0.9).to_dict() == {"a": 2, "b": 1, "c": 3}


def test_words_of_each_length_are_those_of_the_optimum_with_what_each_adds():
    pathway = DetectorPathway(VOCABULARY, [Detector("dog", on=["dog"], hold=0.5)], name="toy")
    table = words_by_length(pathway, [unit(0)], [1, 3], seed=1)
    assert table["neuron"].unique().tolist() == ["toy, unit 0"] and table["method"].unique().tolist() == ["1 word", "3 words"]
    found = by_length(pathway, [unit(0)], [1, 3], seed=1)["words"].tolist()
    assert table.groupby("method")["word"].agg(" ".join).tolist() == found
    rows = table[table["method"] == "3 words"]
    assert rows["place"].tolist() == [0, 1, 2] and rows["word"].iloc[-1] == "dog"
    assert rows["effect"].iloc[-1] >= 0.5 and table["effect"].isna().tolist() == [True, False, False, False]

"""The experiment on the network that comes with the package: its quick run, its recorded one, its measures by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from reading_neurons.corpora import scenes
from reading_neurons.experiments import real_network
from reading_neurons.experiments.real_network_claims import (
    NETWORKS,
    SHIPPED,
    UNTRAINED,
    WIDE,
    claims_of,
    figures_of,
    measures_of,
    same_sides,
)
from reading_neurons.experiments.record import read
from reading_neurons.experiments.shipped_dreams import NEXT_WORDS, lead, named
from reading_neurons.models import Imaginet, evaluation, shipped
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.models.shipped import card
from reading_neurons.models.store import fingerprint
from reading_neurons.text import Vocabulary

RECORDED = Path(__file__).parents[2] / "book" / "results" / "real-network-coco.json"


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("real-network")


# The quick run, and the recorded one


def test_what_the_quick_run_says_follows_from_its_tables(quick, assert_follows):
    assert_follows(quick, figures_of(quick.tables), claims_of(quick.tables))
    assert quick.provenance["command"] == "python -m reading_neurons reproduce real-network --corpus scenes --quick"
    assert set(quick.provenance["network"]) == {SHIPPED, WIDE}


def test_the_record_has_the_schema_of_the_quick_run_and_follows(quick, assert_has_schema, assert_follows):
    record = assert_has_schema(RECORDED, quick.tables)
    assert_follows(record, figures_of(record.tables), claims_of(record.tables))
    assert [claim.claim for claim in record.claims] == [claim.claim for claim in quick.claims]
    assert record.provenance["command"] == "python -m reading_neurons reproduce real-network --corpus coco"


def test_the_record_and_the_card_are_of_the_network_in_the_package():
    record = read(RECORDED)
    assert record.provenance["network"][SHIPPED]["weights"] == fingerprint(shipped()) == card()["weights"]["fingerprint"]
    values = {(row["network"], row["measure"]): row["value"] for row in card()["figures"]["measures"]}
    again = measures_of(record.tables["photographs"], replicates=1).set_index(["network", "measure"])["value"]
    assert values == pytest.approx(again.to_dict(), rel=1e-3)


def test_the_recorded_dreams_are_those_of_the_network():
    dreams = read(RECORDED).tables["dreams"]
    of_words = dreams[dreams["neuron"].str.startswith("textual, ") & ~dreams["neuron"].str.contains("unit")]
    assert set(of_words["neuron"].str.removeprefix("textual, ")) == set(NEXT_WORDS)
    network = shipped()
    assert set(dreams["word"]) <= set(network.vocabulary.words)
    row = dreams[dreams["neuron"] == "visual, object:dog"].query("method == '3 words'")
    visual = network.pathways["visual"]
    score = evaluation.predicted_scenes(network, [row["word"].tolist()])[0, network.dimensions.index("object:dog")]
    assert float(score) == pytest.approx(row["activation"].iloc[0], abs=1e-3) and visual.units >= 300


def test_the_record_compares_the_same_captions(quick):
    for record in (quick, read(RECORDED)):
        photographs = record.tables["photographs"]
        assert photographs["network"].unique().tolist() == list(NETWORKS)
        counts = photographs.pivot(index="image", columns="network", values="captions")
        assert (counts.nunique(axis=1) == 1).all()


# Measures


@pytest.fixture(scope="module")
def captions():
    return scenes.generate(scenes=50).test


@pytest.fixture(scope="module")
def network(captions):
    made = Imaginet(Vocabulary.of(captions.tokens), captions.dimensions, embedding=8, units=8).eval()
    made.prepare(captions)
    return made


def test_sums_by_photograph_are_those_of_the_captions(network, captions):
    table = real_network.measured(network, captions)
    assert table["captions"].sum() == len(captions)
    value = np.exp(table["surprise"].sum() / table["predicted"].sum())
    assert value == pytest.approx(evaluation.perplexity(network, captions), rel=1e-5)
    assert table["cosine"].sum() / len(captions) == pytest.approx(evaluation.scene_cosine(network, captions), abs=1e-5)
    measures = measures_of(table.assign(network="one")).set_index("measure")
    assert measures.loc["perplexity", "value"] == pytest.approx(value)
    assert (measures["low"] <= measures["value"]).all() and (measures["value"] <= measures["high"]).all()


def test_pairs_in_order_are_the_area_under_the_curve():
    rng = np.random.default_rng(0)
    predicted, shown = rng.normal(size=(6, 9)), rng.random((6, 9)) < 0.4
    shown[0], shown[1:, :2] = False, (True, False)
    found = real_network._in_order(predicted, shown)
    assert found[0] == 0.5
    expected = [roc_auc_score(shown[i], predicted[i]) for i in range(1, 6)]
    assert found[1:].tolist() == pytest.approx(expected)


def test_a_category_is_ordered_as_an_independent_library_says_and_photographs_are_drawn_whole(network, captions):
    table = real_network.category_order({"one": network}, captions).set_index("category")
    assert ((table["low"] <= table["area"]) & (table["area"] <= table["high"])).mean() > 0.9
    name = table["photographs"].idxmax()
    column = [dimension.partition(":")[2] for dimension in network.dimensions].index(name)
    images = np.unique(captions.image)
    predicted = evaluation.predicted_scenes(network, captions.tokens).numpy()[:, column]
    mean = [predicted[captions.image == image].mean() for image in images]
    shown = captions.scenes[images, column] > 0
    assert table.loc[name, "area"] == pytest.approx(roc_auc_score(shown, mean))
    assert table.loc[name, "photographs"] == shown.sum()


def test_photographs_come_with_all_their_captions(captions):
    part = real_network.photographs_of(captions, 3)
    assert len(np.unique(part.image)) == 3 and len(part.parses) == len(part)
    assert len(part) == sum((captions.image == image).sum() for image in np.unique(part.image))


def test_a_network_agrees_with_itself_and_not_with_shuffled_scores():
    rng = np.random.default_rng(0)
    words = pd.DataFrame({"sentence": np.repeat(np.arange(200), 5), "image": np.repeat(np.arange(100), 10)})
    scored = words.assign(pathway="visual", score=rng.random(1000))
    table = real_network.agreement({
        WIDE: scored, SHIPPED: scored, UNTRAINED: scored.assign(score=rng.permutation(scored["score"])),
    }).set_index(["network", "ranked"])  # fmt: skip
    assert (table.loc[SHIPPED, "correlation"] > 0.999).all()
    null = table.loc[UNTRAINED]
    assert ((null["low"] < 0) & (null["high"] > 0)).all()


def test_labels_count_where_both_networks_decide():
    rows = [
        ("tag", "NN", SHIPPED, 1.0, 0.5, 1.5), ("tag", "NN", WIDE, 2.0, 1.0, 3.0),
        ("tag", "DT", SHIPPED, 1.0, 0.5, 1.5), ("tag", "DT", WIDE, -1.0, -2.0, -0.5),
        ("tag", "IN", SHIPPED, 0.1, -0.5, 0.5), ("tag", "IN", WIDE, -1.0, -2.0, -0.5),
        ("tag", "JJ", SHIPPED, 1.0, 0.5, 1.5),
    ]  # fmt: skip
    assert same_sides(pd.DataFrame(rows, columns=["kind", "label", "network", "median", "low", "high"])) == (1, 2)


# Dreams


class Scene:
    """A network whose every dimension is the detector of a word."""

    def __init__(self, words, said):
        vocabulary = Vocabulary(["a", *said])
        pathway = DetectorPathway(vocabulary, [Detector(word, on=[word], hold=0.9) for word in said])
        pathway.output_names = tuple(f"object:{word}" for word in words)
        pathway.outputs = lambda states: states
        self.pathways, self.dimensions = {"visual": pathway}, pathway.output_names


def test_names_that_are_wanted_are_found_and_others_are_not():
    right = named({"one": Scene(["dog", "bus", "cat"], ["dogs", "buses", "cat"])}, length=1)
    assert right["named"].tolist() == [1, 1, 1] and right["others"].tolist() == [0, 0, 0]
    wrong = named({"one": Scene(["dog", "bus", "cat"], ["cats", "dog", "buses"])}, length=1)
    assert wrong["named"].sum() == 0 and wrong["others"].tolist() == [0.5, 0.5, 0.5]
    assert lead(right, 100)[0] == 1 and lead(wrong, 100)[0] == -0.5

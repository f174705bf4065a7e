"""The experiment on the autoencoder: its quick run, what its tables hold, and the recorded runs."""

from pathlib import Path

import numpy as np
import pytest
import torch

from reading_neurons import charts
from reading_neurons.corpora import scenes
from reading_neurons.corpora.trees import Tree, TreeCorpus, Trees
from reading_neurons.experiments import autoencoder
from reading_neurons.experiments.autoencoder import claims_of, figures_of
from reading_neurons.experiments.autoencoder_truth import SMALL, SMALL_RANK
from reading_neurons.models.autoencoder import Autoencoder
from reading_neurons.models.copying import accuracy

RESULTS = Path(__file__).parents[2] / "book" / "results"
REAL = sorted(RESULTS.glob("autoencoder-flickr30k.json"))
TRUTH = sorted(RESULTS.glob("autoencoder-scenes.json"))
CORPUS = scenes.generate(scenes=40)
FEW = CORPUS.train.take(np.arange(60))


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("autoencoder")


def network(seed=0, **settings):
    return Autoencoder.for_corpus(CORPUS, **{"embedding": 32, "units": 32, "seed": seed, **settings}).eval()


class Planted(Autoencoder):
    """At step k its decoder's state is word k of the source, and a little of all that was read or written before."""

    def read(self, source, lengths, copy):
        steps, time = copy.shape[1], source.shape[1]
        turns = torch.eye(steps + time)[1 : steps + 1, :time]
        before = torch.tril(torch.ones(steps, steps))
        return source, (turns + 0.1) @ source + 0.05 * before @ copy


@pytest.fixture(scope="module")
def planted():
    return Planted.for_corpus(CORPUS, embedding=64, units=64, tied=True).eval()


@pytest.fixture(scope="module")
def tables(planted):
    return autoencoder.analyse({"width 32": planted}, {"width 32": network(tied=True)}, FEW)


def test_the_quick_run_asks_every_world_the_same(quick):
    table = quick.tables["truth"]
    assert len({tuple(rows["check"]) for _, rows in table.groupby("seed")}) == 1
    assert table.groupby("seed").size().tolist() == [6, 6]
    assert quick.provenance["command"] == "python -m reading_neurons reproduce autoencoder --corpus scenes --quick"


def test_what_needs_no_training_holds_in_the_quick_run(quick):
    table = quick.tables["truth"]
    untrained = table[table["check"].str.contains("untrained")]
    assert len(untrained) == 6 and untrained["holds"].all()
    assert not table[table["check"].str.contains("word for word")]["holds"].any()


def test_a_network_that_copies_looks_where_it_copies_from(tables, planted):
    everywhere = tables["alignment"].query("place == -1")
    hits = everywhere[everywhere["measure"] == "hit"].set_index(["pathway", "along"])
    assert (hits.loc["width 32", "mean"] > 0.95).all() and (hits.loc["width 32", "beyond low"] > 0.8).all()
    assert hits.loc["untrained width 32", "beyond"].abs().max() < SMALL
    assert hits["beyond"].to_numpy() == pytest.approx((hits["mean"] - hits["chance"]).to_numpy())
    ranks = everywhere[everywhere["measure"] == "rank"].set_index(["pathway", "along"])
    assert (ranks.loc["width 32", "mean"] < 1.1).all() and (ranks.loc["width 32", "beyond low"] > 3).all()
    assert ranks.loc[("untrained width 32", "step"), "beyond"] == pytest.approx(0, abs=SMALL_RANK)
    lengths = tables["lengths"].query("all and measure == 'forced'")
    assert lengths["mean"].tolist() == [accuracy(planted, FEW)["forced"].mean()] and lengths["mean"].item() > 0.5


def test_tables_hold_every_network_and_are_what_the_chart_takes(tables):
    steps = tables["steps"]
    assert set(steps["pathway"]) == {"width 32", "untrained width 32"}
    assert steps.groupby(["pathway", "measure"])["step"].agg(lambda step: step.tolist()[0]).eq(1).all()
    assert (steps["count"] >= autoencoder.FEWEST).all() and (steps["low"] <= steps["mean"]).all()
    assert charts.copy_influence(steps).to_dict()["description"]
    slopes = tables["slopes"].set_index(["pathway", "sentences", "measure"])["slope"]
    names = ("width 32", "untrained width 32", "width 32 less untrained")
    one, other, less = (slopes[name, "all", "ratio"] for name in names)
    assert less == pytest.approx(one - other)
    assert slopes["width 32", "all", "excess"] == pytest.approx(
        slopes["width 32", "all", "share"] - slopes["width 32", "all", "equal"]
    )


def test_some_sentences_are_asked_about_in_every_way(tables):
    ways = tables["ways"]
    assert set(ways["method"]) == {"derivative", "gradient x input", "exchange"} and set(ways["place"]) == {-1}
    hits = ways[ways["measure"] == "hit"].set_index(["pathway", "along", "method"])["mean"]
    assert (hits["width 32"] > 0.9).all() and (hits["untrained width 32"] < 0.3).all()
    alone = tables["alignment"].query("place == -1 and measure == 'hit'").set_index(["pathway", "along"])["mean"]
    assert hits["width 32", "step", "derivative"] == alone["width 32", "step"]
    assert charts.copy_alignment(ways).to_dict()["description"]


def test_sentences_copied_right_and_wrong_have_slopes_of_their_own(planted):
    table = autoencoder.copy_saliency(planted, FEW, copy="right").assign(pathway="own")
    table["image"] = FEW.image[table["sentence"]]
    grown = autoencoder.influences(table)
    right = np.arange(len(FEW)) < 30
    found = autoencoder.slopes(grown, right).set_index(["sentences", "measure"])
    assert found.loc[("copied right", "share"), "count"] == found.loc[("copied wrong", "share"), "count"] == 30
    alone = autoencoder.slopes(grown[grown["sentence"] < 30]).set_index("measure")
    assert found.loc[("copied right", "ratio"), "slope"] == pytest.approx(alone.loc["ratio", "slope"])
    few = autoencoder.slopes(grown, np.arange(len(FEW)) < 5)
    assert set(few["sentences"]) == {"all", "copied wrong"}


def test_figures_and_claims_follow_from_the_tables(tables):
    figures = figures_of(tables)
    assert 0 <= figures["width 32: exact"] <= figures["width 32: copied"] <= 1
    assert figures["width 32: hit along steps, by chance"] < figures["width 32: hit along steps"]
    claims = claims_of(tables)
    assert len(claims) == 8 and all(claim.holds for claim in claims[:5])
    assert figures["width 32: hit along steps, by exchange"] > 0.9
    backwards = tables["slopes"].assign(slope=-1.0, low=-1.1, high=-0.9)
    assert [claim.holds for claim in claims_of({**tables, "slopes": backwards})[5:]] == [False] * 3
    rounding = tables["slopes"].assign(slope=1e-18, low=0.0, high=1e-18)
    assert [claim.holds for claim in claims_of({**tables, "slopes": rounding})[5:]] == [None] * 3
    unsure = tables["slopes"].assign(low=-1.0, high=1.0)
    assert [claim.holds for claim in claims_of({**tables, "slopes": unsure})[5:]] == [None] * 3


def test_captions_and_reviews_are_one_corpus():
    trees = Trees("sst", "train", tuple(Tree.parse(f"(3 (2 It) (4 (3 is) (4 {word})))") for word in ("good", "bad")))
    reviews = TreeCorpus("sst", trees, trees, trees, sources=(Path("trees.txt"),))
    both = autoencoder.captions_and_reviews(CORPUS, reviews)
    assert both.name == CORPUS.name and both.sources == (Path("trees.txt"),)
    for split, own in zip(both.splits, CORPUS.splits, strict=True):
        assert split.tokens == (*own.tokens, ("it", "is", "good"), ("it", "is", "bad"))
        assert (split.image_ids[split.image[: len(own)]] == own.image_ids[own.image]).all()
    numbers = [set(split.image_ids[split.image]) for split in both.splits]
    assert len(set.union(*numbers)) == sum(map(len, numbers)) and both.fingerprint != CORPUS.fingerprint


def test_every_width_is_trained_and_named():
    found = autoencoder.widths(CORPUS, quick=True)
    assert {name: network.decoder.units for name, network in found.networks.items()} == {"width 8": 8, "width 16": 16}
    assert found.controls.keys() == found.identities.keys() == found.networks.keys()
    assert len({identity["weights"] for identity in found.identities.values()}) == 2


def test_a_sentence_of_unknown_words_alone_is_left_out():
    reviews = tuple(Tree.parse(f"(2 (2 {word}) (2 .))") for word in ("hmm", "dog"))
    both = autoencoder.captions_and_reviews(CORPUS, TreeCorpus("toy", *(Trees("toy", s, reviews) for s in "abc")))
    legible = autoencoder._legible(both.test, {"one": network(), "other": network(seed=1)})
    assert legible.tokens == (*CORPUS.test.tokens, ("dog",))


def test_too_few_sentences_are_an_error(planted):
    with pytest.raises(ValueError, match="no step is there in 30 sentences: give it more, found 3"):
        autoencoder.analyse({"width 32": planted}, {"width 32": network(tied=True)}, FEW.take(range(3)))


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_the_record_follows_from_its_tables(path, tables, assert_has_schema, assert_follows):
    record = assert_has_schema(path, tables)
    assert_follows(record, figures_of(record.tables), claims_of(record.tables))


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem)
def test_the_generated_worlds_were_asked_everything(path, quick, assert_asks):
    assert_asks(path, quick)

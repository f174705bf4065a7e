"""The experiment on input optimization: a small run of every step, what follows from its tables, and the recorded runs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from reading_neurons import charts
from reading_neurons.corpora import scenes
from reading_neurons.experiments import input_claims, input_optimization, input_truth
from reading_neurons.experiments.input_claims import (
    CASES, DEFAULT_NETWORK, EVERY_WORD, FORBIDDEN, METHODS, OTHERS, SINGLE, SWAPPED, UNTRAINED, claims_of, figures_of,
)  # fmt: skip
from reading_neurons.experiments.input_optimization import FEW, analyse, optimized, search_corpus
from reading_neurons.experiments.truth import Check
from reading_neurons.methods import corpus_search
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.models import Imaginet
from reading_neurons.neurons import group, output, unit
from reading_neurons.reader import Reader
from reading_neurons.text import Vocabulary

RESULTS = Path(__file__).parents[2] / "book" / "results"
COCO = sorted(RESULTS.glob("input-optimization-coco.json"))
CORPUS = scenes.generate(scenes=150)
EVERY = Vocabulary.of(CORPUS.train.tokens)
FREQUENT = Vocabulary.of(CORPUS.train.tokens, min_count=5)


def pathways(vocabulary, seed):
    return Imaginet(vocabulary, CORPUS.train.dimensions, embedding=8, units=16, seed=seed).eval().pathways


@pytest.fixture(scope="module")
def networks():
    return {DEFAULT_NETWORK: pathways(FREQUENT, 0), EVERY_WORD: pathways(EVERY, 1), UNTRAINED: pathways(FREQUENT, 2)}


@pytest.fixture(scope="module")
def tables(networks):
    """What a record on captions keeps, of small networks that have learnt nothing."""
    return analyse(networks, CORPUS, FEW)


# What is kept of every neuron


def test_every_case_of_every_network_has_its_neurons(tables):
    found = input_claims.neurons(tables).groupby(["network", "case"]).size()
    assert set(found[DEFAULT_NETWORK].index) == {*CASES, *SINGLE}
    assert (
        found[DEFAULT_NETWORK]["visual projection"] == FEW.outputs
        and found[DEFAULT_NETWORK]["textual hidden"] == FEW.groups
    )
    for network in (EVERY_WORD, FORBIDDEN, UNTRAINED):
        assert found[network].to_dict() == dict.fromkeys(OTHERS, FEW.others)


def test_activations_are_those_of_the_words(tables, networks):
    table = tables["default, textual projection"]
    pathway = networks[DEFAULT_NETWORK]["textual"]
    for row in table.itertuples(index=False):
        reader = Reader(pathway, [output(pathway, row.neuron)])
        for method in METHODS:
            words = row[table.columns.get_loc(f"{method} words")].split()
            ids = torch.tensor([[pathway.vocabulary.number(word) for word in words]])
            value = row[table.columns.get_loc(method)]
            assert float(reader.read(ids, torch.tensor([0]))[0]) == pytest.approx(value, abs=2e-5)


def test_the_same_outputs_are_asked_of_every_network(tables):
    for case in ("visual projection", "textual projection"):
        first = tables[f"{DEFAULT_NETWORK}, {case}"]["neuron"].tolist()[: FEW.others]
        for network in (EVERY_WORD, FORBIDDEN, UNTRAINED):
            assert tables[f"{network}, {case}"]["neuron"].tolist() == first


def test_swaps_never_lose_what_the_ascent_had_found(tables):
    wide = input_claims.neurons(tables)
    assert (wide[SWAPPED] >= wide["gumbel"] - 1e-5).all()
    assert (wide[f"{SWAPPED} evaluations"] > wide["gumbel evaluations"]).all()


def test_what_is_written_without_rare_words_has_none(tables):
    counts = tables["words"].set_index("word")["count"]
    for case in OTHERS:
        table = tables[f"{FORBIDDEN}, {case}"]
        for method in ("corpus", "gumbel", SWAPPED):
            assert min(counts[word] for text in table[f"{method} words"] for word in text.split()) >= input_claims.RARE
    free = {
        word for case in OTHERS for text in tables[f"{EVERY_WORD}, {case}"][f"{SWAPPED} words"] for word in text.split()
    }
    assert min(counts[sorted(free)]) < input_claims.RARE


def test_forbidding_words_never_helps_corpus_search(tables):
    for case in OTHERS:
        free, forbidden = tables[f"{EVERY_WORD}, {case}"]["corpus"], tables[f"{FORBIDDEN}, {case}"]["corpus"]
        assert (free >= forbidden).all()


def test_words_are_counted_in_the_training_captions(tables):
    words = [word for sentence in CORPUS.train.tokens for word in sentence]
    for row in tables["words"].head(20).itertuples():
        assert row.count == words.count(row.word)


def test_runs_say_what_each_method_took(tables):
    runs = tables["runs"]
    assert (runs["seconds"] > 0).all() and (runs["evaluations"] > 0).all()
    assert set(runs[runs["network"] == DEFAULT_NETWORK]["method"]) == set(METHODS)
    assert set(runs[runs["network"] == UNTRAINED]["method"]) == {"corpus", "gumbel", SWAPPED}


def test_rates_say_how_much_of_a_mixture_is_one_word(tables):
    found = tables["rates"]
    assert len(found) == 4 * 4 * 2
    weights = found[found["method"] == "softmax"].groupby("rate")["largest"].mean()
    assert weights.is_monotonic_increasing and weights.iloc[0] < 0.05
    assert found[found["method"].isin(["embedding", "logit"])]["largest"].isna().all()


# One pass for several searches


def test_one_pass_gives_what_corpus_search_gives(networks):
    pathway = networks[DEFAULT_NETWORK]["visual"]
    neurons = {"outputs": [output(pathway, number) for number in range(4)], "units": [unit(3), group([1, 5])]}
    captions = [words for split in CORPUS.splits for words in split.tokens]
    ngrams = corpus_search.distinct_ngrams(captions, pathway.vocabulary, 5)
    found = search_corpus(pathway, neurons, ngrams, {"all": None})
    for case, some in neurons.items():
        expected = optimize(pathway, some, method="corpus", corpus=captions, precision="bfloat16")
        table = found["all", case]
        assert (
            table["neuron"].tolist() == expected["neuron"].tolist()
            and table["words"].tolist() == expected["words"].tolist()
        )
        assert table["activation"].to_numpy() == pytest.approx(expected["activation"].to_numpy(), abs=1e-6)
        assert table["evaluations"].tolist() == expected["evaluations"].tolist()


def test_a_search_of_fewer_words_is_that_of_their_ngrams(networks):
    pathway = networks[EVERY_WORD]["textual"]
    allowed = np.arange(len(EVERY)) < 40
    ngrams = corpus_search.distinct_ngrams(CORPUS.train, EVERY, 5)
    found = search_corpus(pathway, {"units": [unit(0), unit(7)]}, ngrams, {"all": None, "few": allowed})["few", "units"]
    few = corpus_search.distinct_ngrams(CORPUS.train, EVERY, 5, allowed & (np.arange(len(EVERY)) > EVERY.unknown))
    values = corpus_search.search(Reader(pathway, [unit(0), unit(7)]), few)[1]
    assert found["activation"].to_numpy() == pytest.approx(values, abs=1e-6)


def test_the_plain_gumbel_is_what_the_ascent_had_found(networks):
    """Apart from one look after the last step, which a watcher does not see."""
    pathway = networks[DEFAULT_NETWORK]["visual"]
    neurons = [unit(number) for number in range(5)]
    longer = replace(FEW, steps=40)
    found = dict(optimized(pathway, neurons, ["gumbel"], None, 1, longer, 0))
    ascent = longer.ascent(input_optimization.RATES["gumbel"])
    alone = optimize(pathway, neurons, method="gumbel", ascent=ascent, precision="bfloat16")
    assert (found["gumbel"]["activation"] <= alone["activation"] + 1e-6).all()
    assert (found["gumbel"]["activation"] > alone["activation"] - 1e-6).mean() >= 0.6


# Figures and claims


def made(gain, forbidden_gain=None, count=40):
    """Tables in which the default gains so much on every neuron, and embeddings lose as much."""
    rng = np.random.default_rng(0)
    tables = {}
    for network in input_claims.NETWORKS:
        for case in (*CASES, *SINGLE) if network == DEFAULT_NETWORK else OTHERS:
            corpus = rng.normal(5, 1, count)
            more = forbidden_gain if network == FORBIDDEN and forbidden_gain is not None else gain
            table = {"neuron": [f"n{i}" for i in range(count)], "corpus words": "a dog", "corpus": corpus}
            methods = METHODS[1:] if network == DEFAULT_NETWORK else ("gumbel", SWAPPED)
            for method in methods:
                sign = 1 if "gumbel" in method else -1
                table |= {f"{method} words": "dog bus", method: corpus + sign * more + 0.1 * rng.normal(size=count)}
            if network == DEFAULT_NETWORK:
                table["embedding cosine"] = 0.3
            tables[f"{network}, {case}"] = pd.DataFrame(table)
    tables["words"] = pd.DataFrame({"word": ["a", "dog", "bus"], "count": [1000, 100, 3]})
    tables["runs"] = pd.DataFrame(
        {"network": [DEFAULT_NETWORK], "method": [SWAPPED], "neurons": [10], "seconds": [5.0]}
    )
    return tables


def of(claims, *parts):
    found = [claim for claim in claims if all(part in claim.claim for part in parts)]
    assert len(found) == 1, [claim.claim for claim in found]
    return found[0]


def test_claims_find_a_planted_gain():
    claims = claims_of(made(1.0))
    claim = of(claims, "Gumbel softmax and swaps", "visual hidden", "t of corpus")
    assert (
        claim.holds
        and claim.here < -20
        and claim.paper == "-14.1"
        and claim.interval[0] < claim.here < claim.interval[1] < 0
    )
    assert of(claims, "share won", "textual hidden").here == 1
    embedding = of(claims, "embedding optimization")
    assert embedding.holds and -0.3 < embedding.here < -0.1
    assert of(claims, "the gap takes no learning", "textual projection").holds


def test_claims_find_nothing_where_nothing_is_gained():
    claims = claims_of(made(0.0))
    gumbel = [claim for claim in claims if "t of corpus" in claim.claim]
    assert len(gumbel) == 14 and sum(bool(claim.holds) for claim in gumbel) <= 1
    assert of(claims, "share won", "visual projection").holds is None


def test_the_part_of_rare_words_is_what_forbidding_them_costs():
    found = input_claims.part_of_rare(made(1.0, 0.25))
    assert found["part"].tolist() == pytest.approx([0.75] * 3, abs=0.05)
    assert (found["low"] > 0.6).all() and (found["high"] < 0.9).all()
    assert input_claims.part_of_rare(made(1.0))["part"].abs().max() < 0.1


def test_effects_do_not_grow_with_the_number_of_neurons():
    few, many = (input_claims.effects(made(1.0, count=count)) for count in (40, 160))
    assert (many["t, here"] / few["t, here"]).median() == pytest.approx(2, rel=0.25)
    assert (many["d_z, here"] / few["d_z, here"]).median() == pytest.approx(1, rel=0.25)
    assert few.loc["visual projection", "d_z, paper"] == pytest.approx(-23.5 / 160**0.5)


def test_rarity_counts_words():
    found = input_claims.rarity(made(1.0)).set_index(["network", "case", "method"])
    row = found.loc[(DEFAULT_NETWORK, "visual projection", SWAPPED)]
    assert row["rare"] == 0.5 and row["median"] == 51.5 and row["words"] == 80
    assert found.loc[(DEFAULT_NETWORK, "visual projection", "corpus"), "rare"] == 0


def test_figures_are_those_of_the_tables(tables):
    figures = figures_of(tables)
    table = tables["default, visual projection"]
    assert figures[f"mean, default, visual projection: {SWAPPED}"] == pytest.approx(table[SWAPPED].mean())
    assert figures[f"won, default, visual projection: {SWAPPED}"] == (table[SWAPPED] > table["corpus"] + 1e-5).mean()
    assert figures["cosine, visual projection"] == pytest.approx(table["embedding cosine"].mean())


def test_every_claim_has_an_interval_around_it(tables):
    for claim in claims_of(tables):
        assert claim.interval[0] <= claim.here <= claim.interval[1] or np.isnan(claim.interval[0]), claim.claim


def test_what_is_recorded_fits_the_charts(tables):
    reached = input_claims.activations(tables)
    assert charts.activations_by_method(reached).to_dict()["description"]
    wide = input_claims.asked(tables)
    assert wide["case"].unique().tolist() == [*CASES, *SINGLE]
    assert charts.against_corpus(wide).to_dict()["description"]
    assert charts.gains(input_claims.comparisons(tables).query("case in @OTHERS")).to_dict()["description"]


# The quick run, and the recorded one


def one_check(seed, pathways):
    return Check("a world has two pathways", pathways, seed, seed, pathways == 2)


@pytest.fixture(scope="module")
def quick(reproduced):
    with pytest.MonkeyPatch.context() as patch:
        # What is asked of a world, and the record of it, has tests of its own.
        patch.setattr(input_truth, "checks", lambda world: [one_check(world.seed, len(world.trained))])
        return reproduced("input-optimization")


def test_a_quick_run_on_scenes_asks_the_checks_of_two_worlds(quick):
    table = quick.tables["truth"]
    assert list(table) == ["seed", "check", "value", "low", "high", "holds"]
    assert table["seed"].tolist() == [0, 1] and table["low"].tolist() == [0, 1] and table["holds"].all()
    assert (
        quick.provenance["command"] == "python -m reading_neurons reproduce input-optimization --corpus scenes --quick"
    )


@pytest.mark.parametrize("path", COCO, ids=lambda path: path.stem)
def test_a_recorded_run_has_the_schema_of_a_small_one(path, tables, assert_follows, assert_has_schema):
    found = assert_has_schema(path, tables)
    assert len(found.tables["default, visual projection"]) == 80
    assert len(found.tables["default, textual projection"]) == 160
    assert_follows(found, figures_of(found.tables), claims_of(found.tables), rel_claims=2e-4)

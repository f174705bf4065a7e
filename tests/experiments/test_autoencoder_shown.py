"""What the chapter draws of copies: tables of several ways to ask, and of one width of a record."""

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.corpora import scenes
from reading_neurons.experiments.autoencoder import aligned, influences, slopes
from reading_neurons.experiments.autoencoder_shown import measured, of_width
from reading_neurons.methods.copy_exchange import copy_exchange
from reading_neurons.methods.copy_saliency import copy_saliency
from reading_neurons.models.autoencoder import Autoencoder

CORPUS = scenes.generate(scenes=40)
FEW = CORPUS.train.take(np.arange(60))


@pytest.fixture(scope="module")
def maps():
    networks = {"autoencoder": 0, "untrained autoencoder": 1}
    sizes = {"embedding": 8, "units": 8}
    read = {name: Autoencoder.for_corpus(CORPUS, **sizes, seed=seed).eval() for name, seed in networks.items()}
    ways = {"derivative": copy_saliency, "exchange": copy_exchange}
    return {(way, name): ways[way](net, FEW, copy="right") for way in ways for name, net in read.items()}


def test_every_map_is_measured_as_the_experiment_measures_it(maps):
    found = measured(maps, FEW)
    way, name = "exchange", "autoencoder"
    table = maps[way, name].assign(pathway=name)
    table["image"] = FEW.image[table["sentence"]]
    for kind, alone in (("alignment", aligned(table)), ("slopes", slopes(influences(table)))):
        rows = found[kind].query("method == @way and pathway == @name").drop(columns="method").reset_index(drop=True)
        pd.testing.assert_frame_equal(rows, alone)
    for table in found.values():
        assert set(zip(table["method"], table["pathway"], strict=True)) == set(maps)


def test_charts_take_the_tables(maps):
    found = measured(maps, FEW)
    assert "by exchange: autoencoder" in charts.copy_alignment(found["alignment"]).description
    parameters = charts.copy_influence(found["steps"]).to_dict()["params"]
    menus = [parameter.get("bind", {}).get("options") for parameter in parameters]
    assert ["derivative", "exchange"] in menus


def test_sentences_that_are_copied_rightly_have_rows_of_their_own(maps):
    found = measured(maps, FEW, np.arange(60) < 30)
    assert set(found["slopes"]["sentences"]) == {"all", "copied right", "copied wrong"}


def test_one_width_of_a_record_under_the_names_of_charts(maps):
    tables = measured(maps, FEW)
    wide = {
        kind: pd.concat([
            table.replace({"autoencoder": f"width {width}", "untrained autoencoder": f"untrained width {width}"})
            for width in (8, 16)
        ])
        for kind, table in tables.items()
    }  # fmt: skip
    for chosen in (of_width(wide, 8), of_width(wide)):
        for kind, table in chosen.items():
            pd.testing.assert_frame_equal(table, tables[kind])


def test_bad_input_is_an_error(maps):
    with pytest.raises(ValueError, match="at least one map"):
        measured({}, FEW)
    with pytest.raises(ValueError, match="copies of 60 sentences, expected those of all 3"):
        measured(maps, FEW.take(range(3)))
    with pytest.raises(ValueError, match="nothing of width 32 was recorded: found width 8"):
        of_width({"steps": pd.DataFrame({"pathway": ["width 8"]})}, 32)

"""Copies live, and on a page."""

import json
import time

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts, widgets
from reading_neurons.corpora import scenes
from reading_neurons.methods.copy_exchange import WAYS, copy_exchange
from reading_neurons.methods.copy_saliency import copy_saliency
from reading_neurons.models.autoencoder import Autoencoder
from reading_neurons.widgets.autoencoder import WRONG

CORPUS = scenes.generate(scenes=60)


@pytest.fixture(scope="module")
def network():
    return Autoencoder.for_corpus(CORPUS, embedding=32, units=32, tied=True).eval()


@pytest.fixture
def explorer(network):
    return widgets.AutoencoderExplorer(network, CORPUS.test)


def rows(chart):
    return pd.DataFrame([row for data in chart.to_dict()["datasets"].values() for row in data if "_values" in row])


def values(table):
    """Of every step, the strongest cell as one."""
    largest = table.groupby("step")["saliency"].transform("max")
    return (table["saliency"] / largest).tolist()


def shown(chart):
    return [cell for cells in rows(chart)["_values"] for cell in cells if cell is not None]


def test_it_shows_the_map_of_its_own_copy(explorer, network):
    found = copy_saliency(network, [CORPUS.test.tokens[0]])
    assert shown(explorer.chart) == pytest.approx(values(found), rel=1e-2)


def test_what_is_read_how_and_full_colour_can_be_chosen(explorer, network):
    explorer.text.value = "a dog is chasing the cat"
    explorer.copy.value, explorer.method.value = "right", "exchange"
    found = copy_exchange(network, ["a dog is chasing the cat"], copy="right")
    assert shown(explorer.chart) == pytest.approx(values(found), rel=1e-2)
    explorer.method.value = "gradient x input"
    found = copy_saliency(network, ["a dog is chasing the cat"], copy="right", measure="product")
    assert shown(explorer.chart) == pytest.approx(values(found), rel=1e-2)
    explorer.full.value = "sentence"
    assert shown(explorer.chart) == pytest.approx(found["saliency"].tolist(), rel=1e-2)


def test_its_line_of_code_makes_the_same_chart(explorer, network):
    for method in WAYS:
        explorer.method.value = method
        chart = eval(explorer.code(), {"charts": charts, "widgets": widgets, "network": network})
        assert rows(chart)["_values"].tolist() == rows(explorer.chart)["_values"].tolist()


def test_wrong_words_are_marked_in_the_map(network):
    table = widgets.copy_table(network, ["a dog is chasing a cat"], copy="right").drop_duplicates("step")
    assert table["right"].all() and not table["predicted"].str.contains(WRONG).any()
    table = widgets.copy_table(network, ["a yak is chasing a cat"], copy="right").drop_duplicates("step")
    assert table["predicted"].tolist()[:2] == ["a", "<unk>"] and table["right"].all()
    own = widgets.copy_table(network, ["a dog is chasing a cat"])
    copied = own.drop_duplicates("step")
    assert (copied["right"] == ~copied["predicted"].str.endswith(WRONG)).all()
    wanted = ["a", "dog", "is", "chasing", "a", "cat", "</s>"]
    for step, predicted, right in copied[["step", "predicted", "right"]].values:
        assert right == (step < len(wanted) and predicted == wanted[step])
    assert not copied["right"].all()


def test_the_copy_is_told_with_wrong_words_underlined(explorer, network):
    explorer.text.value = "a dog is chasing the cat"
    said = explorer.written.value
    assert "Its copy:" in said and "of 6 words in place" in said
    copy = widgets.copy_table(network, ["a dog is chasing the cat"]).drop_duplicates("step")
    written = copy[~copy["predicted"].str.startswith("</s>")]
    assert said.count("<u>") == (~written["right"]).sum()
    assert f"({written['right'].sum()} of 6" in said


TYPED = ["", "   ", ":-)", "<b>", "zzz qqq", "word " * 90, "dog " * 39, "\u00a0\u200b", "€€€ a"]


@pytest.mark.parametrize("text", TYPED)
def test_whatever_is_typed_gets_a_chart_or_a_message(explorer, text):
    before = explorer.chart
    explorer.text.value = text
    assert explorer.chart is not before or ">" in explorer.message.value.replace('<div role="status"></div>', "")
    assert "<b>" not in explorer.written.value


def test_unknown_words_are_named_and_those_alone_are_not_drawn(explorer):
    explorer.text.value = "a sofitel"
    assert "sofitel" in explorer.message.value
    before = explorer.chart
    explorer.text.value = "Sofitel"
    assert explorer.chart is before and "knows none" in explorer.message.value


def test_an_answer_comes_at_once(explorer):
    def seconds(text):
        began = time.perf_counter()
        explorer.text.value = text
        return time.perf_counter() - began

    assert min(map(seconds, ["a dog is red", "the cat is a cat", "two dogs", "the old cat", "a red car"])) < 0.2


def test_telling_copies_hold_right_ones_and_wrong_ones(monkeypatch):
    net = Autoencoder.for_corpus(CORPUS, embedding=8, units=8).eval()
    exact = (np.arange(200) % 4 != 0).astype(float)
    monkeypatch.setattr(
        widgets.autoencoder, "accuracy", lambda network, some: pd.DataFrame({"exact": exact[: len(some)]})
    )
    some = widgets.telling_copies(net, CORPUS.train, 9)
    looked_at = CORPUS.train.take(widgets.spread(CORPUS.train, 200)).texts
    assert len(some) == 9
    assert [exact[looked_at.index(text)] for text in some.texts] == [1] * 6 + [0] * 3
    exact[:] = 0
    assert len(widgets.telling_copies(net, CORPUS.train, 9)) == 9


def test_the_page_holds_every_method_of_some_sentences(network, monkeypatch):
    monkeypatch.setenv("READING_NEURONS_BOOK", "1")
    html = widgets.autoencoder_explorer(network, CORPUS.test, 3)._repr_mimebundle_()["text/html"]
    spec = json.loads(html.split('<script type="application/json">')[1].split("</script>")[0])
    menus = {parameter["name"]: parameter["bind"]["options"] for parameter in spec["params"] if "bind" in parameter}
    assert menus["panel_pick"] == list(WAYS) and len(menus["sentence_pick"]) == 3
    assert len(html) < 250_000


def test_bad_settings_are_errors(network):
    with pytest.raises(ValueError, match="one of 'derivative', 'gradient x input', 'exchange', found 'magic'"):
        widgets.copy_table(network, ["a dog"], method="magic")
    with pytest.raises(ValueError, match="copy is one of"):
        widgets.copy_table(network, ["a dog"], copy="best")

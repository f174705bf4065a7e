"""What is chosen and typed, whatever it is."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_neurons import widgets
from reading_neurons.charts import omission as chart_of
from reading_neurons.corpora.trees import Tree, Trees
from reading_neurons.methods import omission
from reading_neurons.text import tokenize
from reading_neurons.widgets.sentence import menu_of, spread, typed_like

NONSENSE = ["", "   ", "!!!", "😀", "<>", "日本語"]


@pytest.fixture(scope="module")
def explorer(captions, network):
    """The smallest explorer there can be: it scores, and draws the scores."""

    class Smallest(widgets.SentenceExplorer):
        def _draw(self, one):
            table = omission.scores(network.pathways["visual"], one.tokens).assign(pathway="visual")
            unknown = [word for word in one.tokens[0] if word not in network.vocabulary]
            return chart_of(table), unknown, f"draw({one.texts[0]!r})"

    return Smallest(captions)


@pytest.fixture(autouse=True)
def at_the_first_caption(explorer, captions):
    explorer.text.value = captions.texts[0]


def test_it_starts_with_a_chart_of_the_first_caption(explorer, captions):
    assert explorer.text.value == captions.texts[0] and explorer.sentence.value == 0
    assert " ".join(captions.tokens[0]) in explorer.chart.description
    assert explorer.code() == f"draw({captions.texts[0]!r})"


def test_choosing_a_caption_writes_and_draws_it(explorer, captions):
    explorer.sentence.value = 3
    assert explorer.text.value == captions.texts[3]
    assert " ".join(captions.tokens[3]) in explorer.chart.description


def test_typing_a_caption_chooses_it_in_the_menu(explorer, captions):
    explorer.text.value = captions.texts[2]
    assert explorer.sentence.value == 2


def test_a_sentence_of_ones_own_is_drawn_and_the_menu_says_so(explorer, captions):
    explorer.text.value = "Dogs and dogs"
    assert "'dogs and dogs'" in explorer.chart.description
    assert explorer.sentence.label == "(a sentence of your own)"
    explorer.sentence.value = 0
    assert explorer.text.value == captions.texts[0]


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_gets_a_message_and_the_last_chart_stays(explorer, text):
    chart, code = explorer.chart, explorer.code()
    explorer.text.value = text or " "
    explorer.text.value = text
    assert "No word found" in explorer.message.value
    assert explorer.chart is chart and explorer.code() == code
    explorer.text.value = "a dog"
    assert "No word" not in explorer.message.value and explorer.chart is not chart


def test_a_page_of_text_gets_a_message(explorer):
    chart = explorer.chart
    explorer.text.value = "dog " * 300
    assert "Found 300 words, the chart shows at most 40" in explorer.message.value
    assert explorer.chart is chart


def test_unknown_words_are_named_once_and_few(explorer):
    explorer.text.value = "xyzzy plugh xyzzy"
    assert explorer.message.value.count("xyzzy") == 2 or "xyzzy, plugh" in explorer.message.value
    explorer.text.value = " ".join(f"xyzzy{i}" for i in range(20))
    assert "and 12 more" in explorer.message.value


def test_markup_is_shown_and_not_obeyed(explorer):
    explorer.text.value = "<img src=x onerror=alert(1)> dog"
    shown = [child.value for child in explorer.children if type(child).__name__ == "HTML"]
    assert "<img" not in "".join(shown) and "&lt;img" in "".join(shown)


@given(st.text(max_size=200))
def test_any_text_is_drawn_or_explained(explorer, text):
    explorer.text.value = text
    if tokenize(text):
        assert widgets.unreadable(text) or explorer.chart.description
    else:
        assert "No word found" in explorer.message.value or explorer.text.value == ""


def test_a_spread_takes_one_caption_an_image(captions):
    numbers = widgets.spread(captions, 4)
    assert len(set(captions.image[numbers])) == 4
    assert len(widgets.spread(captions, 1000)) == len(np.unique(captions.image))


def test_captions_that_cannot_be_shown_are_not_offered(captions):
    texts = ("...", "dog " * 50, *captions.texts[2:])
    numbers = widgets.spread(replace(captions, texts=texts), 1000)
    assert not {0, 1} & set(numbers)
    with pytest.raises(ValueError, match="no sentence of 1 to 40 words among 2"):
        widgets.spread(replace(captions, texts=("...", "!"), image=captions.image[:2]), 5)


def test_the_menu_begins_with_the_captions_of_the_page(captions):
    menu = menu_of(captions, [7, 3])
    assert menu.texts[:2] == (captions.texts[7], captions.texts[3])
    assert len(set(menu.texts)) == len(menu.texts) > 2


# Trees


def test_trees_are_offered_and_typed_like_captions():
    trees = Trees("toy", "test", tuple(Tree.parse(f"(3 (2 A) ({n} film{n}))") for n in range(5)))
    assert trees.texts[2] == "A film2"
    assert spread(trees, 2) == [0, 2]
    assert menu_of(trees, [3]).texts[0] == "A film3"
    assert typed_like(trees, "I don't.").tokens == (("i", "do", "n't", "."),)
    assert typed_like(trees, "I don't.").labels.tolist() == [-1]

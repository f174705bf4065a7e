"""Scores of a word in each of its roles, live."""

import time

import numpy as np
import pandas as pd
import pytest

from reading_neurons import charts
from reading_neurons.methods import omission_sensitivity
from reading_neurons.widgets import RoleExplorer, role_explorer


@pytest.fixture(scope="module")
def scored():
    rng = np.random.default_rng(0)
    size = 5000
    tokens = pd.DataFrame(
        {
            "word": rng.choice(["dog", "clock", "the"], size), "deprel": rng.choice(["nsubj", "nn", "det"], size),
            "image": np.arange(size) // 50,
        }
    )  # fmt: skip
    tokens.loc[0, "word"] = "rare"
    return pd.concat([tokens.assign(pathway=name, score=rng.random(size)) for name in ("visual", "textual")])


@pytest.fixture
def explorer(scored):
    return RoleExplorer(scored, ["dog", "clock"])


def shown(explorer):
    return {row["word"] for data in explorer.chart.to_dict()["datasets"].values() for row in data}


def test_it_shows_the_first_word_then_any_that_is_typed(explorer):
    assert shown(explorer) == {"dog"}
    explorer.word.value = " The "
    assert shown(explorer) == {"the"} and ">The<" not in explorer.message.value
    explorer.pathway.value = "textual"
    assert "Omission score, textual" in str(explorer.chart.to_dict())


@pytest.mark.parametrize("typed", ["", "!!!", "a dog", "unicorn", "rare", "<b>dog</b> x", "🦄", "x" * 5000])
def test_what_cannot_be_shown_gets_a_message_and_the_chart_stays(explorer, typed):
    explorer.word.value = typed
    assert shown(explorer) == {"dog"}
    assert "dog, clock" in explorer.message.value and "<b>" not in explorer.message.value
    assert len(explorer.message.value) < 300
    explorer.word.value = "clock"
    assert shown(explorer) == {"clock"} and "expected" not in explorer.message.value


def test_the_line_of_code_makes_the_same_chart(explorer, scored):
    explorer.word.value, explorer.pathway.value = "clock", "textual"
    made = eval(explorer.code(), {"charts": charts, "omission_sensitivity": omission_sensitivity, "scored": scored})
    medians = [
        sorted((row["deprel"], row["median"]) for data in chart.to_dict()["datasets"].values() for row in data)
        for chart in (made, explorer.chart)
    ]
    assert medians[0] == medians[1]


def test_it_answers_at_once(explorer):
    spent = []
    for word in ("clock", "the", "dog"):
        began = time.perf_counter()
        explorer.word.value = word
        spent.append(time.perf_counter() - began)
    assert min(spent) < 0.2


def test_a_page_has_the_chart_and_a_kernel_the_widget(scored, in_kernel, monkeypatch):
    both = role_explorer(scored, ["dog", "clock"])
    assert "application/vnd.jupyter.widget-view+json" in both._repr_mimebundle_()
    monkeypatch.setenv("READING_NEURONS_BOOK", "1")
    page = both._repr_mimebundle_()
    assert sorted(page) == ["text/html", "text/plain"] and "a menu picks among 2 words" in page["text/plain"]


def test_without_a_word_it_says_so(scored):
    with pytest.raises(ValueError, match="at least one word"):
        RoleExplorer(scored, [])
    with pytest.raises(ValueError, match="'unicorn'"):
        RoleExplorer(scored, ["unicorn"])

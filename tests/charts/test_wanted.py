"""Charts and a table of what neurons want."""

import pandas as pd
import pytest

from reading_neurons import charts


@pytest.fixture
def ngrams():
    said = {
        ("textual", "umbrella"): ("a woman sitting under an", "campbell lawn raincoat under an"),
        ("textual", "left"): ("a giraffe looks to its", "fest stares stares to their"),
        ("visual", "object:pizza"): ("pizza a sandwich", "calzone raspberries pizzas"),
        ("visual", "object:umbrella"): ("a red umbrella", "umbrella umbrellas rain"),
    }
    return pd.DataFrame(
        {
            "pathway": pathway, "neuron": neuron, "method": method, "place": place, "word": word,
            "activation": 2.0 + number, "drop": 0.5 - place,
        }
        for (pathway, neuron), both in said.items()
        for number, (method, ngram) in enumerate(zip(("corpus", "optimal"), both, strict=True))
        for place, word in enumerate(ngram.split())
    )  # fmt: skip


def test_a_page_can_show_the_ngrams_of_any_neuron(ngrams, check, drawn):
    chart = charts.optimal_ngrams(ngrams, "left")
    check(chart)
    svg = drawn(chart)
    assert ">stares</text>" in svg and ">giraffe</text>" in svg and "written by optimisation, 3.00" in svg


def test_typing_a_word_shows_the_neurons_that_want_it(ngrams, drawn):
    chart = charts.optimal_ngrams(ngrams, "left")
    svg = drawn(chart, find=" Umbrella ")
    assert ">umbrella (textual)</text>" in svg and ">umbrella (visual)</text>" in svg and "left (textual)" not in svg
    assert ">pizza (visual)</text>" in drawn(chart, find="calz")
    assert "No recorded neuron wants zebra" in drawn(chart, find="zebra")
    assert "No recorded neuron" not in drawn(chart, find="raincoat")


def test_heat_is_the_share_of_the_activation(ngrams, rows):
    held = [row for row in rows(charts.optimal_ngrams(ngrams)) if "share" in row]
    first = next(row for row in held if row["neuron"] == "left" and row["method"] == "corpus" and row["place"] == 0)
    assert first["share"] == pytest.approx(0.25)
    assert min(row["share"] for row in held) == -1, "a loss beyond the activation is drawn as all of it"


def test_one_neuron_needs_no_menu(ngrams, drawn):
    chart = charts.optimal_ngrams(ngrams[ngrams["neuron"] == "left"])
    assert not any("bind" in parameter for parameter in chart.to_dict()["params"]) and ">stares</text>" in drawn(chart)


def test_unknown_neurons_are_errors(ngrams):
    with pytest.raises(ValueError, match="no neuron 'dog' among 4"):
        charts.optimal_ngrams(ngrams, "dog")
    with pytest.raises(ValueError, match="needs the column drop"):
        charts.optimal_ngrams(ngrams.drop(columns="drop"))


@pytest.fixture
def places():
    return pd.DataFrame(
        {
            "network": network, "pathway": pathway, "method": method, "place": place, "share": share,
            "low": share - 0.05, "high": share + 0.05, "neurons": 80,
        }
        for network in ("trained", "untrained")
        for pathway, share in (("visual", 0.1), ("textual", 0.5))
        for method in ("corpus", "optimal")
        for place in range(1, 6)
    )  # fmt: skip


def test_a_page_can_show_function_words_place_by_place(places, check, drawn):
    chart = charts.function_places(places, captions=0.31)
    check(chart)
    assert ">captions, 31%</text>" in drawn(chart) and "10% over all places" in chart.to_dict()["description"]
    assert "captions" not in drawn(charts.function_places(places))


def test_a_page_can_show_concepts_beside_the_corpus(check, drawn):
    found = pd.DataFrame(
        {
            "pathway": "textual", "neuron": ["race", "race", "left"], "concept": [0, 1, 0],
            "group": ["motorcycle bikers", "horses jockeys", "stares"],
            "words": ["bikers at a motorcycle", "jockeys on horses", "stares to their"],
            "activation": [10.0, 8.0, 5.0], "share": [1.0, 0.8, 1.0],
        }
    )  # fmt: skip
    corpus = pd.DataFrame(
        {
            "pathway": "textual",
            "neuron": ["race", "left"],
            "words": ["line at a horse", "to its"],
            "activation": [6.0, 4.0],
        }
    )
    chart = charts.neuron_concepts(found, corpus)
    check(chart)
    svg = drawn(chart)
    assert "concept 2: horses, jockeys" in svg and "line at a horse, 6.00" in svg and "stares" not in svg
    menu = chart.to_dict()["params"][0]["bind"]
    assert menu["labels"] == ["race (textual), 2 concepts", "left (textual), 1 concept"]
    check(charts.neuron_concepts(found, pick="left"))
    with pytest.raises(ValueError, match="no neuron 'dog'"):
        charts.neuron_concepts(found, pick="dog")


def test_a_table_has_the_papers_form_and_is_escaped():
    row = {"neuron": "<left>"}
    for side in ("paper_corpus", "paper_optimal", "here_corpus", "here_optimal"):
        row |= {side: f"to {side}", f"{side}_activation": 10.644}
    html = charts.optimal_table(pd.DataFrame([row]), "One & all")._repr_html_()
    assert "&lt;left&gt;" in html and "One &amp; all" in html and html.count("10.64") == 4 and 'scope="row"' in html
    with pytest.raises(ValueError, match="needs the column"):
        charts.optimal_table(pd.DataFrame([{"neuron": "left"}]))

"""Code in the colours of units and features, live and on a page."""

import json
import time

import pytest

from reading_neurons import passes, widgets
from reading_neurons.corpora import tiny_c
from reading_neurons.corpora.c_syntax import parse
from reading_neurons.features.libraries import library_of
from reading_neurons.methods import relevance
from reading_neurons.methods.best_units import best_units
from reading_neurons.models import CharacterLSTM
from reading_neurons.widgets.reading_c import LONGEST

CORPUS = tiny_c.generate(120)
FEATURES = library_of("tiny_c")


@pytest.fixture(scope="module")
def pathway():
    return CharacterLSTM.for_corpus(CORPUS, units=8).eval().pathways["character lstm"]


@pytest.fixture(scope="module")
def table(pathway):
    return relevance.relevance(pathway, CORPUS.validation, FEATURES, folds=3)


@pytest.fixture
def explorer(pathway, table):
    return widgets.CodeExplorer(pathway, CORPUS.test, FEATURES, table)


def rows(chart):
    return [row for data in chart.to_dict()["datasets"].values() for row in data if "_u" in row]


def values(chart, key="_u"):
    return [row[key][0] for row in rows(chart)]


def test_it_shows_the_unit_and_the_feature_of_the_code(explorer, pathway):
    text = CORPUS.test.texts[0]
    assert (
        explorer.unit.value == best_units(relevance.relevance(pathway, CORPUS.validation, FEATURES, folds=3))["unit"][0]
    )
    explorer.unit.value, explorer.feature.value = 3, "braces, depth"
    states = passes.states(pathway, [text])[:, 3]
    assert values(explorer.chart) == [round(100 * float(value)) for value in states]
    labels = FEATURES["braces, depth"].labels(CORPUS.test.items[0])
    assert values(explorer.chart, "_f") == [round(100 * label) for label in labels]


def test_a_button_goes_to_the_best_unit_of_the_feature(explorer, table):
    explorer.feature.value = "loop, range"
    explorer.best.click()
    best = best_units(table).set_index("feature")
    assert explorer.unit.value == best.loc["loop, range", "unit"]
    assert f"knowledge {best.loc['loop, range', 'knowledge']:.2f}" in json.dumps(explorer.chart.to_dict())


def test_code_of_ones_own_is_parsed(explorer):
    explorer.feature.value = "call, range"
    explorer.text.value = "/* mine */ Point *f(u8 *p)\n{\n\tg(p);\n}\n"
    assert "".join(row["character"] for row in rows(explorer.chart)) == "Point *f(u8 *p)↵{↵  g(p);↵}"
    assert sum(values(explorer.chart, "_f")) == 400
    assert explorer.menu.value == -1 and "instead: &#x27;P&#x27;." in explorer.message.value


def test_its_line_of_code_makes_the_same_chart(explorer, pathway):
    for text in (CORPUS.test.texts[2], "int f(void)\n{ return '\\n'; }"):
        explorer.text.value = text
        chart = eval(explorer.code(), {"widgets": widgets, "pathway": pathway, "features": FEATURES})
        assert rows(chart) == rows(explorer.chart)


@pytest.mark.parametrize(
    "text",
    ["", "   ", "/* x */", "int f(", "€€€", "<b>x</b>", "x" * (LONGEST + 1), "}}}}", "#if 0\n#", "\u00a0", '"', "if"],
)
def test_whatever_is_typed_gets_a_chart_or_a_message(explorer, text):
    before = explorer.chart
    explorer.text.value = text
    said = explorer.message.value.removeprefix('<div role="status">').removesuffix("</div>")
    assert said and "<" not in said
    if explorer.chart is not before:
        assert not any(values(explorer.chart, "_f"))


def test_a_function_chosen_from_the_menu_is_read(explorer):
    explorer.menu.value = 4
    assert explorer.text.value == CORPUS.test.texts[4]
    explorer.menu.value = -1
    assert explorer.text.value == CORPUS.test.texts[4]


def test_an_answer_comes_at_once(explorer):
    def seconds(number):
        began = time.perf_counter()
        explorer.menu.value = number
        return time.perf_counter() - began

    assert min(map(seconds, range(1, 6))) < 0.2


def test_the_page_holds_some_functions_and_all_features(pathway, table, monkeypatch):
    monkeypatch.setenv("READING_NEURONS_BOOK", "1")
    explorer = widgets.code_explorer(pathway, CORPUS.test, FEATURES, table, first="braces, range", random=1)
    html = explorer._repr_mimebundle_()["text/html"]
    spec = json.loads(html.split('<script type="application/json">')[1].split("</script>")[0])
    menus = {parameter["name"]: parameter["bind"]["labels"] for parameter in spec["params"] if "bind" in parameter}
    assert len(menus["string_pick"]) == 4 and menus["feature_pick"][0] == "braces, range"
    assert sorted(menus["feature_pick"]) == sorted(FEATURES.names)
    assert len(html) < 250_000


def test_a_page_and_a_kernel_have_the_same_title_and_first_function(pathway, table, in_kernel):
    bundle = widgets.code_explorer(pathway, CORPUS.test, FEATURES, table)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle and "text/html" in bundle


def test_what_is_missing_is_named(pathway, table):
    with pytest.raises(ValueError, match="lacks the features call, range, loop, range"):
        lacking = table[~table["feature"].isin(["call, range", "loop, range"])]
        widgets.CodeExplorer(pathway, CORPUS.test, FEATURES, lacking)
    long = type(CORPUS.test)("x", "x", (parse("int f(void) { return " + "1 + " * 400 + "1; }"),))
    with pytest.raises(ValueError, match="no function of the 1 has at most"):
        widgets.code_explorer(pathway, long, FEATURES, table)
    with pytest.raises(KeyError, match="no feature is named 'nothing'"):
        widgets.code_chart(pathway, "int f(void) { }", FEATURES, "nothing", unit=0)
    with pytest.raises(ValueError, match="expected a function of C"):
        widgets.code_chart(pathway, "int f(", FEATURES, "call, range", unit=0)

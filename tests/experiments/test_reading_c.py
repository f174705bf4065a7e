"""The experiment on code: its quick runs, what its tables hold, and the recorded runs."""

import tarfile
from pathlib import Path

import pytest

from reading_neurons.corpora import tiny_c
from reading_neurons.corpora.c_syntax import parse
from reading_neurons.experiments import reading_c
from reading_neurons.experiments.reading_c import claims_of, figures_of
from reading_neurons.features.libraries import library_of
from reading_neurons.models import CharacterLSTM
from reading_neurons.models.counting import CountingPathway

RESULTS = Path(__file__).parents[2] / "book" / "results"
REAL = sorted(RESULTS.glob("reading-c-c_source.json"))
TRUTH = sorted(RESULTS.glob("reading-c-tiny_c.json"))
CORPUS = tiny_c.generate(200)
FEATURES = library_of("tiny_c")


@pytest.fixture(scope="module")
def quick(reproduced):
    return reproduced("reading-c", "tiny_c")


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """Made-up files of C where real ones are looked for."""
    folder = tmp_path_factory.mktemp("data")
    texts = tiny_c.generate(240, seed=9).train.texts
    (folder / "linux").mkdir()
    for number in range(24):
        (folder / f"{number}.c").write_text("\n".join(texts[8 * number : 8 * number + 8]) + "\nint bad( {")
    with tarfile.open(folder / "linux" / "code.tar.gz", "w:gz") as archive:
        for path in sorted(folder.glob("*.c")):
            archive.add(path, arcname=f"code/{path.name}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("READING_NEURONS_DATA", str(folder))
        yield folder


def analyse(trained, untrained):
    networks = {"trained": trained, "untrained": untrained}
    found = reading_c.analyse(networks, CORPUS.validation, CORPUS.test, FEATURES, replicates=50)
    return found


@pytest.fixture(scope="module")
def tables():
    """A network of which one unit counts braces, beside an untrained one."""
    untrained = CharacterLSTM.for_corpus(CORPUS, units=16).eval().pathways["character lstm"]
    counting = CountingPathway(untrained.vocabulary, noise=15, unit=4, opens="{", closes="}")
    return analyse(counting, untrained)


def test_the_quick_run_asks_every_world_the_same(quick):
    table = quick.tables["truth"]
    assert len({tuple(rows["check"]) for _, rows in table.groupby("seed")}) == 1
    assert table.groupby("seed").size().tolist() == [9, 9]
    assert quick.provenance["command"] == "python -m reading_neurons reproduce reading-c --corpus tiny_c --quick"


def test_what_needs_no_training_holds_in_the_quick_run(quick):
    table = quick.tables["truth"]
    planted = table[table["check"].str.contains("a unit that counts")]
    assert len(planted) == 6 and planted["holds"].all()


def test_the_quick_run_on_files_has_no_line_of_them(kernel, reproduced, tables):
    record = reproduced("reading-c", "c_source")
    of_run = {"read", "predicted"}
    assert {name: list(table) for name, table in record.tables.items() if name not in of_run} == {
        name: list(table) for name, table in tables.items()
    }
    predicted = record.tables["predicted"].set_index("predictor")["perplexity"]
    assert predicted["untrained character lstm"] > predicted["character lstm"]
    assert record.figures["next character, perplexity of character lstm"] == predicted["character lstm"]
    read = record.tables["read"].set_index("what")["count"]
    assert read["train"] + read["validation"] + read["test"] == 192
    cells = {str(cell) for table in record.tables.values() for cell in table.to_numpy().ravel()}
    assert not [cell for cell in cells if set(cell) & set("{};=")]
    assert Path(next(iter(record.provenance["data"]))).name == "code.tar.gz"


def test_the_planted_unit_is_the_best_for_braces(tables):
    types = tables["types"].set_index(["network", "feature"])
    assert types.loc[("trained", "braces, range"), "unit"] == 4
    assert types.loc[("trained", "braces, range"), "low"] > 0.9
    units = tables["units"]
    assert (units.groupby(["network", "feature"])["rank"].agg(list).map(lambda ranks: ranks == list(range(10)))).all()


def test_means_are_means(tables):
    types, means = tables["types"].set_index(["network", "feature"])["knowledge"], tables["means"].set_index("mean")
    ranges = [f"{kind.name}, range" for kind in reading_c.TYPES]
    assert means.loc["ranges, trained", "value"] == pytest.approx(types["trained"][ranges].mean(), abs=2e-4)
    nested, flat = (
        [f"{kind}, range" for kind in kinds] for kinds in (reading_c.NESTED, reading_c.FLAT)
    )  # fmt: skip
    added = types["trained"] - types["untrained"]
    assert means.loc["nested, trained less untrained", "value"] == pytest.approx(added[nested].mean(), abs=2e-4)
    difference = added[nested].mean() - added[flat].mean()
    assert means.loc["nested less flat, trained less untrained", "value"] == pytest.approx(difference, abs=2e-4)
    assert sorted(reading_c.NESTED + reading_c.FLAT) == sorted(kind.name for kind in reading_c.TYPES)
    assert (means["low"] <= means["value"]).all() and (means["value"] <= means["high"]).all()


def test_two_times_the_same_network_differ_in_nothing():
    pathway = CharacterLSTM.for_corpus(CORPUS, units=8).eval().pathways["character lstm"]
    tables = analyse(pathway, pathway)
    assert (tables["differences"][["difference", "low", "high"]] == 0).all(axis=None)
    claims = claims_of(tables)
    assert [claim.holds for claim in claims[:3]] == [False] * 3 and all(claim.here == 0 for claim in claims[:3])


def test_functions_printed_anew_have_the_same_trees():
    for way in reading_c.WAYS:
        found = reading_c.changed(CORPUS.test, way)
        for string, before in zip(found.strings, CORPUS.test.strings, strict=True):
            parsed = parse(string.text)
            assert [node.kind for node in parsed.nodes] == [node.kind for node in before.nodes]
            assert parsed.nodes == string.nodes
    assert "\n" not in "".join(found.texts) and "\n " not in "".join(
        reading_c.changed(CORPUS.test, "not indented").texts
    )


def test_a_counter_of_braces_does_not_mind_how_functions_are_printed(tables):
    printed = tables["printed"].query("type == 'braces'").set_index("way")
    assert (printed["unit"] == 4).all() and printed["knowledge"].min() > 0.9
    means = tables["means"].set_index("mean")
    difference = tables["printed"].pivot(index="type", columns="way", values="knowledge")
    lost = (difference["as written"] - difference["not indented"])[list(reading_c.NESTED)].mean()
    assert means.loc["nested, lost without indentation", "value"] == pytest.approx(lost, abs=2e-4)


def test_the_chart_takes_the_units(tables):
    shown = reading_c.compared(tables)
    assert set(shown["labels"]) == {"range", "impulse"}
    assert set(shown["network"]) == {"character lstm", "untrained character lstm"}


def test_functions_are_read_up_to_a_number_of_characters(monkeypatch):
    monkeypatch.setattr(reading_c, "MOST", 1000)
    taken = reading_c.some(CORPUS.train)
    places = [CORPUS.train.texts.index(text) for text in taken.texts]
    assert 600 < sum(map(len, taken.texts)) <= 1000 and places == sorted(places)
    assert max(places) - min(places) > len(CORPUS.train) / 4
    assert len(reading_c.some(CORPUS.train.take([3]))) == 1


def test_a_corpus_without_code_is_named():
    with pytest.raises(ValueError, match="'parentheses' has none: choose c_source or tiny_c"):
        reading_c.run("parentheses")


@pytest.mark.parametrize("path", TRUTH, ids=lambda path: path.stem)
def test_the_recorded_truth_asks_what_a_quick_run_asks(path, quick, assert_asks):
    assert_asks(path, quick)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_figures_and_claims_follow_from_the_recorded_tables(path, tables, assert_has_schema, assert_follows):
    of_run = {"read": ["what", "count", "characters"], "predicted": ["predictor", "accuracy", "perplexity"]}
    record = assert_has_schema(path, tables | {name: dict.fromkeys(columns) for name, columns in of_run.items()})
    assert_follows(record, figures_of(record.tables), claims_of(record.tables))
    assert record.tables["read"]["count"].sum() > 5000 and path.stat().st_size < 500_000

"""spaCy behind one function: found, checked, cached; and trees on a page."""

import dataclasses
import os
import re
import shutil
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import spacy
from spacy.language import Language

from reading_neurons import pipelines
from reading_neurons.annotation import ROOT, Parse, annotate, canonical, token_table
from reading_neurons.corpora.captions import Captions
from reading_neurons.pipelines import MissingPipeline, draw, parse

TEXTS = ["A dog's bowl.", "Two  cats\nsit", "Fish"]

needs_pipeline = pytest.mark.skipif(
    not os.environ.get(pipelines.VARIABLE), reason=f"{pipelines.VARIABLE} names no spaCy pipeline"
)


@Language.component("chain", assigns=["token.tag", "token.head", "token.dep"])
def chain(doc):
    """Hangs every word on the one before it and tags it by its case."""
    for word in doc:
        word.tag_ = "UPPER" if word.text[0].isupper() else "lower"
        word.head = doc[max(word.i - 1, 0)]
        word.dep_ = "next" if word.i else "ROOT"
    return doc


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("READING_NEURONS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "annotations"


@pytest.fixture
def pipeline(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("chain")
    nlp.to_disk(tmp_path / "pipeline")
    return tmp_path / "pipeline"


@pytest.fixture
def loads(monkeypatch):
    """Counts how often a pipeline is loaded."""
    counted = []
    load = pipelines._load
    monkeypatch.setattr(pipelines, "_load", lambda *given: counted.append(given) or load(*given))
    return counted


def test_a_pipeline_reads_the_text_as_written(pipeline, cache):
    found = parse(TEXTS, pipeline)
    assert [one.text for one in found] == TEXTS
    assert found[0].words == ("A", "dog", "'s", "bowl", ".")
    assert found[0].tags == ("UPPER", "lower", "lower", "lower", "lower")
    assert found[0].heads == (ROOT, 0, 1, 2, 3)
    assert found[0].deprels == ("ROOT", "next", "next", "next", "next")
    assert found[0].token_tags == ("UPPER", "lower", "lower")


def test_white_space_is_no_word_and_its_dependents_move_up(pipeline):
    (found,) = parse(["Two  cats\nsit"], pipeline, cache=False)
    assert found.words == ("Two", "cats", "sit")
    assert found.heads == (ROOT, 0, 1)


def test_a_root_of_white_space_leaves_its_dependents_as_roots(pipeline):
    (found,) = parse(["\n\nDogs run"], pipeline, cache=False)
    assert found.words == ("Dogs", "run") and found.heads == (ROOT, 0)


def test_an_unknown_character_survives(pipeline, cache):
    texts = ["Ein Café — 東京 \U0001f408!", "İ \u0007 x"]
    assert parse(texts, pipeline) == parse(texts, pipeline)
    assert [one.text for one in parse(texts, pipeline)] == texts


def test_the_cache_spares_the_pipeline(pipeline, cache, loads):
    first = parse(TEXTS, pipeline)
    assert parse(TEXTS, pipeline) == first and len(loads) == 1
    assert [path.suffix for path in cache.iterdir()] == [".spacy"]
    parse(TEXTS, pipeline, cache=False)
    assert len(loads) == 2


def test_without_the_cache_nothing_is_written(pipeline, cache):
    parse(TEXTS, pipeline, cache=False)
    assert not cache.exists()


def test_other_texts_are_other_parses(pipeline, cache, loads):
    parse(["ab", "c"], pipeline)
    assert [one.text for one in parse(["a", "bc"], pipeline)] == ["a", "bc"]
    assert len(loads) == 2


def test_a_changed_pipeline_is_another_one(pipeline, cache, loads):
    parse(TEXTS, pipeline)
    (pipeline / "meta.json").write_text((pipeline / "meta.json").read_text().replace("0.0.0", "0.0.1"))
    parse(TEXTS, pipeline)
    assert len(loads) == 2 and len(list(cache.iterdir())) == 2


def test_a_copied_pipeline_is_the_same_one(pipeline, cache, loads):
    parse(TEXTS, pipeline)
    parse(TEXTS, shutil.copytree(pipeline, pipeline.parent / "copy"))
    assert len(loads) == 1


@pytest.mark.parametrize("damage", [b"", b"nonsense", "half", "other texts"])
def test_a_damaged_cache_is_reported_and_made_again(pipeline, cache, loads, caplog, damage):
    first = parse(TEXTS, pipeline)
    (path,) = cache.iterdir()
    whole = path.read_bytes()
    if damage == "other texts":
        parse(["Something else"], pipeline)
        damage = next(other for other in cache.iterdir() if other != path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage == "half" else damage)
    before = len(loads)
    assert parse(TEXTS, pipeline) == first
    assert len(loads) == before + 1 and str(path) in caplog.text
    assert pipelines._read(path, TEXTS) == first


def test_an_interrupted_write_leaves_nothing_behind(pipeline, cache, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(pipelines.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        parse(TEXTS, pipeline)
    assert list(cache.iterdir()) == []


def test_captions_without_gold_go_through_the_pipeline(pipeline, cache, monkeypatch):
    captions = Captions("tiny", "test", tuple(TEXTS), np.zeros(3, dtype=int), np.arange(1))
    monkeypatch.setenv(pipelines.VARIABLE, str(pipeline))
    assert annotate(captions) == parse(TEXTS, pipeline)
    assert token_table(captions, annotate(captions)).deprel.tolist() == ["ROOT", "next", "next"] * 2 + ["ROOT"]


def test_a_named_pipeline_sets_gold_aside(pipeline, cache):
    gold = (Parse("Fish", ((0, 4),), ("gold",), (-1,), ("ROOT",)),)
    captions = Captions("tiny", "test", ("Fish",), np.zeros(1, dtype=int), np.arange(1), parses=gold)
    assert annotate(captions)[0].tags == ("gold",)
    assert annotate(captions, pipeline)[0].tags == ("UPPER",)


def test_no_texts_need_no_pipeline():
    assert parse([], "absent") == ()


def test_one_text_is_not_a_sequence_of_texts():
    with pytest.raises(TypeError, match="'A dog'.*into a list"):
        parse("A dog")


def test_a_package_is_found_by_its_name(pipeline, tmp_path, monkeypatch, cache):
    package = tmp_path / "site" / "chain_pipeline"
    shutil.copytree(pipeline, package / "chain_pipeline-1.0")
    (package / "__init__.py").touch()
    (tmp_path / "site" / "chain_pipeline-1.0.dist-info").mkdir()
    (tmp_path / "site" / "chain_pipeline-1.0.dist-info" / "METADATA").write_text("Name: chain_pipeline\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert parse(TEXTS, "chain_pipeline") == parse(TEXTS, pipeline)


@pytest.mark.parametrize(
    "name, command",
    [
        ("en_absent_lg", "python -m spacy download en_absent_lg"),
        ("nowhere/at/all", "python -m spacy download en_core_web_sm"),
        ("numpy", "python -m spacy download en_core_web_sm"),
    ],
)
def test_a_missing_pipeline_says_how_to_install_it_and_how_to_name_another(name, command, monkeypatch):
    monkeypatch.setenv(pipelines.VARIABLE, name)
    with pytest.raises(MissingPipeline) as caught:
        parse(["A dog"])
    assert isinstance(caught.value, OSError)
    for part in (repr(name), command, "`pipeline`", pipelines.VARIABLE):
        assert part in str(caught.value)


def test_the_argument_goes_before_the_environment(monkeypatch):
    monkeypatch.setenv(pipelines.VARIABLE, "from_environment")
    with pytest.raises(MissingPipeline, match="'from_argument'"):
        parse(["A dog"], "from_argument")


@pytest.mark.parametrize(
    "components, missing",
    [([], "no tagger and no parser.*\\(none\\)"), (["tagger"], "no parser.*tagger"), (["parser"], "no tagger.*parser")],
)
def test_a_missing_component_is_named(tmp_path, components, missing):
    with pytest.raises(ValueError, match=missing):
        parse(["A dog"], untrained(tmp_path, components), cache=False)


def test_spacys_own_tagger_and_parser_are_enough(tmp_path):
    folder = untrained(tmp_path, ["tagger", "parser"])
    assert parse(["A dog"], folder, cache=False)[0].tags == ("NN", "NN")


def untrained(folder, components):
    nlp = spacy.blank("en")
    for name in components:
        nlp.add_pipe(name).add_label({"tagger": "NN", "parser": "dep"}[name])
    nlp.initialize()
    nlp.to_disk(folder)
    return folder


@needs_pipeline
def test_a_trained_pipeline_finds_tags_and_labels(cache):
    texts = ["A dog chases two cats.", "The man's clock is on the table."]
    first, second = parse(texts)
    assert first.token_tags == ("DT", "NN", "VBZ", "CD", "NNS")
    assert [canonical(label) for label in first.token_deprels] == ["det", "nsubj", "ROOT", "num", "dobj"]
    assert first.token_heads == (1, 2, -1, 4, 2)
    assert second.token_tags == ("DT", "NN", "NN", "VBZ", "IN", "DT", "NN")
    assert second.words[second.alignment[1]] == "man" and canonical(second.token_deprels[1]) == "poss"
    assert parse(texts) == (first, second)


SENTENCE = Parse(
    'A "fat" <cat> & it\'s',
    ((0, 1), (2, 7), (8, 13), (14, 15), (16, 18), (18, 20)),
    ("DT", "JJ", "NN", "CC", "PRP$", "<x>"),
    (2, 2, -1, 2, 5, 2),
    ("det", "amod", "ROOT", "cc", "nsubj", '"&"'),
)


def test_a_tree_is_well_formed_and_tells_every_arc():
    tree = draw(SENTENCE)
    picture = ElementTree.fromstring(tree.svg)
    name = "{http://www.w3.org/2000/svg}"
    assert picture.get("role") == "img" and picture.get("aria-label") == tree.description
    words = ["".join(text.itertext()).split() for text in picture.iter(f"{name}text") if text.get("class")]
    assert words == [list(pair) for pair in zip(SENTENCE.words, SENTENCE.tags)]
    labels = [path.text for path in picture.iter(f"{name}textPath")]
    assert labels == [label for label in SENTENCE.deprels if label != "ROOT"]
    for part in (SENTENCE.text, "A (DT) is det of <cat>", "<cat> (NN) is a root", "'s (<x>) is \"&\" of <cat>"):
        assert part in tree.description


def test_a_tree_scrolls_by_keyboard_follows_the_colour_of_the_text_and_asks_no_host():
    tree = draw(SENTENCE)
    page = tree._repr_html_()
    assert re.match(r'<div [^>]*aria-label="[^"]+" tabindex="0" style="overflow-x: auto"><svg ', page)
    assert set(re.findall(r'(?:fill|stroke)="([^"]*)"', page)) == {"currentColor", "none"}
    assert "#000" not in page and "background: transparent" in page
    assert set(re.findall(r"https?://([^/\"]+)", page)) == {"www.w3.org"}


def test_the_ids_of_trees_are_their_own_and_stay():
    def ids(tree):
        return re.findall(r' id="([^"]+)"', tree.svg)

    changed = draw(dataclasses.replace(SENTENCE, tags=("DT", "JJ", "NN", "CC", "PRP$", "VBZ")))
    every = ids(draw(SENTENCE)) + ids(changed)
    assert len(set(every)) == len(every) == 2 * 6
    assert draw(SENTENCE) == draw(dataclasses.replace(SENTENCE))
    assert set(re.findall(r'href="#([^"]+)"', changed.svg)) < set(ids(changed))


@pytest.mark.parametrize("words", [0, 1, 30])
def test_trees_of_any_size_are_drawn(words):
    text = " ".join(["dog"] * words)
    spans = tuple((4 * word, 4 * word + 3) for word in range(words))
    heads = tuple(word - 1 for word in range(words))
    tree = draw(Parse(text, spans, ("NN",) * words, heads, ("dep",) * words))
    assert float(ElementTree.fromstring(tree.svg).get("width")) >= 100 * words
    assert ("no words" in tree.description) == (words == 0)

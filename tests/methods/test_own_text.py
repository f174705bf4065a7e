"""Sentences of one's own run every chapter: its methods read a file of plain lines, or say what is missing."""

import os
import random
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from reading_neurons import corpora, models
from reading_neurons.annotation import Parse, token_table
from reading_neurons.features import Library
from reading_neurons.features.libraries import library_of
from reading_neurons.features.text import characters, pattern
from reading_neurons.features.tree import open_is
from reading_neurons.features.words import annotated, tag_is, unparsed, word_is
from reading_neurons.methods import (
    ablation, agreement, best_units, carrying_units, clause_saliency, completions, composition, concepts, contexts,
    copy_exchange, copy_saliency, fluent_inputs, function_words, generation, grammatical_units, held_out_units,
    homogeneity, idle_dimensions, input_optimization, intervene, label_leads, meaning_phrases, meaning_space,
    mutual_information, ngram_omission, omission, omission_models, predictive_groups, probe_units, projections,
    relevance, saliency, score_omission, state_differences, unfolding, unit_groups, variance,
)  # fmt: skip
from reading_neurons.methods.ascent import Ascent
from reading_neurons.methods.fluent_search import Evolution
from reading_neurons.neurons import group, output, unit
from reading_neurons.passes import states
from reading_neurons.pipelines import MissingPipeline
from reading_neurons.text import Vocabulary, treebank_tokenize

ROOT = Path(__file__).parents[2]
ADJECTIVES, NOUNS = ("old", "green", "heavy", "quiet"), ("baker", "clerk", "lamp", "boat", "door", "ferry")
VERBS, DIGITS, PLACES = ("mends", "paints", "hides"), ("one", "two", "three"), ("near", "behind")
TAGS = {"a": "JJ", "n": "NN", "v": "VBZ", "m": "CD", "p": "IN", "d": "DT", ".": "."}


def sentence(rng):
    """The words of a sentence, each with the letter of its tag, its label and the place of its head."""
    words = [("The", "d", "det", "subject")]
    words += [(rng.choice(ADJECTIVES), "a", "amod", "subject")] * (rng.random() < 0.5)
    words += [(rng.choice(NOUNS), "n", "nsubj", "verb"), (rng.choice(VERBS), "v", "ROOT", "")]
    words += [(rng.choice(DIGITS), "m", "num", "object"), (rng.choice(NOUNS), "n", "dobj", "verb")]
    if rng.random() < 0.5:
        words += [(rng.choice(PLACES), "p", "prep", "verb"), ("the", "d", "det", "place")]
        words += [(rng.choice(NOUNS), "n", "pobj", "preposition")]
    return [*words, (".", ".", "punct", "verb")]


def parse_of(words):
    """The parse of such a sentence, by hand."""
    roles = {"nsubj": "subject", "ROOT": "verb", "dobj": "object", "prep": "preposition", "pobj": "place"}
    place = {roles[label]: number for number, (_, _, label, _) in enumerate(words) if label in roles}
    text, spans = "", []
    for word, *_ in words:
        text += " " * bool(text and word != ".")
        spans.append((len(text), len(text) + len(word)))
        text += word
    heads = tuple(place.get(head, -1) for *_, head in words)
    return Parse(text, tuple(spans), tuple(TAGS[kind] for _, kind, _, _ in words), heads, tuple(w[2] for w in words))


@dataclass(frozen=True)
class Own:
    """A corpus read from a file, its parses, and small networks for its words."""

    corpus: corpora.CaptionCorpus
    parses: dict

    @cached_property
    def parsed(self):
        return replace(self.corpus.train, parses=tuple(self.parses[text] for text in self.corpus.train.texts))

    @cached_property
    def tokens(self):
        return token_table(self.parsed, self.parsed.parses)

    @cached_property
    def texts(self):
        return list(self.corpus.test.texts)

    @cached_property
    def reader(self):
        return models.LanguageModel.for_corpus(self.corpus, embedding=6, units=8).eval().pathways["language model"]

    @cached_property
    def judge(self):
        vocabulary = Vocabulary.of(self.corpus.train.tokens, tokenizer=treebank_tokenize)
        return models.LSTM(vocabulary, embedding=6, units=8).eval().pathways["lstm"]

    @cached_property
    def copier(self):
        return models.untrained("autoencoder", self.corpus, embedding=8, units=8)

    @cached_property
    def strings(self):
        return corpora.characters(self.corpus)

    @cached_property
    def writer(self):
        return models.CharacterLSTM.for_corpus(self.strings, units=8).eval().pathways["character lstm"]

    @cached_property
    def known(self):
        """Which units of the network of characters know vowels, and which spaces."""
        return relevance.relevance(self.writer, self.strings.train, TYPED, folds=3)

    @cached_property
    def pairs(self):
        """Phrases as somebody types them: each noun alone, denied, and with a word that changes little."""
        rows = [(noun, f"not {noun}", f"the {noun}", noun) for noun in NOUNS]
        return pd.DataFrame(rows, columns=["base", "modified", "neutral", "head"])


BARE = {
    "optimize": input_optimization, "fluent_inputs": fluent_inputs, "relevance": relevance, "intervene": intervene,
    "groups": predictive_groups, "held_out": held_out_units, "generate": generation,
}  # fmt: skip
"""Functions that the book prints without their modules."""
TYPED = Library([characters("aeiou", "vowel"), characters(" ", "space")])
QUICK = Ascent(steps=4, restarts=1)
FEW = Evolution(evaluations=200)

ROWS = {
    "omission": {
        "omission.scores": lambda own: omission.scores(own.reader, own.texts),
        "omission.annotated, parsed": lambda own: omission.annotated([own.reader], own.parsed, own.parsed.parses),
    },
    "omission-models": {
        "omission_models.fit, parsed": lambda own: omission_models.r2(
            omission_models.fit(omission.annotated([own.reader], own.parsed, own.parsed.parses))
        ),
    },
    "contexts": {
        "contexts.top_contexts": lambda own: contexts.top_contexts(own.reader, own.corpus.train, k=4),
        "homogeneity, parsed": lambda own: homogeneity.homogeneity(
            contexts.top_contexts(own.reader, own.parsed, k=4, distinct=True), own.tokens, draws=50
        ),
    },
    "grammatical-units": {
        "grammatical_units.task, parsed": lambda own: probe_units.units_of(
            grammatical_units.task(own.tokens, min_count=5), {"own": states(own.reader, own.parsed)},
            ["nsubj", "dobj"], width=2, penalty=10,
        )[0],
    },
    "carrying-units": {
        "carrying_units.persistence": lambda own: carrying_units.persistence(own.reader, own.corpus.train),
        "label_leads.leading_units, parsed": lambda own: label_leads.leading_units(
            states(own.reader, own.parsed), own.tokens, ["dobj"], replicates=10
        ),
    },
    "mutual-information": {
        "mutual_information.of_pathway": lambda own: mutual_information.of_pathway(own.reader, own.corpus.train),
        "mutual_information.of_pathway, parsed": lambda own: mutual_information.of_pathway(
            own.reader, own.parsed, own.parsed.parses
        ),
    },
    "input-optimization": {
        "optimize": lambda own: input_optimization.optimize(
            own.reader, [unit(0), output(own.reader, "lamp")], length=3, ascent=QUICK
        ),
        "optimize, corpus": lambda own: input_optimization.optimize(
            own.reader, unit(0), length=3, method="corpus", corpus=own.corpus.train
        ),
        "word_effects": lambda own: ngram_omission.word_effects(own.reader, [unit(0)], ["the old boat"]),
    },
    "unit-groups": {
        "unit_groups.unit_groups": lambda own: unit_groups.unit_groups(own.reader, own.corpus.train, 3, sample=200),
        "optimize, a group": lambda own: input_optimization.optimize(own.reader, group([0, 3]), 3, ascent=QUICK),
    },
    "what-neurons-want": {
        "concepts": lambda own: concepts.concepts(
            own.reader, unit(1), 3, corpus=own.corpus.train, ascent=QUICK
        ).concepts,
        "function_words, parsed": lambda own: pd.Series(function_words.word_classes(own.tokens)).to_frame(),
    },
    "fluent-inputs": {
        "fluent_inputs": lambda own: fluent_inputs.fluent_inputs(
            own.reader, unit(0), own.reader, 3, corpus=own.corpus.train, evolution=FEW
        ),
        "completions": lambda own: completions.completions(own.reader, unit(2), "the ___ hides"),
    },
    "composition": {
        "composition.consistent": lambda own: composition.consistent(
            *composition.pair_vectors(own.judge, own.pairs).values(), own.pairs["head"]
        ),
        "state_differences.compared": lambda own: state_differences.compared(
            own.judge, "the clerk hides two boats", "the baker hides two boats"
        ),
        "idle_dimensions": lambda own: idle_dimensions.decisions(
            own.judge, composition.vectors(own.judge, own.texts)
        ),
    },
    "meaning-space": {
        "meaning_space.place": lambda own: meaning_space.place(own.judge, ["the lamp", "a boat"], ["old"], ["green"]),
        "projections.pictures": lambda own: projections.pictures(
            composition.vectors(own.judge, own.texts), perplexities=[2], seeds=[0]
        ),
    },
    "saliency": {
        f"saliency.saliency, {method}": lambda own, method=method: saliency.saliency(
            own.judge, own.corpus.test, method=method, steps=4
        )
        for method in saliency.METHODS
    } | {
        "saliency.saliency, next word": lambda own: saliency.saliency(own.reader, own.corpus.test, "boat"),
        "clause_saliency.scores": lambda own: pd.DataFrame(clause_saliency.scores(own.judge, own.corpus.test.tokens)),
        "unfolding": lambda own: unfolding.unfolding({"own": own.judge}, own.texts[:2]),
    },
    "variance": {"variance.variance": lambda own: variance.variance(own.reader, own.corpus.test)},
    "autoencoder": {
        "copy_saliency": lambda own: copy_saliency.copy_saliency(own.copier, own.texts[:3], copy="right"),
        "copy_exchange": lambda own: copy_exchange.copy_exchange(own.copier, own.texts[:3]),
    },
    "do-methods-agree": {
        "agreement": lambda own: agreement.rank_agreement(
            agreement.attributions(own.judge, own.corpus.test, steps=4), agreement.METHODS
        ),
        "agreement.attributions, next word": lambda own: agreement.attributions(own.reader, own.corpus.test, steps=4),
        "score_omission": lambda own: score_omission.score_omission(own.judge, own.corpus.test),
    },
    "inspection": {
        "relevance, characters": lambda own: own.known,
        "relevance, words": lambda own: relevance.relevance(
            own.reader, unparsed(own.corpus.train), word_is(*NOUNS), folds=3
        ),
        "relevance, tags, parsed": lambda own: relevance.relevance(
            own.reader, annotated(own.parsed), tag_is("NN"), folds=3
        ),
    },
    "grammar-in-neurons": {
        "predictive_groups.groups": lambda own: predictive_groups.groups(
            own.writer, own.strings.train, pattern("the [a-z]+", "behind an article"), strengths=[0.01], folds=2
        ),
    },
    "reading-c": {
        "held_out_units": lambda own: held_out_units.held_out(
            own.writer, own.strings.train, own.strings.test, TYPED, replicates=10
        )[0],
        "best_units": lambda own: best_units.best_units(own.known),
    },
    "intervening": {
        "intervene and generate": lambda own: pd.DataFrame({"text": held(own)}),
        "ablations": lambda own: ablation.ablations(
            own.writer, own.strings.test, own.known, TYPED["vowel"], {"vowel": "aeiou"}, ks=[1], sets=2,
            replicates=5,
        ),
    },
}  # fmt: skip


def held(own):
    with intervene.intervene(own.writer, relevance.top(own.known, k=2)):
        return [text or "nothing" for text in generation.generate(own.writer, strings=3, longest=10)]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    rng = random.Random(0)
    parses = [parse_of(sentence(rng)) for _ in range(200)]
    path = tmp_path_factory.mktemp("own") / "sentences.txt"
    path.write_text("\n".join(parse.text for parse in parses), encoding="utf8")
    return Own(corpora.from_text(path), {parse.text: parse for parse in parses})


def methods():
    """The chapters under the caption "Methods" of the book's table of contents."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf8"))["parts"]
    return [page["file"] for part in parts if part["caption"] == "Methods" for page in part["chapters"]]


def test_every_method_has_a_row():
    assert sorted(ROWS) == sorted(methods())


def printed():
    """The chapters and calls of the table that the book prints."""
    text = (ROOT / "book" / "which-method.md").read_text(encoding="utf8")
    return re.findall(r"^\| \{doc\}`[^`]*<([\w-]+)>` \| \{py:func\}`([^`]+) <[\w.]+>` \|", text, re.MULTILINE)


def test_the_book_says_what_runs_on_sentences_of_ones_own():
    assert [chapter for chapter, _ in printed()] == methods()


@pytest.mark.parametrize("chapter, call", printed())
def test_what_the_book_prints_runs(own, chapter, call):
    exec(call, {
        **globals(), **{name: getattr(module, name) for name, module in BARE.items()},
        "pathway": own.judge if chapter in ("composition", "meaning-space") else own.reader,
        "judge": own.reader, "network": own.copier, "writer": own.writer, "strings": own.strings, "features": TYPED,
        "corpus": replace(own.corpus, train=own.parsed), "pairs": own.pairs, "phrases": ["the lamp", "a boat"],
        "positive": ["old"], "negative": ["green"],
    })  # fmt: skip


@pytest.mark.parametrize("chapter, call", [(chapter, call) for chapter, calls in ROWS.items() for call in calls])
def test_sentences_of_ones_own_run_the_chapter(own, chapter, call):
    found = ROWS[chapter][call](own)
    assert len(found)
    numbers = found.select_dtypes("number").drop(columns="r2", errors="ignore")  # of features that count
    assert numbers.empty or np.isfinite(numbers.to_numpy(float)).any(axis=0).all()
    if "word" in found:
        assert set(found["word"]) <= {word for text in own.parses for word in [*treebank_tokenize(text), "<unk>"]}


def test_a_corpus_is_read_as_its_sentences_are(own):
    split = own.corpus.test
    pd.testing.assert_frame_equal(omission.scores(own.reader, split), omission.scores(own.reader, list(split.texts)))


MISSING = {
    "scene vectors.*'language model' and 'autoencoder' learn from sentences alone": [
        lambda own: models.trained("imaginet", own.corpus),
        lambda own: models.trained("sum", own.corpus),
    ],
    "labelled trees, and the corpus 'sentences' has none.*'polarity'": [
        lambda own, name=name: models.trained(name, own.corpus) for name in ("recurrent", "lstm", "bi-lstm")
    ],
    r"strings of characters, and the corpus 'sentences' has none.*corpora.characters\(corpus\)": [
        lambda own: models.trained("character lstm", own.corpus)
    ],
    r"found no parses of 'sentences'.*annotate\(captions\), or .*from_text\(path, parse=True\)": [
        lambda own: token_table(own.corpus.train, own.corpus.train.parses),
        lambda own: omission.annotated([own.reader], own.corpus.train, own.corpus.train.parses),
    ],
    "it has none: make the sentences with": [
        lambda own: relevance.relevance(own.reader, unparsed(own.corpus.train), tag_is("NN"), folds=2)
    ],
    "found the whole corpus 'sentences': take a split": [lambda own: omission.scores(own.reader, own.corpus)],
    "features label the items of a corpus, found Captions.*unparsed.*characters": [
        lambda own: relevance.relevance(own.reader, own.corpus.train, word_is("lamp"), folds=2)
    ],
    "none of these has a parse tree": [
        lambda own: relevance.relevance(own.writer, own.strings.train, open_is("brackets", 1), folds=2),
        lambda own: relevance.relevance(own.writer, own.strings.train, library_of("tiny_c"), folds=2),
    ],
    "has no feature library of its own.*Library": [lambda own: library_of(own.corpus.name)],
    "this is no nest of parentheses": [
        lambda own: relevance.relevance(own.writer, own.strings.train, library_of("parentheses"), folds=2)
    ],
    "this is no arithmetic expression": [
        lambda own: relevance.relevance(own.writer, own.strings.train, library_of("arithmetic"), folds=2)
    ],
    "the network knows none of .* phrases": [
        lambda own: meaning_phrases.negations(own.judge.vocabulary),
        lambda own: meaning_phrases.clauses(own.judge.vocabulary),
    ],
    "has no word that 'lstm' knows": [lambda own: saliency.saliency(own.judge, ["Wholly unheard-of syllables"])],
    "scores no single class|outputs of 'language model'|there is no output": [
        lambda own: saliency.saliency(own.reader, own.texts, "very negative")
    ],
    "one word at a time.*initial": [lambda own: generation.generate(Bag())],
}


class Bag:
    """A network that cannot be driven word by word."""

    name, vocabulary, output_names = "bag", Vocabulary(["lamp"]), None
    embedding = np.zeros((5, 2))

    def states(self, embedded, lengths=None): ...

    def representation(self, embedded, lengths=None): ...

    def outputs(self, states): ...


@pytest.mark.parametrize("message, number", [(message, i) for message in MISSING for i in range(len(MISSING[message]))])
def test_what_is_missing_is_named(own, message, number):
    with pytest.raises((TypeError, ValueError), match=message):
        MISSING[message][number](own)


def test_sentences_are_parsed_where_there_is_a_pipeline_and_else_it_is_named(own, tmp_path, monkeypatch):
    path = tmp_path / "few.txt"
    path.write_text("\n".join(list(own.parses)[:6]), encoding="utf8")
    monkeypatch.setenv("READING_NEURONS_CACHE", str(tmp_path))
    with pytest.raises(MissingPipeline, match="'no_such_pipeline' is not there"):
        corpora.from_text(path, parse="no_such_pipeline")
    if "READING_NEURONS_SPACY" not in os.environ:
        pytest.skip("READING_NEURONS_SPACY names no pipeline")
    parsed = corpora.from_text(path, parse=True)
    for split in parsed.splits:
        assert [parse.text for parse in split.parses] == list(split.texts)
    found = omission.annotated([own.reader], parsed.train, parsed.train.parses)
    assert found["tag"].isin(["DT", "NN", "VBZ", "CD", "JJ", "IN", "NNS", "VBD", "NNP"]).mean() > 0.9


@pytest.mark.parametrize("name", ["language model", "autoencoder", "character lstm"])
def test_networks_learn_from_sentences_alone(own, name, tmp_path, monkeypatch):
    monkeypatch.setenv("READING_NEURONS_CACHE", str(tmp_path))
    corpus = own.strings if name == "character lstm" else own.corpus
    sizes = {"units": 8} if name == "character lstm" else {"units": 8, "embedding": 8}
    network = models.trained(name, corpus, **sizes, epochs=3)
    assert network.history["train_loss"].is_monotonic_decreasing
    (folder,) = (tmp_path / "networks").iterdir()
    assert corpus.name in folder.name

"""Parses and network tokens split a sentence differently; these tests hold them together."""

import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_neurons.annotation import ALIASES, APPROXIMATE, ROOT, Parse, annotate, canonical, token_table
from reading_neurons.corpora.captions import Captions
from reading_neurons.text import token_spans, tokenize


def parse_of(text, words, heads=None, tags=None, deprels=None):
    """A parse of the words, found in the text from left to right; by default each hangs on the first."""
    spans, position = [], 0
    for word in words:
        start = text.index(word, position)
        position = start + len(word)
        spans.append((start, position))
    heads = heads or [ROOT, *[0] * (len(words) - 1)][: len(words)]
    tags = tags or [f"T{index}" for index in range(len(words))]
    deprels = deprels or ["ROOT" if head == ROOT else f"d{index}" for index, head in enumerate(heads)]
    return Parse(text, tuple(spans), tuple(tags), tuple(heads), tuple(deprels))


def captions_of(sentences, **more):
    texts = tuple(parse.text for parse in sentences)
    return Captions("tiny", "test", texts, np.arange(len(texts)) // 2, np.arange(len(texts)), **more)


# Aligned by hand. Heads count from 0, -1 is the root.
EXAMPLES = {
    "two words that hang on a third: the first": ("I don't run", "I do n't run", [3, 3, 3, -1], [0, 1, 3]),
    "the possessor, not its ending": ("The dog's bowl", "The dog 's bowl", [1, 3, 1, -1], [0, 1, 3]),
    "the second part where the first hangs on it": ("It's there", "It 's there", [1, -1, 1], [1, 2]),
    "a plural possessive": ("dogs' bowls", "dogs ' bowls", [2, 0, -1], [0, 2]),
    "three words in one": ("I'd've gone", "I 'd 've gone", [3, 3, 3, -1], [0, 3]),
    "a hyphen between two words": ("A clock-tower", "A clock - tower", [3, 3, 3, -1], [0, 1, 3]),
    "one parsed word, two tokens": ("A clock-tower stands", "A clock-tower stands", [1, 2, -1], [0, 1, 1, 2]),
    "punctuation around words": ('"Wait!" (he said)', '" Wait ! " ( he said )', [1, 6, 1, 1, 6, 6, -1, 6], [1, 5, 6]),
    "a full stop left on its word": ("A dog.", "A dog.", [1, -1], [0, 1]),
    "a lone apostrophe is a token": ("dogs '", "dogs '", [-1, 0], [0, 1]),
    "letters outside a-z end a token": ("The café opens", "The café opens", [1, 2, -1], [0, 1, 2]),
    "a word of two tokens and none": ("naïve 東京 dogs", "naïve 東京 dogs", [2, 2, -1], [0, 0, 2]),
    "a lower case longer than the letter": ("İstanbul's trams", "İstanbul 's trams", [2, 0, -1], [0, 0, 2]),
    "punctuation only": ("... ?!", "... ?!", [-1, 0], []),
    "nothing": ("", "", [], []),
}


@pytest.mark.parametrize("text, words, heads, expected", EXAMPLES.values(), ids=EXAMPLES)
def test_alignment_by_hand(text, words, heads, expected):
    parse = parse_of(text, words.split(), heads)
    assert parse.words == tuple(words.split())
    assert parse.alignment == tuple(expected)
    assert parse.token_tags == tuple(f"T{word}" for word in expected)
    assert parse.token_deprels == tuple(parse.deprels[word] for word in expected)


HEADS = {
    "a plain sentence": ("A dog runs.", "A dog runs .", [1, 2, -1, 2], [1, 2, -1]),
    "a possessor": ("The dog's bowl", "The dog 's bowl", [1, 3, 1, -1], [1, 2, -1]),
    "a head that is no token is passed over": ("well-made", "well - made", [1, 2, -1], [1, -1]),
    "a root that is no token": ("dogs & cats", "dogs & cats", [1, -1, 1], [-1, -1]),
    "the first of two tokens stands for their word": ("A clock-tower", "A clock-tower", [1, -1], [1, -1, -1]),
    "never itself, though the way up leads through it": ("a'b !", "a 'b !", [2, -1, 1], [-1]),
    "two roots": ("Dogs run. Cats sit.", "Dogs run . Cats sit .", [1, -1, 1, 4, -1, 4], [1, -1, 3, -1]),
}


@pytest.mark.parametrize("text, words, heads, expected", HEADS.values(), ids=HEADS)
def test_token_heads_by_hand(text, words, heads, expected):
    assert parse_of(text, words.split(), heads).token_heads == tuple(expected)


@given(st.lists(st.sampled_from(["dog", "dog's", "don't", "two-way", "...", "—", "'", "Été", "(A)", "9:30", "İ"])))
def test_a_whitespace_parse_gives_every_token_a_word(pieces):
    text = " ".join(pieces)
    spans = tuple(match.span() for match in re.finditer(r"\S+", text))
    heads = tuple(range(-1, len(spans) - 1))
    parse = Parse(text, spans, ("X",) * len(spans), heads, ("d",) * len(spans))
    assert len(parse.alignment) == len(parse.token_tags) == len(parse.token_heads) == len(tokenize(text))
    for (start, end), word in zip(token_spans(text), parse.alignment):
        assert spans[word][0] <= start < end <= spans[word][1]


@st.composite
def parses(draw):
    """Any text, cut anywhere into words that cover all of it, under any tree."""
    text = draw(st.text("ab1'- .é", max_size=14))
    cuts = sorted({0, len(text), *draw(st.sets(st.integers(0, len(text))))})
    spans = tuple(zip(cuts, cuts[1:]))
    order = draw(st.permutations(range(len(spans))))
    heads = [ROOT] * len(spans)
    for rank, word in enumerate(order):
        above = draw(st.integers(-1, rank - 1))
        heads[word] = ROOT if above == ROOT else order[above]
    labels = tuple(map(str, range(len(spans))))
    return Parse(text, spans, labels, tuple(heads), labels)


@given(parses())
def test_alignment_equals_a_naive_search(parse):
    expected = []
    for start, end in token_spans(parse.text):
        characters = set(range(start, end))
        inside = [word for word, span in enumerate(parse.spans) if characters & set(range(*span))]
        expected.append([word for word in inside if parse.heads[word] not in inside][0])
    assert parse.alignment == tuple(expected)
    assert parse.token_tags == parse.token_deprels == tuple(map(str, expected))


@given(parses())
def test_token_heads_are_other_tokens_above(parse):
    for token, (word, head) in enumerate(zip(parse.alignment, parse.token_heads, strict=True)):
        assert head != token
        above = set()
        while (word := parse.heads[word]) != ROOT:
            above.add(word)
        if head != ROOT:
            start, end = token_spans(parse.text)[head]
            assert any(parse.spans[word][0] < end and start < parse.spans[word][1] for word in above)


@pytest.mark.parametrize(
    "spans, tags, heads, message",
    [
        (((0, 1), (2, 5)), ("DT",), (1, -1), "1 tags for 2 words"),
        (((0, 1), (2, 5)), ("DT", "NN"), (-1,), "1 heads for 2 words"),
        (((0, 1), (2, 5)), ("DT", "NN"), (2, -1), "head 2.*0 to 1.*count from 1"),
        (((0, 1), (2, 5)), ("DT", "NN"), (-2, -1), "head -2"),
        (((0, 1), (2, 5)), ("DT", "NN"), (0, -1), "circle of heads through word 0 \\('A'\\)"),
        (((0, 1), (2, 5)), ("DT", "NN"), (1, 0), "circle"),
        (((2, 5), (0, 1)), ("NN", "DT"), (-1, 0), "span \\(0, 1\\).*not before 5"),
        (((0, 1), (0, 5)), ("DT", "NN"), (1, -1), "span \\(0, 5\\)"),
        (((0, 1), (2, 2)), ("DT", "NN"), (1, -1), "at least one character"),
        (((0, 1), (2, 9)), ("DT", "NN"), (1, -1), "not after 5"),
    ],
)
def test_a_parse_that_does_not_fit_together_says_so(spans, tags, heads, message):
    with pytest.raises(ValueError, match=f"'A dog'.*{message}"):
        Parse("A dog", spans, tags, heads, ("d",) * len(spans))


def test_labels_are_counted_too():
    with pytest.raises(ValueError, match="1 deprels for 2 words"):
        Parse("A dog", ((0, 1), (2, 5)), ("DT", "NN"), (1, -1), ("det",))


def test_a_token_without_a_word_is_an_error_that_names_sentence_and_word():
    parse = parse_of("A lazy dog", ["A", "dog"], [1, -1])
    with pytest.raises(ValueError, match="'A lazy dog'.*'lazy' overlaps no parsed word"):
        parse.alignment


def test_gold_parses_come_back_untouched_and_without_spacy():
    gold = (parse_of("Dogs run", ["Dogs", "run"]), parse_of("Cats sit", ["Cats", "sit"]))
    assert annotate(captions_of(gold, parses=gold)) is gold
    code = "import sys, reading_neurons.annotation, reading_neurons.corpora.captions; print('spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


@pytest.mark.parametrize("weighted", [False, True])
def test_the_token_table_equals_a_naive_loop(weighted):
    parses = [
        parse_of("The dog's bowl!", ["The", "dog", "'s", "bowl", "!"], [1, 3, 1, -1, 3]),
        parse_of("...", ["..."]),
        parse_of("A clock-tower stands", ["A", "clock-tower", "stands"], [1, 2, -1]),
    ]
    weights = tuple(np.arange(len(tokenize(parse.text))) / 10 for parse in parses)
    captions = captions_of(parses, weights=weights if weighted else None)
    rows = []
    for sentence, parse in enumerate(parses):
        for position, word in enumerate(tokenize(parse.text)):
            aligned = parse.alignment[position]
            row = {
                "sentence": sentence,
                "position": position,
                "word": word,
                "tag": parse.tags[aligned],
                "deprel": parse.deprels[aligned],
                "head": parse.token_heads[position],
                "image": sentence // 2,
            }
            rows.append(row | {"weight": position / 10} if weighted else row)
    table = token_table(captions, parses)
    pd.testing.assert_frame_equal(table, pd.DataFrame(rows))
    assert len(table) == 7


def test_the_token_table_of_no_captions_has_its_columns():
    table = token_table(captions_of([]), [])
    assert list(table) == ["sentence", "position", "word", "tag", "deprel", "head", "image"] and table.empty


def test_the_token_table_refuses_what_does_not_belong_together():
    dogs, cats = parse_of("Dogs run", ["Dogs", "run"]), parse_of("Cats sit", ["Cats", "sit"])
    with pytest.raises(ValueError, match="1 parses for 2 captions"):
        token_table(captions_of([dogs, cats]), [dogs])
    with pytest.raises(ValueError, match="parse 0 belongs to 'Cats sit', but caption 0 is 'Dogs run'"):
        token_table(captions_of([dogs, cats]), [cats, dogs])
    with pytest.raises(ValueError, match="one weight a token"):
        token_table(captions_of([dogs], weights=(np.zeros(3),)), [dogs])


@pytest.mark.parametrize(
    "labels, expected",
    [
        (["nn", "compound"], "nn"),
        (["num", "nummod"], "num"),
        (["dobj", "obj"], "dobj"),
        (["rcmod", "relcl", "acl:relcl"], "rcmod"),
        (["nsubjpass", "nsubj:pass"], "nsubjpass"),
        (["auxpass", "aux:pass"], "auxpass"),
        (["prt", "compound:prt"], "prt"),
        (["ROOT", "root", "Root"], "ROOT"),
    ],
)
def test_schemes_meet_in_one_name(labels, expected):
    assert {canonical(label) for label in labels} == {expected}


@pytest.mark.parametrize("label", ["det", "prep", "case", "obl", "nmod", "attr", "agent", "flat", "NN", "", "blub"])
def test_labels_without_a_counterpart_stay(label):
    assert canonical(label) == label


def test_the_alias_table_is_consistent():
    assert all(canonical(name) == name for name in ALIASES.values()), "a Stanford name must not be an alias itself"
    assert APPROXIMATE < ALIASES.keys()

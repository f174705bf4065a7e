"""Features of words in captions: the word, its part of speech, its dependency label.

With them the method of Deep Neural Inspection (2017), made for characters and formal grammars, reads any network over
words: a caption is an item, its words are what is labelled, and captions of one image are never divided between
training and test.

Easy to get wrong: tokens. A parser may cut a text otherwise than the network reads it; :func:`annotated` labels what
the network reads, each token with the parse of the word that it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reading_neurons.annotation import Parse, annotate, token_table
from reading_neurons.corpora.captions import Captions
from reading_neurons.features.feature import Feature
from reading_neurons.passes import Sentences, words_of
from reading_neurons.text import tokenize


@dataclass(frozen=True)
class TaggedSentence:
    """The words of a caption as a network reads them, and what its parse says of each; None without a parse."""

    words: tuple[str, ...]
    tags: tuple[str, ...] | None = None
    deprels: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.words)

    @property
    def text(self) -> str:
        """The words with spaces between them."""
        return " ".join(self.words)


@dataclass(frozen=True)
class AnnotatedCaptions:
    """Captions whose words can be labelled. Made by :func:`annotated`, and without parses by :func:`unparsed`.

    Attributes
    ----------
    items : tuple of TaggedSentence
    groups : int array, shape (captions,)
        The image of each caption: what must not be divided between training and test.
    """

    items: tuple[TaggedSentence, ...]
    groups: np.ndarray

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def tokens(self) -> tuple[tuple[str, ...], ...]:
        """The words of every caption, as a network reads them."""
        return tuple(item.words for item in self.items)


def annotated(captions: Captions, parses: Sequence[Parse] | None = None) -> AnnotatedCaptions:
    """Captions with what their parses say, as relevance and feature libraries take them.

    Parameters
    ----------
    captions : Captions
    parses : sequence of Parse, optional
        One a caption; by default those of :func:`reading_neurons.annotation.annotate`.

    Raises
    ------
    ValueError
        If the parses are not those of the captions, or there is no caption.

    Examples
    --------
    >>> gold = Parse("Dogs run", ((0, 4), (5, 8)), ("NNS", "VBP"), (1, -1), ("nsubj", "ROOT"))
    >>> captions = Captions("tiny", "train", ("Dogs run",), np.array([0]), np.array([7]), parses=(gold,))
    >>> annotated(captions).items[0].tags
    ('NNS', 'VBP')
    """
    if not len(captions):
        raise ValueError("expected at least one caption, found none")
    table = token_table(captions, annotate(captions) if parses is None else parses)
    columns = [table[name].tolist() for name in ("word", "tag", "deprel")]
    ends = np.cumsum([len(words) for words in captions.tokens])
    items = tuple(
        TaggedSentence(*(tuple(column[start:end]) for column in columns))
        for start, end in zip([0, *ends[:-1]], ends, strict=True)
    )
    return AnnotatedCaptions(items, np.asarray(captions.image))


def unparsed(sentences: Sentences, tokenizer: Callable[[str], list[str]] = tokenize) -> AnnotatedCaptions:
    """Sentences of which nothing is known but their words, for features of words.

    Parameters
    ----------
    sentences : Captions, or iterable of sentences
        Those that are not captions count as a group of their own each.
    tokenizer : callable
        That of the vocabulary of the network that is to read them.

    Raises
    ------
    ValueError
        If there is no sentence, or one has no word.

    Examples
    --------
    >>> unparsed(["A dog.", "Cats run."]).tokens
    (('a', 'dog'), ('cats', 'run'))
    """
    items = tuple(TaggedSentence(tuple(words)) for words in words_of(sentences, tokenizer))
    groups = sentences.image if isinstance(sentences, Captions) else np.arange(len(items))
    return AnnotatedCaptions(items, np.asarray(groups))


def word_is(*words: str, name: str | None = None) -> Feature:
    """One of some words.

    Examples
    --------
    >>> sentence = TaggedSentence(("a", "dog", "runs"), ("DT", "NN", "VBZ"), ("det", "nsubj", "ROOT"))
    >>> word_is("dog", "cat").labels(sentence).tolist()
    [0.0, 1.0, 0.0]
    """
    return _one_of("word", words, name)


def tag_is(*tags: str, name: str | None = None) -> Feature:
    """One of some parts of speech, as ``tag_is("NN", "NNS")``.

    Examples
    --------
    >>> sentence = TaggedSentence(("a", "dog", "runs"), ("DT", "NN", "VBZ"), ("det", "nsubj", "ROOT"))
    >>> tag_is("VBZ").labels(sentence).tolist()
    [0.0, 0.0, 1.0]
    """
    return _one_of("tag", tags, name)


def deprel_is(*labels: str, name: str | None = None) -> Feature:
    """One of some dependency labels, as ``deprel_is("nsubj")``.

    Examples
    --------
    >>> sentence = TaggedSentence(("a", "dog", "runs"), ("DT", "NN", "VBZ"), ("det", "nsubj", "ROOT"))
    >>> deprel_is("nsubj", "dobj").labels(sentence).tolist()
    [0.0, 1.0, 0.0]
    """
    return _one_of("deprel", labels, name)


def _one_of(kind: str, allowed: Sequence[str], name: str | None) -> Feature:
    if not allowed:
        raise ValueError(f"expected at least one {kind}, found none")
    chosen, shown = frozenset(allowed), " or ".join(allowed)

    def values(item: TaggedSentence) -> list[bool]:
        if not isinstance(item, TaggedSentence):
            raise ValueError(
                f"the feature {kind} {shown} labels words of captions, found {type(item).__name__}: "
                "make them with features.words.annotated(captions)"
            )
        of_words = getattr(item, f"{kind}s")
        if of_words is None:
            raise ValueError(
                f"the feature {kind} {shown} asks what a parse says of {item.text!r}, and it has none: make the "
                "sentences with features.words.annotated(captions), which parses them, or take word_is"
            )
        return [each in chosen for each in of_words]

    return Feature(name or f"{kind} {shown}", f"the {kind} is {shown}", values)

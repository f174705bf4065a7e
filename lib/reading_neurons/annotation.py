"""Part-of-speech tags and dependency labels, from a gold parse or a spaCy pipeline, in one type.

A parse belongs to the sentence as it was written, with case and punctuation; a network reads lower-cased words.
:attr:`Parse.alignment` says which parsed word each network token belongs to.

Easy to get wrong: the two do not split a sentence alike. A parser reads "don't" as two words where a network reads
one, and may read "clock-tower" as one where a network reads two. Tags and labels are therefore never zipped with
network tokens; :attr:`Parse.token_tags` and :attr:`Parse.token_deprels` go through the alignment.

Labels are data: whatever a pipeline or a gold parse holds is kept as it is. :func:`canonical` compares schemes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reading_neurons.text import token_spans, tokenize

if TYPE_CHECKING:
    from reading_neurons.corpora.captions import Captions

ROOT = -1


@dataclass(frozen=True)
class Parse:
    """A tagged dependency tree over a written sentence.

    Attributes
    ----------
    text : str
        The sentence as written.
    spans : tuple of (int, int)
        Character range of every parsed word in ``text``, from left to right.
    tags : tuple of str
        Penn Treebank tags.
    heads : tuple of int
        Index of every word's head; -1 for a root.
    deprels : tuple of str
        Label of the arc from the head to the word; a root's label is ``ROOT``.

    Raises
    ------
    ValueError
        If the tuples differ in length, a span lies outside the text or before its neighbour, or the heads form no tree.

    Examples
    --------
    >>> parse = Parse("Don't run!", ((0, 2), (2, 5), (6, 9), (9, 10)), ("VB", "RB", "VB", "."), (2, 2, -1, 2),
    ...               ("aux", "neg", "ROOT", "punct"))
    >>> parse.words
    ('Do', "n't", 'run', '!')
    >>> tokenize(parse.text), parse.alignment, parse.token_tags
    (["don't", 'run'], (0, 2), ('VB', 'VB'))
    """

    text: str
    spans: tuple[tuple[int, int], ...]
    tags: tuple[str, ...]
    heads: tuple[int, ...]
    deprels: tuple[str, ...]

    def __post_init__(self):
        for name in ("tags", "heads", "deprels"):
            if len(getattr(self, name)) != len(self.spans):
                raise self._error(
                    f"found {len(getattr(self, name))} {name} for {len(self.spans)} words, expected one a word"
                )
        previous = 0
        for start, end in self.spans:
            if not previous <= start < end <= len(self.text):
                raise self._error(
                    f"found the word span ({start}, {end}), expected at least one character, not before "
                    f"{previous}, where the word on its left ends, and not after {len(self.text)}, where the text ends"
                )
            previous = end
        self._check_tree()

    def _check_tree(self):
        rooted = {ROOT}
        for word in range(len(self.heads)):
            path: set[int] = set()
            above = word
            while above not in rooted:
                if not 0 <= above < len(self.heads):
                    raise self._error(
                        f"found the head {above}, expected {ROOT} for a root or a word's index from 0 to "
                        f"{len(self.heads) - 1}; heads that count from 1 need 1 subtracted"
                    )
                if above in path:
                    raise self._error(
                        f"found a circle of heads through word {above} ({self.words[above]!r}), expected "
                        f"every word to lead to a root, whose head is {ROOT}"
                    )
                path.add(above)
                above = self.heads[above]
            rooted.update(path)

    def _error(self, problem: str) -> ValueError:
        return ValueError(f"the parse of {self.text!r} does not fit together: {problem}")

    @property
    def words(self) -> tuple[str, ...]:
        """The parsed words as written."""
        return tuple(self.text[start:end] for start, end in self.spans)

    @cached_property
    def _overlaps(self) -> tuple[range, ...]:
        """For each network token the parsed words that share a character with it, side by side as spans are ordered."""
        starts = [start for start, _ in self.spans]
        ends = [end for _, end in self.spans]
        overlaps = tuple(
            range(bisect_right(ends, start), bisect_left(starts, end)) for start, end in token_spans(self.text)
        )
        for token, words in zip(tokenize(self.text), overlaps):
            if not words:
                raise self._error(
                    f"the network token {token!r} overlaps no parsed word; every run of letters, digits and "
                    f"apostrophes needs one, found {', '.join(self.words) or 'none'}"
                )
        return overlaps

    @cached_property
    def alignment(self) -> tuple[int, ...]:
        """For each network token of the text the index of the parsed word it belongs to, length ``tokens``.

        Of several parsed words in one token it is the first whose head lies outside the token: the possessor of
        "dog's", and of "don't" the auxiliary, as both of its parts hang on the verb.

        Raises
        ------
        ValueError
            If a token overlaps no parsed word.
        """
        return tuple(next(word for word in words if self.heads[word] not in words) for words in self._overlaps)

    @cached_property
    def token_tags(self) -> tuple[str, ...]:
        """The tag of every network token, length ``tokens``."""
        return tuple(self.tags[word] for word in self.alignment)

    @cached_property
    def token_deprels(self) -> tuple[str, ...]:
        """The dependency label of every network token, length ``tokens``."""
        return tuple(self.deprels[word] for word in self.alignment)

    @cached_property
    def token_heads(self) -> tuple[int, ...]:
        """The network token that holds every network token's head, -1 for a root, length ``tokens``.

        A head that is no part of a token, a hyphen for instance, is passed over for its own head. Of the tokens that
        share a parsed word the first stands for it.
        """
        token_of: dict[int, int] = {}
        for token, words in enumerate(self._overlaps):
            for word in words:
                token_of.setdefault(word, token)

        def above(token: int) -> int:
            word = self.heads[self.alignment[token]]
            while word != ROOT and token_of.get(word, token) == token:
                word = self.heads[word]
            return token_of.get(word, ROOT)

        return tuple(map(above, range(len(self.alignment))))


def annotate(captions: Captions, pipeline: str | Path | None = None, cache: bool = True) -> tuple[Parse, ...]:
    """One parse per caption: the gold parses of a corpus that has them, else those of a spaCy pipeline.

    Parameters
    ----------
    captions : Captions
    pipeline : str or path, optional
        A spaCy pipeline by name or folder; naming one sets gold parses aside. By default the environment variable
        ``READING_NEURONS_SPACY`` names it, else it is ``en_core_web_sm``.
    cache : bool
        Whether to keep the pipeline's parses in the cache folder, and to read them from there.

    Returns
    -------
    tuple of Parse
        In the order of the captions.

    Raises
    ------
    MissingPipeline
        If the pipeline is not installed; the message says how to install it.
    ValueError
        If the pipeline has no tagger or no parser.

    Examples
    --------
    >>> from reading_neurons.corpora.captions import Captions
    >>> gold = Parse("Dogs run", ((0, 4), (5, 8)), ("NNS", "VBP"), (1, -1), ("nsubj", "ROOT"))
    >>> captions = Captions("tiny", "train", ("Dogs run",), np.array([0]), np.array([7]), parses=(gold,))
    >>> annotate(captions)[0].deprels
    ('nsubj', 'ROOT')
    """
    if pipeline is None and captions.parses is not None:
        return captions.parses
    # Importing spaCy takes seconds, which a corpus with gold parses does not need.
    from reading_neurons.pipelines import parse

    return parse(captions.texts, pipeline, cache)


def token_table(captions: Captions, parses: Sequence[Parse]) -> pd.DataFrame:
    """One row per network token of every caption, with what its parse says of it.

    Parameters
    ----------
    captions : Captions
    parses : sequence of Parse, one a caption

    Returns
    -------
    DataFrame
        Columns ``sentence`` (index of the caption), ``position`` (of the token in the caption, from 0), ``word``,
        ``tag``, ``deprel``, ``head`` (position of the head's token, -1 for a root), ``image`` (row of
        ``captions.image_ids``) and, where the captions have planted weights, ``weight``.

    Raises
    ------
    ValueError
        If the parses are not those of the captions.

    Examples
    --------
    >>> from reading_neurons.corpora.captions import Captions
    >>> gold = Parse("Dogs run", ((0, 4), (5, 8)), ("NNS", "VBP"), (1, -1), ("nsubj", "ROOT"))
    >>> captions = Captions("tiny", "train", ("Dogs run",), np.array([0]), np.array([7]))
    >>> print(token_table(captions, [gold]).to_string(index=False))
     sentence  position word tag deprel  head  image
            0         0 dogs NNS  nsubj     1      0
            0         1  run VBP   ROOT    -1      0
    """
    if parses is None:
        raise ValueError(
            f"found no parses of {captions.corpus!r}, expected one a caption: give annotate(captions), or read your "
            "own file with corpora.from_text(path, parse=True)"
        )
    if len(parses) != len(captions):
        raise ValueError(f"found {len(parses)} parses for {len(captions)} captions, expected one a caption")
    for sentence, (text, parse) in enumerate(zip(captions.texts, parses)):
        if parse.text != text:
            raise ValueError(
                f"parse {sentence} belongs to {parse.text!r}, but caption {sentence} is {text!r}: "
                "take captions and parses in the same order"
            )
    lengths = np.fromiter(map(len, captions.tokens), dtype=np.int64, count=len(captions))
    first = np.cumsum(lengths) - lengths
    columns = {
        "sentence": np.repeat(np.arange(len(captions)), lengths),
        "position": np.arange(lengths.sum()) - np.repeat(first, lengths),
        "word": list(chain.from_iterable(captions.tokens)),
        "tag": list(chain.from_iterable(parse.token_tags for parse in parses)),
        "deprel": list(chain.from_iterable(parse.token_deprels for parse in parses)),
        "head": np.fromiter(chain.from_iterable(parse.token_heads for parse in parses), dtype=np.int64),
        "image": np.repeat(captions.image, lengths),
    }
    if captions.weights is not None:
        columns["weight"] = np.concatenate([np.empty(0), *captions.weights])
        if [*map(len, captions.weights)] != lengths.tolist():
            raise ValueError("the captions' planted weights do not match their tokens, expected one weight a token")
    return pd.DataFrame(columns)


#: Labels of other schemes by their Stanford-basic names: those of ClearNLP (``en_core_web_sm``) and of Universal
#: Dependencies, versions 1 and 2. Labels that the schemes share (``det``, ``nsubj``, ``amod`` ...) need no entry.
#: Left out, since no single Stanford label covers them: ``obl``, ``nmod`` and ``case`` (UD hangs a noun on the verb
#: and its preposition on the noun, Stanford the other way round; ClearNLP's ``case`` is the possessive ending alone),
#: ``attr``, ``oprd`` and ``agent`` (ClearNLP), ``flat`` and ``vocative`` (UD).
ALIASES = {
    "root": "ROOT",
    "compound": "nn",
    "nummod": "num",
    "obj": "dobj",
    "dative": "iobj",
    "nsubj:pass": "nsubjpass",
    "csubj:pass": "csubjpass",
    "aux:pass": "auxpass",
    "relcl": "rcmod",
    "acl:relcl": "rcmod",
    "acl": "vmod",
    "nmod:poss": "poss",
    "det:predet": "predet",
    "cc:preconj": "preconj",
    "compound:prt": "prt",
    "fixed": "mwe",
    "intj": "discourse",
    "obl:npmod": "npadvmod",
    "nmod:npmod": "npadvmod",
    "obl:tmod": "tmod",
    "nmod:tmod": "tmod",
}

#: The aliases that hold for most arcs but not for all: ``compound`` also joins the parts of a number ("two hundred"),
#: ``dative`` also takes a preposition ("to"), ``acl`` also covers finite clauses, ``fixed`` lists other expressions
#: than ``mwe``, ``intj`` is narrower than ``discourse``, and UD draws the bounds of measure phrases differently.
APPROXIMATE = frozenset({"compound", "dative", "acl", "fixed", "intj", "obl:npmod", "nmod:npmod"})


def canonical(label: str) -> str:
    """The Stanford-basic name of a dependency label, to compare label schemes; an unknown label is left as it is.

    See :data:`ALIASES` for what is mapped and what is left out, :data:`APPROXIMATE` for what holds only mostly.

    Examples
    --------
    >>> [canonical(label) for label in ("compound", "nn", "nsubj:pass", "Root", "obl")]
    ['nn', 'nn', 'nsubjpass', 'ROOT', 'obl']
    """
    return ALIASES.get("root" if label.lower() == "root" else label, label)

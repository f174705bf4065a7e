"""Plain sentences as captions: anyone's own text, and the step that all real corpora share.

Easy to get wrong: a caption without any word, as "...", has no network token and no network can read it. Such captions
are left out, and how many is logged, so that the counts of a corpus can be checked against its publisher's.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from reading_neurons.annotation import annotate
from reading_neurons.corpora import files
from reading_neurons.corpora.captions import CaptionCorpus, Captions
from reading_neurons.corpora.files import DataError
from reading_neurons.corpora.strings import ParsedString, StringCorpus, Strings
from reading_neurons.text import tokenize

logger = logging.getLogger(__name__)

HELD_OUT = 0.05  # the share of the sentences in each of validation and test


def captions(corpus: str, split: str, texts: Sequence[str], images: Sequence[int] | np.ndarray) -> Captions:
    """Captions in the order given, less those without a network token.

    Parameters
    ----------
    corpus, split : str
    texts : sequence of str
        Runs of white space, line ends among them, become one space.
    images : sequence of int
        The number of the image that each text describes.

    Raises
    ------
    DataError
        If no caption is left.

    Examples
    --------
    >>> found = captions("mine", "train", ["A dog. ", "...", "One  cat."], [7, 7, 3])
    >>> found.texts, found.image_ids[found.image].tolist()
    (('A dog.', 'One cat.'), [7, 3])
    """
    clean = [" ".join(text.split()) for text in texts]
    kept = [number for number, text in enumerate(clean) if tokenize(text)]
    if dropped := len(clean) - len(kept):
        logger.warning("%s, %s: left out %d of %d captions, which have no word", corpus, split, dropped, len(clean))
    if not kept:
        raise DataError(
            f"{corpus}, {split}: expected captions with at least one word of the letters a-z or digits, found none "
            f"among {len(clean)}"
        )
    image_ids, image = np.unique(np.asarray(images, dtype=np.int64)[kept], return_inverse=True)
    return Captions(corpus, split, tuple(clean[number] for number in kept), image, image_ids)


def from_text(
    path: str | os.PathLike, seed: int = 0, *, parse: bool | str | os.PathLike = False
) -> CaptionCorpus:
    """Anyone's own sentences, from a UTF-8 file with one sentence a line, compressed (``.gz``) or not.

    Blank lines are skipped. Every line counts as an image of its own, numbered by its line in the file (the first is
    1); there are no scene vectors. The lines are dealt out at random, 90 % to train, 5 % each to validation and test
    (at least one), and stay in their order within a split. A sentence that stands in the file twice may come into two
    splits.

    Parameters
    ----------
    path : path
    seed : int
        Decides which line comes into which split.
    parse : bool, str or path
        Have every sentence parsed, for what asks for parts of speech and dependency labels: True takes the pipeline of
        :func:`reading_neurons.annotation.annotate`, a name or a folder another of spaCy. Parses are kept in the cache.

    Raises
    ------
    DataError
        If the file is missing, not UTF-8, or has fewer than three sentences with a word.
    MissingPipeline
        If sentences are to be parsed, and the pipeline is not installed.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "dogs.txt"
    >>> _ = path.write_text("\\n".join(f"Dog number {number}." for number in range(40)))
    >>> corpus = from_text(path)
    >>> corpus.name, [len(split) for split in corpus.splits]
    ('dogs', [36, 2, 2])
    """
    path = Path(path).expanduser()
    numbered = [(number, line) for number, line in enumerate(files.read_lines(path), start=1) if line.strip()]
    sentences = [(number, line) for number, line in numbered if tokenize(line)]
    if dropped := len(numbered) - len(sentences):
        logger.warning("%s: left out %d of %d lines, which have no word", path, dropped, len(numbered))
    if len(sentences) < 3:
        raise DataError(
            f"{path} must hold at least 3 sentences, one a line, to fill three splits; found {len(sentences)} with a "
            f"word of the letters a-z or digits among {len(numbered)} lines that are not blank"
        )
    name = Path(path.name.removesuffix(".gz")).stem
    splits = _dealt_out(name, sentences, seed)
    if parse is not False:
        pipeline = None if parse is True else parse
        splits = [replace(split, parses=annotate(split, pipeline)) for split in splits]
    return CaptionCorpus(name, *splits)


def characters(corpus: CaptionCorpus) -> StringCorpus:
    """The sentences of a corpus as strings of characters, for networks that read these; without trees.

    Examples
    --------
    >>> split = captions("dogs", "train", ["A dog."], [0])
    >>> strings = characters(CaptionCorpus("dogs", split, split, split))
    >>> strings.name, strings.train.tokens
    ('dogs-characters', (('A', ' ', 'd', 'o', 'g', '.'),))
    """
    name = f"{corpus.name}-characters"
    splits = [
        Strings(name, split.split, tuple(ParsedString(text, ()) for text in split.texts)) for split in corpus.splits
    ]
    return StringCorpus(name, *splits, corpus.sources)


def _dealt_out(name: str, sentences: list[tuple[int, str]], seed: int) -> list[Captions]:
    held = max(1, round(HELD_OUT * len(sentences)))
    shuffled = np.random.default_rng(seed).permutation(len(sentences))
    parts = {"train": shuffled[2 * held :], "validation": shuffled[:held], "test": shuffled[held : 2 * held]}
    return [
        captions(name, split, [sentences[i][1] for i in chosen], [sentences[i][0] for i in chosen])
        for split, chosen in ((split, np.sort(part)) for split, part in parts.items())
    ]

"""Where text comes from: one module per corpus, generated or real."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable

from reading_neurons.corpora import arithmetic, c_source, coco, flickr30k, parentheses, polarity, scenes, sst, tiny_c
from reading_neurons.corpora.captions import CaptionCorpus, Captions
from reading_neurons.corpora.files import DataError
from reading_neurons.corpora.plain import characters, from_text
from reading_neurons.corpora.strings import StringCorpus, Strings
from reading_neurons.corpora.trees import TreeCorpus, Trees

__all__ = [
    "CaptionCorpus", "Captions", "DataError", "StringCorpus", "Strings", "TreeCorpus", "Trees", "characters",
    "from_text", "load",
]  # fmt: skip

_LOADERS: dict[str, Callable[..., CaptionCorpus | TreeCorpus | StringCorpus]] = {
    "arithmetic": arithmetic.generate,
    "c_source": c_source.load,
    "coco": coco.load,
    "flickr30k": flickr30k.load,
    "parentheses": parentheses.generate,
    "polarity": polarity.generate,
    "scenes": scenes.generate,
    "sst": sst.load,
    "tiny_c": tiny_c.generate,
}


def load(name: str, folder: str | os.PathLike | None = None, **options) -> CaptionCorpus | TreeCorpus | StringCorpus:
    """A corpus by its name.

    Parameters
    ----------
    name : {"scenes", "coco", "flickr30k", "polarity", "sst", "parentheses", "arithmetic", "tiny_c", "c_source"}
        Captions in the first three, sentiment trees in the next two, then strings of formal languages and functions of
        C. ``coco``, ``flickr30k`` and ``sst`` are read from their publishers' files, ``c_source`` from anyone's C
        files, the others are generated.
    folder : path, optional
        Where the files of a real corpus are. Without it they are looked for in the corpus's sub-folder (``coco``,
        ``multi30k``, ``sst``; ``linux`` for ``c_source``) of the folder named by ``READING_NEURONS_DATA``; where there
        is none, they are downloaded into the user's cache, once. ``c_source`` downloads nothing.
    **options
        Those of the corpus: of :func:`scenes.generate`, :func:`coco.load`, :func:`flickr30k.load`,
        :func:`polarity.generate`, :func:`sst.load`, :func:`parentheses.generate`, :func:`arithmetic.generate`,
        :func:`tiny_c.generate`, :func:`c_source.load`.

    Raises
    ------
    ValueError
        If the name is not known.
    TypeError
        If the corpus has no such option; a generated one has no ``folder``.
    DataError
        If a file is missing, damaged, unreachable, or not in the publisher's form.

    Examples
    --------
    >>> load("cocoa")
    Traceback (most recent call last):
        ...
    ValueError: unknown corpus 'cocoa'; known are arithmetic, c_source, coco, flickr30k, parentheses, polarity, scenes,
    sst, tiny_c, and from_text reads your own sentences
    """
    if name not in _LOADERS:
        raise ValueError(
            f"unknown corpus {name!r}; known are {', '.join(_LOADERS)}, and from_text reads your own sentences"
        )
    loader = _LOADERS[name]
    if folder is not None:
        options["folder"] = folder
    known = inspect.signature(loader).parameters
    if unknown := [option for option in options if option not in known]:
        raise TypeError(
            f"the corpus {name!r} has no option {', '.join(map(repr, unknown))}; its options are: {', '.join(known)}"
        )
    return loader(**options)

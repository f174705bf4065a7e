"""Captions of scenes: the one type that every caption corpus gives, generated or real.

A corpus has three splits. Each split lists captions, says which image a caption describes, and may carry a scene
vector per image (what the visual pathway learns to predict), a gold parse and a planted weight per word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from reading_neurons.annotation import Parse
from reading_neurons.text import tokenize


@dataclass(frozen=True)
class Captions:
    """The captions of one split.

    Attributes
    ----------
    corpus, split : str
    texts : tuple of str
        The captions as written, with case and punctuation.
    image : int array, shape (captions,)
        The row of ``image_ids`` and ``scenes`` that a caption describes.
    image_ids : int array, shape (images,)
        The publisher's numbers of the images.
    scenes : float32 array, shape (images, dimensions), or None
        Raw scene vectors, not standardised; None where a corpus has none.
    dimensions : tuple of str
        Names of the columns of ``scenes``; empty where there are none.
    parses : tuple of Parse, or None
        Gold parses, one a caption.
    weights : tuple of float arrays, or None
        The planted weight of every network token, one array a caption.
    """

    corpus: str
    split: str
    texts: tuple[str, ...]
    image: np.ndarray
    image_ids: np.ndarray
    scenes: np.ndarray | None = None
    dimensions: tuple[str, ...] = ()
    parses: tuple[Parse, ...] | None = None
    weights: tuple[np.ndarray, ...] | None = None

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def tokens(self) -> tuple[tuple[str, ...], ...]:
        """The words of every caption as a network reads them."""
        return tuple(tuple(tokenize(text)) for text in self.texts)

    def take(self, captions: Sequence[int] | np.ndarray) -> Captions:
        """Some of the captions, in the order given; images and scene vectors stay as they are."""
        chosen = np.asarray(captions, dtype=np.int64)
        return replace(
            self,
            texts=tuple(self.texts[i] for i in chosen),
            image=self.image[chosen],
            parses=self.parses and tuple(self.parses[i] for i in chosen),
            weights=self.weights and tuple(self.weights[i] for i in chosen),
        )

    def targets(self) -> np.ndarray:
        """The scene vector of every caption, shape (captions, dimensions).

        Raises
        ------
        ValueError
            If the corpus has no scene vectors, as Flickr30k here.
        """
        if self.scenes is None:
            raise ValueError(
                f"the corpus {self.corpus!r} has no scene vectors, which the visual pathway needs as its targets: "
                "use 'scenes' or 'coco', or give image features where the loader takes them; the networks 'language "
                "model' and 'autoencoder' learn from sentences alone"
            )
        return self.scenes[self.image]


@dataclass(frozen=True)
class CaptionCorpus:
    """A caption corpus in three splits that share no image: ``train``, ``validation``, ``test``."""

    name: str
    train: Captions
    validation: Captions
    test: Captions
    sources: tuple[Path, ...] = ()
    """The files it was read from; none for a generated corpus."""

    @property
    def splits(self) -> tuple[Captions, Captions, Captions]:
        """The three splits in order."""
        return self.train, self.validation, self.test

    @cached_property
    def fingerprint(self) -> str:
        """A short hash of everything a network can learn from: texts, images and scene vectors of all splits."""
        digest = hashlib.sha256(self.name.encode())
        for split in self.splits:
            digest.update("\n".join(split.texts).encode())
            digest.update(np.ascontiguousarray(split.image, dtype=np.int64).tobytes())
            if split.scenes is not None:
                digest.update(np.ascontiguousarray(split.scenes, dtype=np.float32).tobytes())
        return digest.hexdigest()[:16]

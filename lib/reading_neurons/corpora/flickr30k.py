"""Flickr30k captions as the Multi30k task 2 files: five descriptions of every image, no scene vectors.

The files ``SPLIT.N.en.gz`` hold one caption a line, and line i of every N = 1..5 describes image i of the split.
Captions: Young, Lai, Hodosh and Hockenmaier (2014); this arrangement: Elliott, Frank, Sima'an and Specia (2016).
Licence: none is stated for the text; the images, which are not read here, are for research and education only.

Easy to get wrong: the files name no images. Ours are numbered through train, validation and test, from 0, so that no
two splits share a number.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from reading_neurons.corpora import fetch, files, plain
from reading_neurons.corpora.captions import CaptionCorpus
from reading_neurons.corpora.files import DataError

FAMILY = "multi30k"
PER_IMAGE = 5
SPLITS = {"train": "train", "validation": "val", "test": "test_2016"}


def load(folder: str | os.PathLike | None = None) -> CaptionCorpus:
    """Flickr30k: 29,000 + 1,014 + 1,000 images with five captions each, those of an image together.

    Parameters
    ----------
    folder : path, optional
        The folder with the files ``SPLIT.N.en.gz`` (or without ``.gz``), as ``data/task2/raw`` of the publisher's
        repository. Without it: ``multi30k`` below ``READING_NEURONS_DATA``, else downloaded.

    Raises
    ------
    DataError
        If a file is missing, damaged or unreachable, or the five files of a split differ in their number of lines.
    """
    folder = files.data_folder(FAMILY, folder)
    first, splits, sources = 0, [], []
    for split, publishers_name in SPLITS.items():
        paths = [_path(folder, f"{publishers_name}.{number}.en.gz") for number in range(1, PER_IMAGE + 1)]
        columns = _columns(paths)
        sources += paths
        images = len(columns[0])
        texts = [caption for image in zip(*columns, strict=True) for caption in image]
        splits.append(plain.captions("flickr30k", split, texts, np.repeat(np.arange(first, first + images), PER_IMAGE)))
        first += images
    return CaptionCorpus("flickr30k", *splits, sources=tuple(sources))


def _columns(paths: list[Path]) -> list[list[str]]:
    """The lines of the five files of a split."""
    columns = [files.read_lines(path) for path in paths]
    if len({len(column) for column in columns}) > 1:
        found = ", ".join(f"{path.name} has {len(column)}" for path, column in zip(paths, columns, strict=True))
        raise DataError(
            f"line i of every file of a split must describe image i, so the {PER_IMAGE} files must have equally many "
            f"lines; found in {paths[0].parent}: {found}. Get the shorter ones anew"
        )
    return columns


def _path(folder: Path | None, name: str) -> Path:
    if folder is None:
        return fetch.file(f"{FAMILY}/{name}")
    return files.find(folder, [name, name.removesuffix(".gz")])

"""The Stanford Sentiment Treebank: sentences of film reviews, a label from 0 to 4 on every constituent.

Socher et al. (2013). The files are those of ``trainDevTestTrees_PTB.zip``: one tree in brackets a line. Licence: none
is stated; a public research set.

Easy to get wrong: the labels. 2 is neutral, and two thirds of all constituents are; "positive against negative"
leaves out the neutral sentences, so it is asked of 1,821 of the 2,210 test sentences.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from reading_neurons.corpora import fetch, files
from reading_neurons.corpora.files import DataError
from reading_neurons.corpora.trees import Tree, TreeCorpus, Trees

FAMILY = "sst"
ARCHIVE = "trainDevTestTrees_PTB.zip"
INSIDE = "trees"  # the folder in the archive
SPLITS = {"train": "train.txt", "validation": "dev.txt", "test": "test.txt"}


def load(folder: str | os.PathLike | None = None) -> TreeCorpus:
    """The treebank in its publisher's splits: 8,544, 1,101 and 2,210 sentences.

    Parameters
    ----------
    folder : path, optional
        The folder with ``train.txt``, ``dev.txt`` and ``test.txt``, with the publisher's folder ``trees``, or with the
        archive ``trainDevTestTrees_PTB.zip``. Without it: ``sst`` below ``READING_NEURONS_DATA``, else downloaded.

    Raises
    ------
    DataError
        If a file is missing, damaged or unreachable, or a line is not a tree: the message names file, line and column.
    """
    folder = files.data_folder(FAMILY, folder) or fetch.file(f"{FAMILY}/{ARCHIVE}").parent
    splits, sources = [], []
    for split, name in SPLITS.items():
        path = files.find_published(folder, name, INSIDE, ARCHIVE)
        splits.append(Trees(FAMILY, split, _trees(path)))
        sources.append(folder / ARCHIVE if isinstance(path, zipfile.Path) else path)
    return TreeCorpus(FAMILY, *splits, sources=tuple(dict.fromkeys(sources)))


def _trees(path: Path | zipfile.Path) -> tuple[Tree, ...]:
    trees = []
    for number, line in enumerate(files.read_lines(path), 1):
        if not line.strip(" "):
            continue
        try:
            trees.append(Tree.parse(line))
        except ValueError as error:
            raise DataError(f"{path}, line {number}, {error}. Mend the line, or get the file anew") from error
    if not trees:
        raise DataError(f"{path} has no tree: expected one in brackets a line, as (3 (2 a) (4 fine))")
    return tuple(trees)

"""MS-COCO 2014: captions of photographs, and what the photographs show as the scene vector.

Captions: Chen et al. (2015); annotated objects: Lin et al. (2014). The annotations are licensed CC BY 4.0 by the COCO
Consortium. The images themselves are not read. Files are those of the publisher, ``captions_YEAR.json`` and
``instances_YEAR.json`` for train2014 and val2014, plain, ``.gz``, or inside ``annotations_trainval2014.zip``.

The scene vector of an image has one dimension per category, ``object:dog``: 1 where at least one object of the
category is annotated in the image, however small, else 0. An image without any annotated object has the zero vector.

Easy to get wrong: a holdout of captions would put the same image on both sides; ours is one of images. And the
publisher's test2014 has no public captions: the test split here is val2014.
"""

from __future__ import annotations

import os
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from reading_neurons.corpora import features as image_features
from reading_neurons.corpora import fetch, files, plain
from reading_neurons.corpora.captions import CaptionCorpus
from reading_neurons.corpora.features import ImageVectors
from reading_neurons.corpora.files import DataError

FAMILY = "coco"
ARCHIVE = "annotations_trainval2014.zip"
_OUTLINE = re.compile(r'"segmentation"\s*:\s*\[[^"{}]*\]')  # nested lists of numbers, up to the next key or brace


def load(
    folder: str | os.PathLike | None = None,
    holdout: float = 0.02,
    seed: int = 0,
    features: str | os.PathLike | None = None,
) -> CaptionCorpus:
    """MS-COCO 2014: train2014 as ``train`` and ``validation``, val2014 as ``test``; sorted by image, then annotation.

    Parameters
    ----------
    folder : path, optional
        The folder with the JSON files, with the publisher's folder ``annotations``, or with the archive
        ``annotations_trainval2014.zip``. Without it: ``coco`` below ``READING_NEURONS_DATA``, else downloaded (241 MB).
    holdout : float
        The share of the images of train2014, between 0 and 1, that become ``validation``, with all their captions.
    seed : int
        Decides which images are held out.
    features : path, optional
        A ``.npy`` or ``.mat`` file with a vector per image, which replaces the categories as the scene vector
        (:mod:`reading_neurons.corpora.features` says how it names its images).

    Raises
    ------
    ValueError
        If ``holdout`` leaves no image for train or validation.
    DataError
        If a file is missing, damaged, unreachable, or not in the publisher's form.
    """
    if not 0 < holdout < 1:
        raise ValueError(f"holdout is the share of images kept for validation, between 0 and 1, found {holdout}")
    folder = files.data_folder(FAMILY, folder) or fetch.file(f"{FAMILY}/{ARCHIVE}").parent
    texts, images = _captions(folder, "train2014")
    held = np.isin(images, _held_out(np.unique(images), holdout, seed))
    splits = [
        plain.captions("coco", "train", texts[~held], images[~held]),
        plain.captions("coco", "validation", texts[held], images[held]),
        plain.captions("coco", "test", *_captions(folder, "val2014")),
    ]
    if features is not None:
        train = test = image_features.read(features)
    else:
        train, test = _categories(folder, "train2014"), _categories(folder, "val2014")
        if train.dimensions != test.dimensions:
            raise DataError(f"{train.source} and {test.source} must list the same categories, found two lists")
    return CaptionCorpus(
        "coco",
        *(
            replace(split, scenes=vectors.of(split.image_ids), dimensions=vectors.dimensions)
            for split, vectors in zip(splits, (train, train, test), strict=True)
        ),
        sources=_sources(folder, features),
    )


def _held_out(images: np.ndarray, holdout: float, seed: int) -> np.ndarray:
    count = max(1, round(holdout * len(images)))
    if count >= len(images):
        raise ValueError(f"holdout {holdout} of {len(images)} images leaves none to train on: give a smaller share")
    return np.random.default_rng(seed).choice(images, size=count, replace=False)


def _captions(folder: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    """The captions of a part and the image each describes, sorted by image, then annotation."""
    path = _find(folder, f"captions_{part}.json")
    rows = _table(files.read_json(path), path, "annotations", {"image_id": int, "id": int, "caption": str})
    if not rows:
        raise DataError(f"{path} must list captions as 'annotations', found an empty list")
    images, _, texts = zip(*sorted(rows), strict=True)
    return np.array(texts, dtype=object), np.array(images, dtype=np.int64)


def _categories(folder: Path, part: str) -> ImageVectors:
    """Presence of every category in every image that the instances file lists."""
    path = _find(folder, f"instances_{part}.json")
    data = files.read_json(path, abridge=_without_outlines)
    categories = sorted(_table(data, path, "categories", {"id": int, "name": str}))
    image_ids = np.unique([number for (number,) in _table(data, path, "images", {"id": int})])
    column = {number: place for place, (number, _) in enumerate(categories)}
    row = {number: place for place, number in enumerate(image_ids.tolist())}
    presence = np.zeros((len(row), len(column)), dtype=np.float32)
    for image, category in _table(data, path, "annotations", {"image_id": int, "category_id": int}):
        if image not in row or category not in column:
            raise DataError(
                f"{path}: an annotation names image {image} and category {category}, which must both be listed under "
                "'images' and 'categories'; found at least one of them missing. Is it the publisher's file?"
            )
        presence[row[image], column[category]] = 1
    return ImageVectors(str(path), image_ids, presence, tuple(f"object:{name}" for _, name in categories))


def _without_outlines(text: str) -> str:
    """The JSON text with empty lists for the objects' outlines.

    They are most of the publisher's file and not needed; reading their numbers would take most of the time.
    """
    return _OUTLINE.sub('"segmentation": []', text)


def _find(folder: Path, name: str) -> Path | zipfile.Path:
    """A file in the folder, in ``annotations`` below it, or in the publisher's archive."""
    return files.find_published(folder, name, "annotations", ARCHIVE)


def _sources(folder: Path, features: str | os.PathLike | None) -> tuple[Path, ...]:
    """The files that were read; a member of the archive counts as the archive."""
    kinds = ("captions",) if features is not None else ("captions", "instances")
    found = (_find(folder, f"{kind}_{part}.json") for kind in kinds for part in ("train2014", "val2014"))
    read = {folder / ARCHIVE if isinstance(path, zipfile.Path) else path for path in found}
    return tuple(sorted(read | ({Path(features)} if features is not None else set())))


def _table(data: Any, path: Path | zipfile.Path, table: str, columns: dict[str, type]) -> list[tuple]:
    """The named values of every entry of a list in a JSON file, checked against the schema."""
    entries = data.get(table) if isinstance(data, dict) else None
    if not isinstance(entries, list):
        found = ", ".join(data) if isinstance(data, dict) else type(data).__name__
        raise DataError(
            f"{path} must be a JSON object with a list {table!r}, found: {found}. Is it the publisher's file?"
        )
    for number, entry in enumerate(entries):
        for key, kind in columns.items():
            if not (isinstance(entry, dict) and isinstance(entry.get(key), kind)):
                shown = repr(entry)
                raise DataError(
                    f"{path}: {table}[{number}] must have {key!r} ({kind.__name__}), found "
                    f"{shown[:200]}{' ...' if len(shown) > 200 else ''}. Is it the publisher's file?"
                )
    return [tuple(entry[key] for key in columns) for entry in entries]

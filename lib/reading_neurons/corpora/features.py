"""A vector for every image of a corpus, looked up by the publisher's number of the image.

Where a user has image features, as the 4,096 activations of VGG-16 that Kádár et al. (2017) predict, they stand in for
the category vectors. Two forms are read:

* ``NAME.npy``, an array of shape (images, dimensions), with ``NAME.ids.txt`` beside it: the image number of every row,
  one a line.
* ``NAME.mat``, as published with Karpathy's splits: the array ``feats`` of shape (dimensions, images), with
  ``dataset.json`` beside it, whose ``images`` give for each ``imgid`` (the column) the ``cocoid`` (the image number).

Easy to get wrong: the order of the rows. It is never guessed from the order of the images in a corpus.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.io

from reading_neurons.corpora import files
from reading_neurons.corpora.files import DataError


@dataclass(frozen=True)
class ImageVectors:
    """One vector per image.

    Attributes
    ----------
    source : str
        The file they come from, for error messages.
    image_ids : int array, shape (images,)
        Each number once, in any order.
    vectors : float array, shape (images, dimensions)
    dimensions : tuple of str
    """

    source: str
    image_ids: np.ndarray
    vectors: np.ndarray
    dimensions: tuple[str, ...]

    def of(self, image_ids: np.ndarray) -> np.ndarray:
        """The vectors of some images, float32, shape (images, dimensions).

        Raises
        ------
        DataError
            If an image has no vector, or a vector holds a number that is not finite.

        Examples
        --------
        >>> vectors = ImageVectors("made up", np.array([9, 4]), np.array([[1.0], [2.0]]), ("object:dog",))
        >>> vectors.of(np.array([4, 9])).tolist()
        [[2.0], [1.0]]
        """
        if len(missing := image_ids[~np.isin(image_ids, self.image_ids)]):
            raise DataError(
                f"{self.source} must cover every image with captions, found none of {len(missing)} of {len(image_ids)} "
                f"(image {', '.join(map(str, missing[:5]))}{', ...' if len(missing) > 5 else ''}): the files do not "
                "belong together, or one is incomplete"
            )
        order = np.argsort(self.image_ids)
        rows = order[np.searchsorted(self.image_ids, image_ids, sorter=order)]
        chosen = np.asarray(self.vectors[rows], dtype=np.float32)
        if not np.isfinite(chosen).all():
            image = image_ids[~np.isfinite(chosen).all(axis=1)][0]
            raise DataError(f"{self.source} must hold finite numbers, found others in the vector of image {image}")
        return chosen


def read(path: str | Path) -> ImageVectors:
    """Image features from a ``.npy`` or ``.mat`` file and the list of image numbers beside it.

    Dimensions are named ``feature:0``, ``feature:1``, ... A ``.npy`` file stays on the disk until rows are asked for.

    Raises
    ------
    DataError
        If a file is missing, unreadable or of another form, or the numbers do not fit the features.
    """
    path = Path(path).expanduser()
    readers = {".npy": _read_npy, ".mat": _read_mat}
    if path.suffix not in readers:
        raise DataError(f"image features must be a .npy or a .mat file, found {path.name}")
    image_ids, vectors = readers[path.suffix](path)
    if vectors.ndim != 2 or len(vectors) != len(image_ids) or not np.issubdtype(vectors.dtype, np.floating):
        raise DataError(
            f"{path} must hold one vector of floating-point numbers for each of the {len(image_ids)} images listed "
            f"beside it, found an array of {vectors.dtype} with {' x '.join(map(str, vectors.shape))} (images first)"
        )
    if len(np.unique(image_ids)) != len(image_ids):
        raise DataError(f"the list of images beside {path} must name each image once, found one more than once")
    return ImageVectors(str(path), image_ids, vectors, tuple(f"feature:{i}" for i in range(vectors.shape[1])))


def _read_npy(path: Path) -> tuple[np.ndarray, np.ndarray]:
    lines = files.read_lines(path.with_suffix(".ids.txt"))
    try:
        image_ids = np.array([int(line) for line in lines], dtype=np.int64)
    except ValueError as error:
        raise DataError(f"{path.with_suffix('.ids.txt')} must hold one image number a line: {error}") from error
    try:
        return image_ids, np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path} must be an array written by numpy.save, found: {error}") from error


def _read_mat(path: Path) -> tuple[np.ndarray, np.ndarray]:
    listing = path.with_name("dataset.json")
    try:
        pairs = sorted((image["imgid"], image["cocoid"]) for image in files.read_json(listing)["images"])
    except (KeyError, TypeError) as error:
        raise DataError(
            f"{listing} must have a list 'images' of objects with 'imgid' and 'cocoid', as that of Karpathy's COCO "
            f"split; found none or another form ({type(error).__name__}: {error})"
        ) from error
    if [column for column, _ in pairs] != list(range(len(pairs))):
        raise DataError(
            f"{listing} must number its {len(pairs)} images by 'imgid' from 0 without a gap, found other numbers"
        )
    try:
        vectors = scipy.io.loadmat(path, variable_names=["feats"])["feats"].T
    except Exception as error:  # scipy raises many kinds on a damaged file, and KeyError where the array is missing
        raise DataError(
            f"{path} must be a MATLAB file (up to version 7.2) with an array 'feats', "
            f"found: {type(error).__name__}: {error}"
        ) from error
    return np.array([number for _, number in pairs], dtype=np.int64), vectors

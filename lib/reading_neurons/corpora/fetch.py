"""Files from their publishers: where each one comes from, under which licence, and the user's cache of them.

A file is downloaded with pooch once, verified, and only then given its name in the cache, so that an interruption at
any moment leaves the cache as it was. Where the publisher's sha256 is not known to us, the archive is tested and the
sum of the first download is recorded in ``checksums.json`` beside the cached files; from then on it must match.

Easy to get wrong: a file in the cache is no better than one from the network. It is verified at every use, and a
damaged one is named, never replaced in silence: someone may have put it there by hand.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import os
import tempfile
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import pooch
import requests

from reading_neurons.corpora import files
from reading_neurons.corpora.files import DataError
from reading_neurons.progress import progress_bar

logger = logging.getLogger(__name__)

CACHE_VARIABLE = "READING_NEURONS_CACHE"
RETRY_WAITS = (1.0, 3.0)  # seconds before the second and the third attempt
CHUNK = 1 << 16  # bytes

COCO_LICENCE = "annotations CC BY 4.0 (COCO Consortium); images under the terms of Flickr, none is read here"
MULTI30K_LICENCE = "text: none stated; images for research and education only, none is read here"
SST_LICENCE = "none stated; a public research set"
_MULTI30K = "https://raw.githubusercontent.com/multi30k/dataset/master/data/task2/raw/"


@dataclass(frozen=True)
class Source:
    """Where a file comes from.

    Attributes
    ----------
    url : str
    licence : str
        A note on what the publisher allows.
    sha256 : str or None
        None where it is not known: then the first download's is recorded.
    """

    url: str
    licence: str
    sha256: str | None = None


_MULTI30K_SHA256 = {
    "train.1.en.gz": "a0e057f07a9733199c0d755d77f6d583dc6f40a3180734b1130a216e2fdf3a3b",
    "train.2.en.gz": "d79dd70a9eafb2d1fe40151621278c4ae69b3c148c5052a53d7c7a41bf3ba023",
    "train.3.en.gz": "86e16fdcc699bcb6bca0f87c3cf1051f7de5ee3674dd588cedc5200194282749",
    "train.4.en.gz": "3771b84e010ad6197806d2a1188cb07c12149e3e0d178dd5966dee5763733686",
    "train.5.en.gz": "73988689307fe836994eae59735dc840c15da9775455fa76e6ed22606a042a91",
    "val.1.en.gz": "4ce8f8ffbef4a1c066e3f35a5ffc764666c26c318a733d9bdc6349577f1c6f9c",
    "val.2.en.gz": "4103944d652127e5af33ba2761d71cb6c0e1509c1a67d4387dc67ad768cfb752",
    "val.3.en.gz": "6ecd848713d98faa9c6db2e9e457a778335358e6e3a4743cf4e929a0516e399a",
    "val.4.en.gz": "bfab4f0cbdac6233f206bbbfbd324dc02b258e291c3f410a69f9884171008788",
    "val.5.en.gz": "4b6a6541b7b58d545eff7feead4187aeb0439a7178a7bed6951121e0ecbaee66",
    "test_2016.1.en.gz": "bf64274c8e1f73ba57d47409f707a640b3874a06e7e83adfb5a6d4c055bc6b29",
    "test_2016.2.en.gz": "36c12dac199e336e74ebe91c5240a1c6cefce7af2a3f3a2054d184947932bc3c",
    "test_2016.3.en.gz": "2188662d22b01c5ecf7ae6a7c003b45fc83c510d34999c2340078e75088b0f1f",
    "test_2016.4.en.gz": "dcb6a0ad2ae40f54a1f9e9f20d3146c7f0a662feece2e78d2d511667bf229f08",
    "test_2016.5.en.gz": "60e31317f0d960aed273d8ec527411935fb1ff3dee2c9cc9572259739ff193c0",
}

#: Every file that can be downloaded, by family and file name.
SOURCES: dict[str, Source] = {
    "coco/annotations_trainval2014.zip": Source(
        "http://images.cocodataset.org/annotations/annotations_trainval2014.zip", COCO_LICENCE
    ),
    "sst/trainDevTestTrees_PTB.zip": Source(
        "https://nlp.stanford.edu/sentiment/trainDevTestTrees_PTB.zip", SST_LICENCE
    ),
    **{
        f"multi30k/{name}": Source(_MULTI30K + name, MULTI30K_LICENCE, sha256)
        for name, sha256 in _MULTI30K_SHA256.items()
    },
}


def cache_folder() -> Path:
    """The folder for everything this project keeps between runs; it need not exist yet.

    The one named by ``READING_NEURONS_CACHE``, else the operating system's place for caches.
    """
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named).expanduser() if named else Path(pooch.os_cache("reading-neurons"))


def file(name: str) -> Path:
    """A file of a publisher, from the cache or downloaded into it; verified either way.

    Parameters
    ----------
    name : str
        Family and file name, a key of ``SOURCES``, as ``"multi30k/val.1.en.gz"``.

    Returns
    -------
    Path
        Where the file lies: ``cache_folder() / "data" / name``.

    Raises
    ------
    ValueError
        If the name is not one of ``SOURCES``.
    DataError
        If the file cannot be downloaded or written, or is not the expected one.

    Examples
    --------
    >>> file("coco/captions.xml")
    Traceback (most recent call last):
        ...
    ValueError: no address is known for 'coco/captions.xml'; known in that family: coco/annotations_trainval2014.zip
    """
    if name not in SOURCES:
        family = [known for known in SOURCES if known.split("/")[0] == name.split("/")[0]]
        raise ValueError(f"no address is known for {name!r}; known in that family: {', '.join(family) or 'none'}")
    source, target = SOURCES[name], _data() / name
    expected = source.sha256 or _recorded().get(name)
    if target.exists():
        found = _verified(target, expected, f"{target}", "Delete it, and the next call downloads it anew")
    else:
        found = _download(source, target, expected)
    if expected is None:
        _record(name, found)
    return target


def _data() -> Path:
    return cache_folder() / "data"


def _download(source: Source, target: Path, expected: str | None) -> str:
    """Download to a temporary place beside the target, verify, move; the sha256."""
    logger.info("downloading %s (licence: %s)", source.url, source.licence)
    with _writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".download-", dir=target.parent) as place:
            partial = Path(place) / target.name
            _stream(source.url, partial, target)
            advice = "Try again later: the address may give an error page, or its file may have been renewed"
            if source.sha256 is None:
                advice += f" (if so, and you trust it, delete {target.name} from {_data() / 'checksums.json'})"
            found = _verified(partial, expected, f"{target.name} from {source.url}", advice)
            os.replace(partial, target)
    return found


def _stream(url: str, partial: Path, target: Path) -> None:
    """Download, again where the connection failed in passing."""
    for wait in (*RETRY_WAITS, None):
        try:
            # A total from the start: pooch asks a bar for its truth value, and tqdm refuses one without a total.
            with progress_bar(total=1, desc=target.name, unit="B", unit_scale=True, leave=False) as bar:
                pooch.HTTPDownloader(progressbar=bar, chunk_size=CHUNK)(url, str(partial), None)
            return
        except requests.RequestException as error:
            if wait is None or not _passing(error):
                raise DataError(
                    f"{target.name} could not be downloaded from {url}: {error}. Check the connection and call again, "
                    f"or get the file in another way and put it at {target}, or name the folder that has it "
                    f"(folder=..., or the variable {files.DATA_VARIABLE})"
                ) from error
            logger.warning("%s: %s; trying again in %g s", url, error, wait)
            time.sleep(wait)


def _passing(error: requests.RequestException) -> bool:
    if isinstance(error, requests.HTTPError):
        return error.response.status_code >= 500
    return isinstance(error, (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError))


def _verified(path: Path, expected: str | None, label: str, advice: str) -> str:
    """The sha256 of a file that is the expected one, or, where none is, an archive that can be read to its end."""
    found = pooch.file_hash(str(path))
    if expected is None:
        _test_archive(path, label, advice)
    elif found != expected:
        raise DataError(
            f"{label} is not the expected file: found {path.stat().st_size} bytes with sha256 {found}, expected sha256 "
            f"{expected}. {advice}"
        )
    return found


def _test_archive(path: Path, label: str, advice: str) -> None:
    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                if damaged := archive.testzip():
                    raise zipfile.BadZipFile(f"the member {damaged} is damaged")
        elif path.suffix == ".gz":
            with gzip.open(path) as stream:
                while stream.read(1 << 20):
                    pass
    except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(
            f"{label} is damaged or cut short: expected a whole {path.suffix} archive, found {path.stat().st_size} "
            f"bytes: {error}. {advice}"
        ) from error


def _recorded() -> dict[str, str]:
    path = _data() / "checksums.json"
    return files.read_json(path) if path.exists() else {}


def _record(name: str, sha256: str) -> None:
    path = _data() / "checksums.json"
    with _writing(path), tempfile.TemporaryDirectory(prefix=".record-", dir=path.parent) as place:
        partial = Path(place) / path.name
        partial.write_text(json.dumps({**_recorded(), name: sha256}, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        os.replace(partial, path)


@contextlib.contextmanager
def _writing(target: Path):
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{target} cannot be written: {error}. Free some space, or name a folder you may write to in "
            f"{CACHE_VARIABLE}"
        ) from error

"""Parsed strings kept between runs: parsing thousands of functions takes half a minute, reading them back a second.

Texts and nodes become flat arrays of one npz file, without pickles, written to a temporary name and moved, so that an
interruption leaves nothing half-written. Whoever keeps strings names them by everything that determines them.
"""

from __future__ import annotations

import contextlib
import logging
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from reading_neurons.corpora.strings import Node, ParsedString

logger = logging.getLogger(__name__)


def keep(path: Path, strings: Sequence[ParsedString], counts: dict[str, int], files: Sequence[int]) -> None:
    """Keep strings with the number of the file that each is from, and counts by name; a full disk is only logged."""
    kinds = sorted({kind for string in strings for kind in string.kinds})
    number = {kind: place for place, kind in enumerate(kinds)}
    arrays = {
        "texts": np.frombuffer("\0".join(string.text for string in strings).encode(), dtype=np.uint8),
        "files": np.asarray(files, dtype=np.int32),
        "sizes": np.array([len(string.nodes) for string in strings], dtype=np.int32),
        "kinds": np.array(kinds, dtype=np.str_),
        "nodes": np.array(
            [(number[kind], start, end) for string in strings for kind, start, end in string.nodes], dtype=np.int32
        ).reshape(-1, 3),
        "names": np.array(list(counts), dtype=np.str_),
        "counts": np.array(list(counts.values()), dtype=np.int64),
    }
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as stream:
            np.savez_compressed(stream, **arrays)
        os.replace(temporary, path)
    except OSError as error:
        logger.warning("%s cannot be written (%s): the files are parsed anew the next time", path, error)
        with contextlib.suppress(OSError):
            temporary.unlink()


def kept(path: Path) -> tuple[tuple[ParsedString, ...], dict[str, int], np.ndarray] | None:
    """What :func:`keep` kept, or None if it is not there or damaged.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "mine.npz"
    >>> keep(path, [ParsedString("(1)", (Node("brackets", 0, 3),))], {"too long": 2}, [0])
    >>> strings, counts, files = kept(path)
    >>> strings[0].text, strings[0].nodes, counts, files.tolist()
    ('(1)', (Node(kind='brackets', start=0, end=3),), {'too long': 2}, [0])
    """
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            texts = arrays["texts"].tobytes().decode().split("\0")
            kinds, nodes = arrays["kinds"].tolist(), arrays["nodes"].tolist()
            ends = np.cumsum(arrays["sizes"]).tolist()
            counts = dict(zip(arrays["names"].tolist(), arrays["counts"].tolist(), strict=True))
            files = arrays["files"]
        made = [Node(kinds[kind], start, end) for kind, start, end in nodes]
        parts = zip(texts, [0, *ends[:-1]], ends, files, strict=True)
        return tuple(ParsedString(text, tuple(made[start:end])) for text, start, end, _ in parts), counts, files
    except (OSError, EOFError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        logger.warning("what is kept in %s cannot be used (%s): the files are parsed anew", path, error)
        return None

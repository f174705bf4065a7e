"""How large what a teacher carries is, and how long the first build takes, measured on the machine that built the book.

``python -m reading_neurons.teaching.sizes`` measures after ``make book``, ``make offline`` and ``make notebooks`` and
writes ``book/sizes.json``, which the page on teaching reads.

Easy to get wrong: sizes of another build than the one at hand. A part that was not made is an error and not a zero.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

MADE_BY = {
    "packages": (".venv", "make book"),
    "book": ("_build/html", "make book"),
    "zip": ("dist/reading-neurons.zip", "make offline"),
    "notebooks": ("dist/notebooks/learner", "make notebooks"),
    "wheels": ("dist/wheels", "pip download, as the page on teaching says,"),
}
_NAMES = {
    "zip": "The book, zipped, to be read in a browser",
    "book": "The book, unpacked",
    "notebooks": "Learners' notebooks with the results they read",
    "networks": "The chapters' trained networks",
    "wheels": "All packages, to be installed without a network",
    "packages": "All packages, installed",
}
_HOW = {"zip": "make offline", "book": "make book", "notebooks": "make notebooks", "networks": "make book",
        "wheels": "pip download (below)", "packages": "make book"}  # fmt: skip


def measure(root: Path | str, networks: Iterable[tuple[int, float]]) -> dict[str, Any]:
    """Measure a checkout in which the book was built.

    Parameters
    ----------
    root : path
        The top of the checkout.
    networks : iterable of (int, float)
        Of each network of the chapters the bytes of its weights, and the seconds for which it was trained.

    Returns
    -------
    dict
        ``date``, ``cores``, ``bytes`` of each part, ``training`` and ``chapters`` (seconds), ``pages`` (how many were
        run), ``slowest`` (a page and its seconds).

    Raises
    ------
    FileNotFoundError
        If a part was not made; the message says by which command it is.
    """
    root = Path(root)
    weights, trained = zip(*networks, strict=True)
    sizes = {"networks": sum(weights)}
    for part, (path, command) in MADE_BY.items():
        if not (root / path).exists():
            raise FileNotFoundError(f"found no {path}, which {command} makes; run it, then measure again")
        sizes[part] = size(root / path)
    took = chapter_seconds(root / "_build" / ".jupyter_cache")
    slowest = max(took, key=took.__getitem__)
    return {
        "date": date.today().isoformat(), "cores": os.cpu_count(),
        "bytes": sizes,
        "training": round(sum(trained)), "chapters": round(sum(took.values())), "pages": len(took),
        "slowest": [slowest, round(took[slowest])],
    }  # fmt: skip


def size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder, links not followed.

    Examples
    --------
    >>> size(Path("book/plans.toml")) == len(Path("book/plans.toml").read_bytes())
    True
    """
    if path.is_file():
        return path.stat().st_size
    return sum(inside.lstat().st_size for inside in path.rglob("*") if not inside.is_dir())


def chapter_seconds(cache: Path) -> dict[str, float]:
    """How long each chapter ran, as the cache of the newest build says.

    Raises
    ------
    FileNotFoundError
        If no chapter was run.
    """
    found: dict[str, float] = {}
    for file in sorted(cache.glob("*/global.db"), key=lambda path: path.stat().st_mtime)[-1:]:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
            rows = database.execute("select uri, data from nbcache").fetchall()
        found = {Path(uri).stem: json.loads(data)["execution_seconds"] for uri, data in rows}
    if not found:
        raise FileNotFoundError("found no chapter that was run; run make book, then measure again")
    return found


def table(sizes: dict[str, Any]) -> pd.DataFrame:
    """What there is to carry: ``what``, ``megabytes``, ``command`` that makes it.

    Examples
    --------
    >>> table({"bytes": {"zip": 2_000_000, "packages": 2_231_000_000}})["megabytes"].tolist()
    ['2', '2,231']
    """
    counts = [(part, sizes["bytes"][part]) for part in _NAMES if part in sizes["bytes"]]
    return pd.DataFrame(
        [{"what": _NAMES[part], "megabytes": f"{count / 1e6:,.0f}", "command": _HOW[part]} for part, count in counts]
    )


def _default_networks() -> Iterator[tuple[int, float]]:
    """Bytes and seconds of the networks that the chapters load."""
    from reading_neurons.models import chapters, store

    for name, corpus in chapters.NETWORKS:
        if (name, corpus) == chapters.OWN:
            continue  # of seconds and kilobytes
        network = store.trained(name, corpus)
        weights = (weight.numel() * weight.element_size() for weight in network.state_dict().values())
        yield sum(weights), store.training_seconds(network)


if __name__ == "__main__":
    here = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    text = json.dumps(measure(here, _default_networks()), indent=2)
    (here / "book" / "sizes.json").write_text(text + "\n", encoding="utf-8")

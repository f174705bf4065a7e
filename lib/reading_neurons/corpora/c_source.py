"""Functions of C from anyone's files, each with its syntax tree; the Linux kernel first, as in the paper.

Deep Neural Inspection 2017, section 5.3, trains on Linux and says neither which version nor which part of it. What is
recorded in this book is 306 files of Linux 2.6.11 (kernel.org; licence GPL-2.0, no line of it is part of this project).

Files are read as they are, without compiler and headers: functions are cut out and cleaned as
:mod:`~reading_neurons.corpora.c_text` says, parsed one by one with the spans of
:mod:`~reading_neurons.corpora.c_syntax`, and what fails is counted by reason in ``StringCorpus.skipped``.

Easy to get wrong: the split. Functions of one file are neighbours that share names and habits; whole files are dealt
out to training, validation and test.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import numpy as np

from reading_neurons.corpora import archives, c_syntax, c_text, files, kept_strings
from reading_neurons.corpora.fetch import cache_folder
from reading_neurons.corpora.files import DATA_VARIABLE, DataError
from reading_neurons.corpora.strings import ParsedString, StringCorpus, Strings
from reading_neurons.progress import progress_bar

FAMILY = "linux"
HELD_OUT = 0.1  # the share of the files in each of validation and test
LONGEST_LINE = 10_000  # characters; nobody writes longer ones, and a string that never ends would be looked for in each
PARSING = 1  # raise it when a change of code changes what is cut out, cleaned or parsed

#: Why a function does not parse, by what stands in it; the first that fits.
REASONS = (
    ("assembler", re.compile(r"\b(?:__)?asm(?:__)?\b")),
    ("a loop by macro", re.compile(r"\b\w*for_each\w*\s*\(|\bdo_each\w*\s*\(")),
    ("typeof", re.compile(r"\b(?:__)?typeof(?:__)?\b")),
    ("a type as argument of a macro", re.compile(r",\s*(?:struct|union|unsigned|int|long|char)\b[^,()]*[,)]|va_arg")),
)


def load(folder: str | os.PathLike | None = None, seed: int = 0) -> StringCorpus:
    """The functions of all files ``*.c`` in a folder or tarball.

    Parameters
    ----------
    folder : path, optional
        A folder with C files in it or anywhere below, or with one tarball; or a tarball itself (``.tar``, ``.tar.gz``,
        ``.tar.bz2``, ``.tar.xz``). Without it: ``linux`` below ``READING_NEURONS_DATA``. Nothing is downloaded: which
        code to read is your choice, and a whole kernel is 50 MB.
    seed : int
        Decides which file comes into which split: 80 % to training, 10 % each to validation and test.

    Returns
    -------
    StringCorpus
        A string a function, in the order of the files' names; what is parsed is kept in the cache folder. ``skipped``
        counts the functions that do not parse and the files that cannot be read, by reason.

    Raises
    ------
    DataError
        If there is no such folder, no C file in it, the archive is damaged or points outside of its folder, or fewer
        than three files have a function that parses.
    """
    place = _place(folder)
    found, passed_over = archives.contents(place, ".c")
    if not found:
        raise DataError(
            f"{place} has no C files: expected files *.c in it or below, or one tarball of them "
            f"({', '.join(archives.ENDINGS)}). Name the folder that has them"
        )
    functions, skipped, of_file = _parsed(found)
    if len(set(of_file.tolist())) < 3:
        raise DataError(
            f"{place}: three splits need at least 3 files with a function that parses, found "
            f"{len(set(of_file.tolist()))} among {len(found)} files; left out: {_listed({**passed_over, **skipped})}"
        )
    splits = _dealt_out(functions, of_file, seed)
    return StringCorpus("c_source", *splits, sources=_sources(place), skipped={**passed_over, **skipped})


def _place(folder: str | os.PathLike | None) -> Path:
    """The folder or tarball to read."""
    given = Path(folder).expanduser() if folder is not None else None
    if given is not None and given.is_file():
        if not archives.is_archive(given):
            raise DataError(
                f"{given} must be a folder or a tarball ({', '.join(archives.ENDINGS)}), found another file: name the "
                "folder that it lies in"
            )
        return given
    place = files.data_folder(FAMILY, folder)
    if place is None:
        raise DataError(
            f"no C files are named: give load('c_source', folder=...) a folder or tarball of them, or put one into a "
            f"folder {FAMILY!r} below the folder named by {DATA_VARIABLE}. Any will do; the recorded results are of "
            "Linux 2.6.11 (https://cdn.kernel.org/pub/linux/kernel/v2.6/)"
        )
    tarballs = sorted(path for path in place.iterdir() if archives.is_archive(path))
    if any(place.rglob("*.c")) or not tarballs:
        return place
    if len(tarballs) > 1:
        names = ", ".join(path.name for path in tarballs)
        raise DataError(f"{place} has no C files but several tarballs, {names}: name the one to read")
    return tarballs[0]


def _sources(place: Path) -> tuple[Path, ...]:
    return (place,) if place.is_file() else tuple(sorted(path for path in place.rglob("*.c") if path.is_file()))


def _parsed(found: dict[str, bytes]) -> tuple[tuple[ParsedString, ...], dict[str, int], np.ndarray]:
    """The functions, what was left out, and the number of the file of each function; kept for the next time."""
    digest = hashlib.sha256(f"{PARSING} {version('pycparser')}".encode())
    for name, content in found.items():
        digest.update(f"{name}:{len(content)}:".encode() + content)
    path = cache_folder() / "parsed" / f"c_source-{digest.hexdigest()[:16]}.npz"
    if (known := kept_strings.kept(path)) is not None:
        return known
    skipped: Counter[str] = Counter()
    codes = {number: _code(content, skipped) for number, content in enumerate(found.values())}
    defined = set().union(*(c_text.typedef_names(code) for code in codes.values()))
    functions, of_file = [], []
    for number, code in progress_bar(codes.items(), desc="parsing C", unit="file", leave=False):
        for text, balanced in c_text.functions(code):
            function = _function(text, balanced, defined, skipped)
            if function is not None:
                functions.append(function)
                of_file.append(number)
    kept_strings.keep(path, functions, skipped, of_file)
    return tuple(functions), dict(skipped), np.array(of_file, dtype=np.int32)


def _code(content: bytes, skipped: Counter[str]) -> str:
    """A file's text, cleaned; older files of Linux are Latin-1. Nothing of what is not text."""
    if b"\0" in content:
        skipped["file that is not text"] += 1
        return ""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if max(map(len, text.replace("\\\n", "").split("\n"))) > LONGEST_LINE:
        skipped[f"file with a line of more than {LONGEST_LINE} characters"] += 1
        return ""
    return c_text.cleaned(text)


def _function(text: str, balanced: bool, defined: set[str], skipped: Counter[str]) -> ParsedString | None:
    if not balanced:
        skipped["function with braces that do not balance"] += 1
        return None
    try:
        return c_syntax.parse(text, c_text.types_of(text, defined))
    except ValueError:
        reasons = (reason for reason, pattern in REASONS if pattern.search(text))
        skipped[f"function with {next(reasons, 'another macro or extension')}"] += 1
        return None


def _dealt_out(functions: tuple[ParsedString, ...], of_file: np.ndarray, seed: int) -> list[Strings]:
    used = np.random.default_rng(seed).permutation(np.unique(of_file))
    held = max(1, round(HELD_OUT * len(used)))
    parts = {"train": used[2 * held :], "validation": used[:held], "test": used[held : 2 * held]}
    return [
        Strings("c_source", split, tuple(functions[place] for place in np.flatnonzero(np.isin(of_file, chosen))))
        for split, chosen in parts.items()
    ]


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} × {reason}" for reason, count in counts.items()) or "nothing"

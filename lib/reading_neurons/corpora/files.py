"""Data files on a disk: finding them, and reading them so that a damaged one is named.

Whatever is wrong with a file ends in a :class:`DataError` that says which file it is, what was found in it, what was
expected and what to do. The readers here are for text that people or publishers wrote; networks are stored elsewhere.

Easy to get wrong: ``str.splitlines`` also breaks a line at rare characters such as U+2028, so that line 7 of one file
no longer belongs to line 7 of the next. Lines here end at a line feed and nowhere else.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

DATA_VARIABLE = "READING_NEURONS_DATA"


class DataError(ValueError):
    """A data file is missing, damaged, unreachable or not what it should be."""


def data_folder(family: str, folder: str | os.PathLike | None = None) -> Path | None:
    """Where the user keeps the files of a corpus family, if anywhere.

    Parameters
    ----------
    family : str
        The name of the family's sub-folder, as ``"coco"``.
    folder : path, optional
        A folder that holds the files themselves; it wins over the environment.

    Returns
    -------
    Path or None
        ``folder``, else the family's sub-folder of the folder named by ``READING_NEURONS_DATA``, else None.

    Raises
    ------
    DataError
        If ``folder`` or the folder named by the variable does not exist.
    """
    if folder is not None:
        return _existing(Path(folder).expanduser(), "the folder given")
    if not (root := os.environ.get(DATA_VARIABLE)):
        return None
    below = _existing(Path(root).expanduser(), f"the folder named by {DATA_VARIABLE}") / family
    return below if below.is_dir() else None


def _existing(folder: Path, role: str) -> Path:
    if not folder.is_dir():
        found = "a file" if folder.exists() else "nothing"
        raise DataError(
            f"{role}, {folder}, must be an existing folder, found {found} there: correct the path, or leave it out "
            "to have the files downloaded"
        )
    return folder


def find(folder: Path, names: Sequence[str]) -> Path:
    """The first of several names under which a file exists in a folder.

    Raises
    ------
    DataError
        If none of them exists.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "train.txt.gz").write_bytes(b"")
    >>> find(folder, ["train.txt", "train.txt.gz"]).name
    'train.txt.gz'
    """
    for name in names:
        if (folder / name).is_file():
            return folder / name
    there = sorted(path.name for path in folder.iterdir())
    shown = ", ".join(there[:8]) + (f" and {len(there) - 8} more" if len(there) > 8 else "")
    raise DataError(
        f"{folder} lacks {names[0]}: expected it there under one of the names {', '.join(names)}; found "
        f"{shown or 'an empty folder'}. Put the file there, or name the folder that has it"
    )


def find_published(folder: Path, name: str, below: str, archive: str) -> Path | zipfile.Path:
    """A publisher's file as people keep it: plain or ``.gz``, in its folder or one below, or still in the archive.

    Parameters
    ----------
    folder : Path
    name : str
        The file's name, without ``.gz``.
    below : str
        The folder that the publisher puts it in, also inside the archive.
    archive : str
        Name of the publisher's zip archive; a file beside it wins.

    Raises
    ------
    DataError
        If it is nowhere, or the archive is damaged or lacks it.
    """
    names = [f"{place}{name}{suffix}" for place in ("", f"{below}/") for suffix in ("", ".gz")]
    whole = folder / archive
    if not whole.is_file() or any((folder / known).is_file() for known in names):
        return find(folder, [*names, archive])
    try:
        member = zipfile.Path(whole, f"{below}/{name}")
    except zipfile.BadZipFile as error:
        raise DataError(f"{whole} is damaged or cut short: {error}. Replace it by a whole one") from error
    if not member.exists():
        raise DataError(f"{whole} must hold {below}/{name}, found no such member. Get the archive anew")
    return member


def read_bytes(path: Path | zipfile.Path) -> bytes:
    """The content of a file, decompressed where its name ends in ``.gz``; a member of a zip archive works too.

    Raises
    ------
    DataError
        If the file cannot be read, is empty, cut short or damaged.
    """
    try:
        content = path.read_bytes()
        whole = gzip.decompress(content) if path.suffix == ".gz" and content else content
    except (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path} is damaged or cut short: expected a whole compressed file, found: {error}. "
            "Replace it by a whole one"
        ) from error
    except OSError as error:
        reason = error.strerror or error
        raise DataError(f"{path} cannot be read: {reason}. Check the path and who may read it") from error
    if not whole:
        raise DataError(f"{path} is empty: expected text, found 0 bytes. Replace it by a whole one")
    return whole


def read_text(path: Path | zipfile.Path) -> str:
    """The text of a UTF-8 file, compressed or not, without a byte order mark.

    Raises
    ------
    DataError
        As :func:`read_bytes`, and if the bytes are not UTF-8: the message names line and byte.
    """
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # After a byte order mark the decoder counts from behind it; a person counts from the start of the file.
        start = error.start + len(content) - len(error.object)
        line = content.count(b"\n", 0, start) + 1
        guess = "UTF-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "another encoding, as Latin-1"
        raise DataError(
            f"{path} must be UTF-8 text, found byte 0x{content[start]:02x} in line {line} (byte {start} of the file): "
            f"it looks like {guess}. Save it as UTF-8"
        ) from error


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file, compressed or not, without their ends.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "sentences.txt"
    >>> _ = path.write_bytes("A dog.\\r\\n\\nTwo\\u2028cats.".encode())
    >>> read_lines(path)
    ['A dog.', '', 'Two\\u2028cats.']
    """
    return [line.removesuffix("\r") for line in read_text(path).removesuffix("\n").split("\n")]


def read_json(path: Path | zipfile.Path, abridge: Callable[[str], str] | None = None) -> Any:
    """The content of a JSON file, compressed or not.

    Parameters
    ----------
    path : path
    abridge : function from str to str, optional
        Leaves out of the text what is large and not needed; what remains must still be JSON.

    Raises
    ------
    DataError
        As :func:`read_text`, and if the text is not JSON: the message names line, column and character.
    """
    text = read_text(path)
    if abridge is not None:
        with contextlib.suppress(json.JSONDecodeError):  # reported below, by its place in the whole text
            return json.loads(abridge(text))
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        ends = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        cut = ": the text ends in the middle, it may have been cut short" if ends else ""
        raise DataError(
            f"{path} must be JSON, found: {error.msg} at line {error.lineno}, column {error.colno} "
            f"(character {error.pos} of {len(text)}){cut}. Replace it by a whole one, or mend it there"
        ) from error

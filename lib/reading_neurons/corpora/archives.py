"""The files of one kind in a folder or a tarball, read into memory; nothing is ever unpacked onto the disk.

Easy to get wrong: trusting an archive. A member may be named ``/etc/passwd`` or ``../../x``, or be a link that leads
there. Nothing here would write to such a place, but whoever made the archive meant harm or made a mistake, and either
way its content is not what it says; it is refused as a whole.
"""

from __future__ import annotations

import lzma
import os
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from reading_neurons.corpora.files import DataError

#: How the names of tarballs end.
ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
#: Bytes of a file; source code that somebody wrote is shorter.
LARGEST = 8 << 20


def is_archive(path: Path) -> bool:
    """Whether a file's name is that of a tarball."""
    return path.name.lower().endswith(ENDINGS)


def contents(path: Path, ending: str) -> tuple[dict[str, bytes], dict[str, int]]:
    """The files with an ending in a folder, below it or in a tarball, and how many were passed over, by reason.

    Parameters
    ----------
    path : path
        A folder, or a tarball with one of :data:`ENDINGS`.
    ending : str
        As ``".c"``.

    Returns
    -------
    dict from str to bytes
        By the name below the folder, or in the archive; in alphabetical order.
    dict from str to int
        Links in a folder, and files larger than :data:`LARGEST`.

    Raises
    ------
    DataError
        If the folder or archive cannot be read, or the archive is damaged or has a member that points outside.
    """
    link, large = "file that is a link", f"file of more than {LARGEST >> 20} MiB"
    found: dict[str, bytes] = {}
    passed_over = {link: 0, large: 0}
    try:
        for name, size, read in _members(path) if is_archive(path) else _below(path):
            if not name.endswith(ending):
                continue
            if size is None:
                passed_over[link] += 1
            elif size > LARGEST:
                passed_over[large] += 1
            else:
                found[name] = read()
    except (tarfile.TarError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise DataError(
            f"{path} is damaged or cut short: expected a whole archive ({', '.join(ENDINGS)}), found: {error}. "
            "Replace it by a whole one"
        ) from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error}. Check the path and who may read it") from error
    return dict(sorted(found.items())), {reason: count for reason, count in passed_over.items() if count}


def _below(folder: Path) -> Iterator[tuple[str, int | None, object]]:
    """Name, size (None of a link) and how to read each file of a folder; links are not followed."""
    for place, _, names in os.walk(folder):
        for name in names:
            file = Path(place) / name
            size = None if file.is_symlink() else file.stat().st_size
            yield file.relative_to(folder).as_posix(), size, file.read_bytes


def _members(path: Path) -> Iterator[tuple[str, int | None, object]]:
    """Name, size and how to read each file of an archive."""
    with tarfile.open(path, "r:*") as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            what = "is a link" if member.issym() or member.islnk() else None
            if name.is_absolute() or "\\" in member.name or ".." in name.parts:
                what = "points outside of the archive's folder"
            elif not (what or member.isfile() or member.isdir()):
                what = "is neither a file nor a folder"
            if what:
                raise DataError(
                    f"{path} is refused: expected files and folders below one folder, and its member {member.name!r} "
                    f"{what}. Get the archive from its publisher, or unpack what you trust and name that folder"
                )
            if member.isfile():
                yield name.as_posix(), member.size, lambda member=member: archive.extractfile(member).read()

"""Files in folders and tarballs: found in every form, refused where an archive points outside."""

import io
import os
import tarfile

import pytest

from reading_neurons.corpora import archives
from reading_neurons.corpora.files import DataError

FILES = {"src/a.c": b"int a;", "src/deep/b.c": b"int b;", "src/c.h": b"int c;"}


def tarball(path, files=FILES, mode="w:gz", extra=()):
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for member in extra:
            archive.addfile(member)
    return path


def member(name, kind=tarfile.REGTYPE, target=""):
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


@pytest.mark.parametrize(
    ("name", "mode"), [("x.tar", "w"), ("x.tar.gz", "w:gz"), ("X.TGZ", "w:gz"), ("x.tar.xz", "w:xz")]
)
def test_every_form_of_a_tarball_reads_alike(tmp_path, name, mode):
    assert archives.contents(tarball(tmp_path / name, mode=mode), ".c") == (
        {"src/a.c": b"int a;", "src/deep/b.c": b"int b;"}, {}
    )  # fmt: skip


def test_a_folder_reads_like_its_tarball(tmp_path):
    (tmp_path / "src" / "deep").mkdir(parents=True)
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    os.symlink("/etc/hostname", tmp_path / "src" / "link.c")
    os.symlink("/etc", tmp_path / "src" / "away")
    found, passed_over = archives.contents(tmp_path, ".c")
    assert found == {"src/a.c": b"int a;", "src/deep/b.c": b"int b;"} and passed_over == {"file that is a link": 1}


def test_a_file_too_large_for_source_code_is_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST", 5)
    assert archives.contents(tarball(tmp_path / "x.tar"), ".c")[0] == {}
    assert sum(archives.contents(tmp_path / "x.tar", ".c")[1].values()) == 2


@pytest.mark.parametrize(
    ("extra", "what"),
    [
        (member("/etc/evil.c"), "points outside"),
        (member("../evil.c"), "points outside"),
        (member("src/../../evil.c"), "points outside"),
        (member("src\\..\\evil.c"), "points outside"),
        (member("src/evil.c", tarfile.SYMTYPE, "/etc/passwd"), "is a link"),
        (member("src/evil.c", tarfile.LNKTYPE, "src/a.c"), "is a link"),
        (member("src/evil", tarfile.FIFOTYPE), "neither a file nor a folder"),
        (member("src/evil", tarfile.CHRTYPE), "neither a file nor a folder"),
    ],
)
def test_an_archive_that_points_outside_is_refused(tmp_path, extra, what):
    path = tarball(tmp_path / "evil.tar.gz", extra=[extra])
    with pytest.raises(
        DataError, match=rf"evil\.tar\.gz is refused: expected files and folders .*{what}.*Get the archive"
    ):
        archives.contents(path, ".c")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["evil.tar.gz"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:60],
        lambda whole: b"no archive",
        lambda whole: b"",
        lambda whole: whole[:40] + b"?" * 20 + whole[60:],
    ],
)
@pytest.mark.parametrize(("name", "mode"), [("x.tar.gz", "w:gz"), ("x.tar.xz", "w:xz"), ("x.tar.bz2", "w:bz2")])
def test_a_damaged_archive_is_named(tmp_path, name, mode, damage):
    path = tarball(tmp_path / name, mode=mode)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=r"x\.tar\.\w+ (is damaged or cut short|cannot be read)"):
        archives.contents(path, ".c")


def test_a_tarball_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="cannot be read: .*No such file"):
        archives.contents(tmp_path / "x.tar", ".c")

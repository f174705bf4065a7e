"""Anyone's C files as a corpus: found, cut, parsed, dealt out by file; what fails is counted and never fatal."""

import os
import tarfile
from pathlib import Path

import pytest

from reading_neurons.corpora import c_source, load
from reading_neurons.corpora.files import DataError

DATA = os.environ.get("READING_NEURONS_DATA", "")
needs_data = pytest.mark.skipif(
    not (Path(DATA) / "linux").is_dir() or not DATA, reason="READING_NEURONS_DATA names no folder with linux/"
)
GOOD = "#include <x.h>\nstatic int f%d(my_t *a) /* x */\n{\n\treturn a->b + %d;\n}\n"
BAD = (
    "int g1(void)\n{\n\tlist_for_each(a, b) {\n\t}\n}\n"
    'int g2(void) { asm volatile("nop" : : ); }\n'
    "int g3(void) { typeof(x) y = 1; }\n"
    "int g4(void) { return list_entry(a, struct b, c); }\n"
    "int g5(void) { UNKNOWN for (;;); }\n"
)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("READING_NEURONS_CACHE", str(tmp_path / "cache"))


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def good(files):
    return {f"sub/{number:02}.c": GOOD % (number, number) * 2 for number in range(files)}


def pack(folder, path):
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder, arcname="code")
    return path


def test_a_folder_and_its_tarball_read_alike(tmp_path):
    folder = write(tmp_path / "code", good(10))
    corpus = load("c_source", folder)
    assert corpus.name == "c_source" and [len(split) for split in corpus.splits] == [16, 2, 2]
    assert corpus.skipped == {} and len(corpus.sources) == 10
    assert corpus.train.texts[0].startswith("static int f") and "/*" not in "".join(corpus.train.texts)
    (tmp_path / "only").mkdir()
    path = pack(folder, tmp_path / "only" / "code.tar.gz")
    for place in (path, path.parent):
        packed = c_source.load(place)
        assert packed.fingerprint == corpus.fingerprint and packed.sources == (path,)
    assert c_source.load(folder, seed=1).fingerprint != corpus.fingerprint == c_source.load(folder).fingerprint


def test_no_file_comes_into_two_splits(tmp_path):
    corpus = c_source.load(write(tmp_path / "code", good(30)))
    names = [{text.split("(")[0] for text in split.texts} for split in corpus.splits]
    assert [len(found) for found in names] == [24, 3, 3]
    assert not (names[0] & names[1] or names[0] & names[2] or names[1] & names[2])


def test_what_fails_is_counted_by_reason(tmp_path):
    files = good(3) | {
        "bad.c": BAD,
        "open.c": "int h(void) {\n\tif (a) {\n}\n",
        "no.c": b"\0int x;",
        "long.c": "int x[] = {" + "1, " * 5000 + "};\nint f(void) { }",
        "x.h": "int f() {}",
    }
    folder = write(tmp_path / "code", files)
    (folder / "link.c").symlink_to("bad.c")
    corpus = c_source.load(folder)
    assert sum(map(len, corpus.splits)) == 6
    assert corpus.skipped == {
        "function with a loop by macro": 1, "function with assembler": 1, "function with typeof": 1,
        "function with a type as argument of a macro": 1, "function with another macro or extension": 1,
        "function with braces that do not balance": 1, "file that is not text": 1, "file that is a link": 1,
        "file with a line of more than 10000 characters": 1,
    }  # fmt: skip


def test_latin_1_is_read(tmp_path):
    text = '/* Gr\u00fc\u00dfe */ int f%d(void) { return g("\u00e9"); }'
    folder = write(tmp_path / "code", {f"{n}.c": (text % n).encode("latin-1") for n in range(3)})
    corpus = c_source.load(folder)
    assert [text[-9:] for split in corpus.splits for text in split.texts] == ['g("\u00e9"); }'] * 3


def test_what_is_parsed_is_kept(tmp_path, monkeypatch):
    folder = write(tmp_path / "code", good(4) | {"bad.c": BAD})
    first = c_source.load(folder)
    monkeypatch.setattr(c_source, "_function", None)
    again = c_source.load(folder)
    assert again.splits == first.splits and again.skipped == first.skipped
    write(folder, {"bad.c": BAD + " "})
    with pytest.raises(TypeError, match="not callable"):
        c_source.load(folder)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "has no C files: expected files .*Name the folder"),
        ({"x.h": "int f(void) { }", "README": "x"}, "has no C files"),
        ({"a.c": "int x;", "b.c": ""}, "at least 3 files with a function that parses, found 0 among 2 files"),
        ({"a.c": GOOD % (1, 1), "b.c": BAD}, "found 1 among 2 files; left out: 1 × function with a loop"),
        ({"a.tar.gz": b"x", "b.tar": b"x"}, "several tarballs, a.tar.gz, b.tar: name the one to read"),
        ({"a.tar.gz": b"x"}, "a.tar.gz (is damaged|cannot be read)"),
    ],
)
def test_a_folder_without_functions_is_named(tmp_path, files, message):
    (tmp_path / "code").mkdir()
    with pytest.raises(DataError, match=message):
        c_source.load(write(tmp_path / "code", files))


def test_a_file_that_is_no_tarball(tmp_path):
    with pytest.raises(DataError, match="a.c must be a folder or a tarball .*found another file"):
        c_source.load(write(tmp_path, {"a.c": "int x;"}) / "a.c")


def test_a_folder_that_is_not_there_and_none_at_all(tmp_path, monkeypatch):
    with pytest.raises(DataError, match="must be an existing folder, found nothing"):
        c_source.load(tmp_path / "no")
    monkeypatch.delenv("READING_NEURONS_DATA", raising=False)
    with pytest.raises(DataError, match="no C files are named: give .*a folder or tarball"):
        c_source.load()


def test_a_tarball_that_points_outside_is_refused(tmp_path):
    with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("../evil.c")
        archive.addfile(member)
    with pytest.raises(DataError, match=r"refused: .*'\.\./evil\.c' points outside"):
        c_source.load(tmp_path / "evil.tar.gz")


@needs_data
def test_the_kernel_is_found_through_the_environment(tmp_path, monkeypatch):
    """The recorded corpus, of which parsing takes a while: here every sixteenth file."""
    read = c_source.archives.contents
    monkeypatch.setattr(
        c_source.archives, "contents", lambda *a: (dict(list(read(*a)[0].items())[::16]), {})
    )  # fmt: skip
    corpus = c_source.load()
    functions, left_out = sum(map(len, corpus.splits)), sum(corpus.skipped.values())
    assert functions > 200 and functions / (functions + left_out) > 0.85
    assert corpus.sources[0].name == "linux-2.6.11-subset.tar.gz"
    assert {"FuncDef", "For", "Switch", "FuncCall", "terminator"} <= set(corpus.train.kinds)
    assert corpus.train.kinds["FuncDef"] == len(corpus.train)

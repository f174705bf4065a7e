"""The Stanford Sentiment Treebank: made-up files for the form, the real ones for the counts."""

import gzip
import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from reading_neurons.corpora import files, load, sst
from reading_neurons.corpora.files import DataError
from reading_neurons.corpora.trees import Tree

DATA = os.environ.get("READING_NEURONS_DATA", "")
needs_data = pytest.mark.skipif(
    not (Path(DATA) / "sst").is_dir() or not DATA, reason="READING_NEURONS_DATA names no folder with sst/"
)
TEXTS = {
    "train.txt": "(3 (2 A) (4 (4 fine) (2 film)))\n(1 (1 Dull) (2 .))\n",
    "dev.txt": "(2 (2 8\u00a01\\/2) (2 women))\n",
    "test.txt": "(0 Bad)\n(2 (2 So) (2 so))\n",
}


def archive(texts=TEXTS, below="trees/"):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in texts.items():
            packed.writestr(below + name, text)
    return content.getvalue()


def write(folder, form):
    """The made-up treebank in one of the forms in which people keep it."""
    if form == "archive":
        (folder / sst.ARCHIVE).write_bytes(archive())
        return folder
    place = folder / "trees" if "below" in form else folder
    place.mkdir(exist_ok=True)
    for name, text in TEXTS.items():
        content = text.encode()
        packed = "gz" in form
        (place / f"{name}{'.gz' * packed}").write_bytes(gzip.compress(content) if packed else content)
    return folder


@pytest.mark.parametrize("form", ["plain", "gz", "below", "gz below", "archive"])
def test_every_form_reads_alike(tmp_path, form):
    corpus = sst.load(write(tmp_path, form))
    assert corpus.name == "sst" and [split.split for split in corpus.splits] == ["train", "validation", "test"]
    found = {name: split.trees for name, split in zip(TEXTS, corpus.splits, strict=True)}
    assert {name: "".join(f"{tree}\n" for tree in trees) for name, trees in found.items()} == TEXTS
    assert corpus.validation.tokens == (("8\u00a01\\/2", "women"),)
    assert corpus.train.weights is None
    assert len(corpus.sources) == (1 if form == "archive" else 3)
    assert all(source.is_file() and source.is_relative_to(tmp_path) for source in corpus.sources)


def test_blank_lines_and_windows_line_ends_do_no_harm(tmp_path):
    write(tmp_path, "plain")
    (tmp_path / "dev.txt").write_bytes(b"(2 a)\r\n\r\n  \n(3 b)")
    assert sst.load(tmp_path).validation.tokens == (("a",), ("b",))


@pytest.mark.parametrize("form", ["plain", "archive"])
def test_a_line_that_is_no_tree_is_named_by_file_line_and_column(tmp_path, form):
    broken = {**TEXTS, "dev.txt": "(2 a)\n\n(2 (3 b) (7 c))\n"}
    if form == "archive":
        (tmp_path / sst.ARCHIVE).write_bytes(archive(broken))
    else:
        for name, text in broken.items():
            (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=r"dev\.txt, line 3, column 11: found the label '7'.*Mend the line"):
        sst.load(tmp_path)


def test_a_file_without_a_tree(tmp_path):
    write(tmp_path, "plain")
    (tmp_path / "test.txt").write_text("\n\n")
    with pytest.raises(DataError, match=r"test\.txt has no tree: expected one in brackets a line"):
        sst.load(tmp_path)


def test_a_missing_file_is_named_with_all_names_tried(tmp_path):
    write(tmp_path, "plain")
    (tmp_path / "dev.txt").unlink()
    with pytest.raises(DataError, match=r"lacks dev\.txt: .*dev\.txt\.gz, trees/dev\.txt, .*PTB\.zip; found test\.txt"):
        sst.load(tmp_path)


@pytest.mark.parametrize("keep", [40, -30, -1])
def test_a_damaged_archive_is_named(tmp_path, keep):
    (tmp_path / sst.ARCHIVE).write_bytes(archive()[:keep])
    with pytest.raises(DataError, match=r"trainDevTestTrees_PTB\.zip is damaged or cut short"):
        sst.load(tmp_path)


def test_without_a_folder_the_archive_is_downloaded_once_and_its_sum_recorded(publisher, cache):
    name = f"sst/{sst.ARCHIVE}"
    publisher.contents = {name: archive()}
    corpus = load("sst")
    assert [len(split) for split in corpus.splits] == [2, 1, 2]
    assert corpus.sources == (cache / "data" / name,)
    assert load("sst").fingerprint == corpus.fingerprint and publisher.requests == [name]
    assert len(json.loads((cache / "data" / "checksums.json").read_text())[name]) == 64
    (cache / "data" / name).write_bytes(archive({**TEXTS, "dev.txt": "(2 other)\n"}))
    with pytest.raises(DataError, match=r"trainDevTestTrees_PTB\.zip is not the expected file"):
        load("sst")


@needs_data
def test_the_real_files():
    corpus = load("sst")
    assert [len(split) for split in corpus.splits] == [8_544, 1_101, 2_210]
    assert sum(1 for _ in corpus.train.phrases()) == 318_582
    assert int((corpus.test.labels != 2).sum()) == 1_821
    assert len({word for words in corpus.train.tokens for word in words}) > 10_000
    for split in corpus.splits:
        for tree, words in zip(split.trees, split.tokens, strict=True):
            assert len(tree.words) == len(words) and tree.constituents[0][:2] == (0, len(words))


@needs_data
def test_every_real_line_survives():
    with_no_break_space = 0
    for name in sst.SPLITS.values():
        for line in files.read_lines(Path(DATA) / "sst" / name):
            tree = Tree.parse(line)
            assert str(tree) == line
            # An independent count: a word stands right before the bracket that closes its leaf.
            assert len(tree.words) == sum(piece != "" for piece in line.split(")"))
            with_no_break_space += any("\u00a0" in word for word in tree.words)
    assert with_no_break_space > 0

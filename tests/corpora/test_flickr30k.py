"""Flickr30k in its Multi30k files: made-up ones for the form, the real ones for the counts."""

import gzip
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reading_neurons.corpora import fetch, flickr30k
from reading_neurons.corpora.files import DataError

IMAGES = {"train": 4, "val": 2, "test_2016": 3}
DATA = os.environ.get("READING_NEURONS_DATA", "")
needs_data = pytest.mark.skipif(
    not (Path(DATA) / "multi30k").is_dir() or not DATA, reason="READING_NEURONS_DATA names no folder with multi30k/"
)


def contents():
    return {
        f"{split}.{n}.en.gz": gzip.compress("".join(f"{split} image {i}, text {n}.\n" for i in range(count)).encode())
        for split, count in IMAGES.items()
        for n in range(1, 6)
    }


@pytest.fixture
def folder(tmp_path):
    for name, content in contents().items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_line_i_of_every_file_describes_image_i(folder):
    corpus = flickr30k.load(folder)
    assert corpus.name == "flickr30k"
    assert corpus.validation.texts[:6] == (*(f"val image 0, text {n}." for n in range(1, 6)), "val image 1, text 1.")
    assert [split.image_ids.tolist() for split in corpus.splits] == [[0, 1, 2, 3], [4, 5], [6, 7, 8]]
    assert np.array_equal(corpus.test.image, np.repeat([0, 1, 2], 5))
    assert sorted(corpus.sources) == sorted(folder.iterdir())
    with pytest.raises(ValueError, match="no scene vectors"):
        corpus.train.targets()


def test_plain_files_read_alike(folder):
    expected = flickr30k.load(folder).fingerprint
    for path in list(folder.iterdir()):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert flickr30k.load(folder).fingerprint == expected


def test_a_caption_without_a_word_does_not_shift_the_others(folder):
    (folder / "val.2.en.gz").write_bytes(gzip.compress(b"\nval image 1, text 2.\n"))
    validation = flickr30k.load(folder).validation
    assert len(validation) == 9
    assert validation.image.tolist() == [0] * 4 + [1] * 5
    assert validation.texts[5] == "val image 1, text 2."


def test_files_of_different_length(folder):
    (folder / "val.3.en.gz").write_bytes(gzip.compress(b"Only one.\n"))
    with pytest.raises(DataError, match=r"val\.1\.en\.gz has 2, .*val\.3\.en\.gz has 1"):
        flickr30k.load(folder)


def test_a_missing_file(folder):
    (folder / "test_2016.4.en.gz").unlink()
    with pytest.raises(DataError, match=r"lacks test_2016\.4\.en\.gz: expected it there .*found test_2016\.1\.en\.gz"):
        flickr30k.load(folder)


def test_a_file_cut_short(folder):
    path = folder / "train.1.en.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(DataError, match=r"train\.1\.en\.gz is damaged or cut short"):
        flickr30k.load(folder)


def test_without_a_folder_the_files_are_downloaded_once(publisher, folder):
    publisher.contents = {f"multi30k/{name}": content for name, content in contents().items()}
    for name, content in publisher.contents.items():
        fetch.SOURCES[name] = replace(fetch.SOURCES[name], sha256=hashlib.sha256(content).hexdigest())
    assert flickr30k.load().fingerprint == flickr30k.load(folder).fingerprint
    flickr30k.load()
    assert sorted(publisher.requests) == sorted(publisher.contents)


@needs_data
def test_the_real_files():
    corpus = flickr30k.load()
    assert [len(split.image_ids) for split in corpus.splits] == [29_000, 1_014, 1_000]
    assert [len(split) for split in corpus.splits] == [145_000, 5_070, 5_000]
    assert all((np.bincount(split.image) == 5).all() for split in corpus.splits)


@needs_data
def test_the_real_files_are_those_of_the_registry():
    for name, source in fetch.SOURCES.items():
        if name.startswith("multi30k/"):
            assert hashlib.sha256((Path(DATA) / name).read_bytes()).hexdigest() == source.sha256, name

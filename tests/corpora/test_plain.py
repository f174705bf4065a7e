"""Anyone's own sentences, and what all real corpora share."""

import gzip
import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reading_neurons.corpora import plain
from reading_neurons.corpora.files import DataError
from reading_neurons.text import tokenize


def write(folder, lines, name="mine.txt"):
    path = folder / name
    path.write_bytes("\n".join(lines).encode())
    return path


def test_captions_without_a_word_are_left_out_and_counted(caplog):
    with caplog.at_level(logging.WARNING):
        found = plain.captions("mine", "train", ["A dog.", "?!", "", "A\tcat. \n"], [5, 6, 6, 4])
    assert found.texts == ("A dog.", "A cat.")
    assert found.image_ids.tolist() == [4, 5] and found.image.tolist() == [1, 0]
    assert "mine, train: left out 2 of 4 captions" in caplog.text


def test_a_split_without_any_word_is_an_error():
    with pytest.raises(DataError, match="mine, test: expected captions with at least one word .* among 2"):
        plain.captions("mine", "test", ["...", "犬"], [0, 1])


def test_shares_order_and_numbers(tmp_path):
    lines = [f"Dog {number}." for number in range(1, 201)]
    corpus = plain.from_text(write(tmp_path, lines))
    assert corpus.name == "mine"
    assert [len(split) for split in corpus.splits] == [180, 10, 10]
    assert [split.split for split in corpus.splits] == ["train", "validation", "test"]
    for split in corpus.splits:
        numbers = split.image_ids[split.image]
        assert (np.diff(numbers) > 0).all()
        assert split.texts == tuple(f"Dog {number}." for number in numbers)
        assert split.scenes is None and split.dimensions == ()


def test_the_seed_decides(tmp_path):
    path = write(tmp_path, [f"Dog {number}." for number in range(100)])
    assert plain.from_text(path, seed=1).fingerprint == plain.from_text(path, seed=1).fingerprint
    assert plain.from_text(path, seed=1).test.texts != plain.from_text(path, seed=2).test.texts


# Line feeds, control characters and all: only what ends a line may end it.
_LINES = st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=12), max_size=40)


@settings(deadline=None)  # files on a busy machine
@given(lines=_LINES, seed=st.integers(0, 9))
def test_the_splits_share_out_the_lines_that_have_a_word(tmp_path_factory, lines, seed):
    readable = {n: " ".join(line.split()) for n, line in enumerate(lines, start=1) if tokenize(line)}
    path = write(tmp_path_factory.mktemp("lines"), lines)
    if len(readable) < 3:
        with pytest.raises(DataError, match=r"mine\.txt"):
            plain.from_text(path, seed)
        return
    splits = plain.from_text(path, seed).splits
    pairs = [(number, text) for split in splits for number, text in zip(split.image_ids[split.image], split.texts)]
    assert len(pairs) == len(readable) and dict(pairs) == readable
    assert all(len(split) for split in splits)


def test_compressed_and_marked_and_windows_files_read_alike(tmp_path):
    lines = [f"Dog {number}." for number in range(30)]
    expected = plain.from_text(write(tmp_path, lines)).fingerprint
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine.txt").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n")
    (tmp_path / "mine.txt.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    assert plain.from_text(tmp_path / "a" / "mine.txt").fingerprint == expected
    assert plain.from_text(tmp_path / "mine.txt.gz").fingerprint == expected


def test_too_few_sentences(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        with pytest.raises(DataError, match=r"mine\.txt must hold at least 3 .* found 2 .* among 3 lines"):
            plain.from_text(write(tmp_path, ["A dog.", "", "...", "A cat."]))
    assert "left out 1 of 3 lines" in caplog.text
    with pytest.raises(DataError, match=r"mine\.txt is empty"):
        plain.from_text(write(tmp_path, []))
    assert [len(split) for split in plain.from_text(write(tmp_path, ["a", "b", "c"])).splits] == [1, 1, 1]


def test_a_file_in_another_encoding_or_none(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes(b"A dog.\nUn caf\xe9.\n")
    with pytest.raises(DataError, match=r"mine\.txt must be UTF-8 text, found byte 0xe9 in line 2"):
        plain.from_text(path)
    with pytest.raises(DataError, match=r"nowhere\.txt cannot be read"):
        plain.from_text(tmp_path / "nowhere.txt")

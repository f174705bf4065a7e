"""Parsed strings come back as they were kept, and nothing is trusted that is damaged."""

import logging

import pytest

from reading_neurons.corpora import kept_strings, tiny_c
from reading_neurons.corpora.strings import ParsedString


def test_strings_come_back_as_they_were(tmp_path):
    strings = (*tiny_c.generate(30).train.strings, ParsedString("é\n\t\u2028", ()))
    kept_strings.keep(tmp_path / "new" / "x.npz", strings, {"too long": 3, "other": 1}, range(len(strings)))
    found, counts, files = kept_strings.kept(tmp_path / "new" / "x.npz")
    assert found == strings and counts == {"too long": 3, "other": 1} and files.tolist() == list(range(25))
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["x.npz"]


def test_nothing_is_kept_where_nothing_is(tmp_path):
    assert kept_strings.kept(tmp_path / "x.npz") is None


@pytest.mark.parametrize("cut", [0, 10, 200])
def test_a_damaged_file_is_not_used(tmp_path, caplog, cut):
    kept_strings.keep(tmp_path / "x.npz", [ParsedString("a" * 500, ())], {}, [0])
    (tmp_path / "x.npz").write_bytes((tmp_path / "x.npz").read_bytes()[:cut])
    with caplog.at_level(logging.WARNING):
        assert kept_strings.kept(tmp_path / "x.npz") is None
    assert "parsed anew" in caplog.text


def test_a_folder_that_cannot_be_written_is_only_logged(tmp_path, caplog):
    (tmp_path / "file").write_text("x")
    with caplog.at_level(logging.WARNING):
        kept_strings.keep(tmp_path / "file" / "x.npz", [ParsedString("a", ())], {}, [0])
    assert "cannot be written" in caplog.text

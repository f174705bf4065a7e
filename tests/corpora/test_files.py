"""Reading data files: whatever is wrong with one, the error names it."""

import gzip
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reading_neurons.corpora import files
from reading_neurons.corpora.files import DataError


def test_the_folder_given_wins_over_the_environment(tmp_path, monkeypatch):
    (tmp_path / "data" / "coco").mkdir(parents=True)
    (tmp_path / "mine").mkdir()
    monkeypatch.setenv("READING_NEURONS_DATA", str(tmp_path / "data"))
    assert files.data_folder("coco", tmp_path / "mine") == tmp_path / "mine"
    assert files.data_folder("coco") == tmp_path / "data" / "coco"
    assert files.data_folder("multi30k") is None
    monkeypatch.setenv("READING_NEURONS_DATA", "")
    assert files.data_folder("coco") is None


def test_a_folder_that_does_not_exist_is_named(tmp_path, monkeypatch):
    with pytest.raises(DataError, match="the folder given, .*nowhere, must be an existing folder, found nothing"):
        files.data_folder("coco", tmp_path / "nowhere")
    (tmp_path / "note.txt").write_text("a note")
    monkeypatch.setenv("READING_NEURONS_DATA", str(tmp_path / "note.txt"))
    with pytest.raises(DataError, match=r"named by READING_NEURONS_DATA, .*note\.txt, .*found a file"):
        files.data_folder("coco")


def test_a_missing_file_lists_the_names_tried_and_what_is_there(tmp_path):
    for number in range(10):
        (tmp_path / f"{number}.txt").write_text("x")
    with pytest.raises(DataError, match=r"lacks a\.txt: .*a\.txt, a\.txt\.gz; found 0\.txt, .*7\.txt and 2 more"):
        files.find(tmp_path, ["a.txt", "a.txt.gz"])


@pytest.mark.parametrize("packed", [False, True])
@settings(deadline=None)  # files on a busy machine
@given(text=st.text(min_size=1))
def test_text_comes_back_as_it_was_written(tmp_path_factory, packed, text):
    content = text.encode()
    path = tmp_path_factory.mktemp("text") / ("a.txt.gz" if packed else "a.txt")
    path.write_bytes(gzip.compress(content) if packed else content)
    assert files.read_text(path) == text.removeprefix("\ufeff")


@settings(deadline=None)  # files on a busy machine
@given(cut=st.integers(min_value=0, max_value=200))
def test_a_gzip_file_cut_anywhere_is_an_error_that_names_it(tmp_path_factory, cut):
    whole = gzip.compress(json.dumps({"captions": [f"A dog number {n}." for n in range(200)]}).encode())
    assert len(whole) > 200
    path = tmp_path_factory.mktemp("cut") / "captions.json.gz"
    path.write_bytes(whole[:cut])
    with pytest.raises(DataError, match=r"captions\.json\.gz is (damaged or cut short|empty)"):
        files.read_json(path)


def test_a_gzip_file_with_a_changed_byte_is_damaged(tmp_path):
    content = bytearray(gzip.compress(b"A dog.\n" * 40))
    content[-6] ^= 1
    path = tmp_path / "a.txt.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"a\.txt\.gz is damaged .*CRC"):
        files.read_text(path)


def test_a_damaged_member_of_an_archive_is_named(tmp_path):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("notes/dog.txt", "A dog.")
    archive.write_bytes(archive.read_bytes().replace(b"A dog.", b"A hog."))
    with pytest.raises(DataError, match=r"a\.zip/notes/dog\.txt is damaged"):
        files.read_text(zipfile.Path(archive, "notes/dog.txt"))


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.txt cannot be read: No such file"):
        files.read_text(tmp_path / "none.txt")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        files.read_text(tmp_path)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_other_encodings_are_named_by_line_and_byte(tmp_path, mark):
    path = tmp_path / "a.txt"
    content = mark + "A dog.\nUn café.\n".encode("latin-1")
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"byte 0xe9 in line 2 \(byte {content.index(0xE9)} of the file\).*Latin-1"):
        files.read_text(path)
    path.write_bytes("A dog.".encode("utf-16"))
    with pytest.raises(DataError, match="line 1 .*UTF-16. Save it as UTF-8"):
        files.read_text(path)


def test_broken_json_is_named_by_position(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a": 1,\n "b": oops}')
    with pytest.raises(DataError, match=r"a\.json must be JSON, .* at line 2, column 7 \(character 15 of 20\)\."):
        files.read_json(path)


def test_an_abridged_text_is_parsed_and_errors_count_in_the_whole(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"long": [1, 2, 3],\n "b": 5}')
    assert files.read_json(path, abridge=lambda text: text.replace("1, 2, 3", "")) == {"long": [], "b": 5}
    path.write_text('{"long": [1, 2, 3],\n "b": oops}')
    with pytest.raises(DataError, match=r"at line 2, column 7 \(character 26 of 31\)"):
        files.read_json(path, abridge=lambda text: text.replace("1, 2, 3", ""))


@settings(deadline=None)  # files on a busy machine
@given(cut=st.integers(min_value=1, max_value=30))
def test_json_cut_anywhere_is_an_error_that_names_it(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("cut") / "a.json"
    path.write_text(json.dumps({"images": [{"id": 1}, {"id": 2}]})[:cut])
    with pytest.raises(DataError, match=r"a\.json must be JSON, found: .*character \d+ of \d+"):
        files.read_json(path)


def packed(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)


@pytest.mark.parametrize("place", ["a.txt", "a.txt.gz", "notes/a.txt", "notes/a.txt.gz", "all.zip"])
def test_a_published_file_is_found_in_every_form(tmp_path, place):
    (tmp_path / "notes").mkdir()
    if place == "all.zip":
        packed(tmp_path / place, {"notes/a.txt": "A dog."})
    else:
        (tmp_path / place).write_bytes(gzip.compress(b"A dog.") if place.endswith("gz") else b"A dog.")
    found = files.find_published(tmp_path, "a.txt", "notes", "all.zip")
    assert files.read_text(found) == "A dog."


def test_a_file_beside_the_archive_wins(tmp_path):
    packed(tmp_path / "all.zip", {"notes/a.txt": "packed", "notes/b.txt": "packed"})
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("plain")
    texts = [files.read_text(files.find_published(tmp_path, name, "notes", "all.zip")) for name in ("a.txt", "b.txt")]
    assert texts == ["plain", "packed"]


def test_a_published_file_that_is_nowhere_is_named_with_all_names_tried(tmp_path):
    with pytest.raises(DataError, match=r"lacks a\.txt: .* a\.txt\.gz, notes/a\.txt, notes/a\.txt\.gz, all\.zip;"):
        files.find_published(tmp_path, "a.txt", "notes", "all.zip")
    packed(tmp_path / "all.zip", {"a.txt": "in the wrong place"})
    with pytest.raises(DataError, match=r"all\.zip must hold notes/a\.txt, found no such member"):
        files.find_published(tmp_path, "a.txt", "notes", "all.zip")


def test_a_damaged_archive_is_named(tmp_path):
    packed(tmp_path / "all.zip", {"notes/a.txt": "A dog."})
    whole = (tmp_path / "all.zip").read_bytes()
    (tmp_path / "all.zip").write_bytes(whole[:-5])
    with pytest.raises(DataError, match=r"all\.zip is damaged or cut short"):
        files.find_published(tmp_path, "a.txt", "notes", "all.zip")

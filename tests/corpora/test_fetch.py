"""Downloads, against a publisher on this machine: what arrives is verified, and nothing half-written stays."""

import gzip
import hashlib
import io
import json
import logging
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pooch
import pytest

from reading_neurons.corpora import fetch
from reading_neurons.corpora.fetch import Source
from reading_neurons.corpora.files import DataError

KNOWN, UNKNOWN = "toy/known.txt", "toy/unknown.zip"
TEXT = b"A dog runs.\n" * 20_000  # some chunks long, so that a fault can strike in the middle


def archive(text=TEXT):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr(zipfile.ZipInfo("dogs.txt"), text)  # of a fixed date, so that it is the same at every call
    return content.getvalue()


@pytest.fixture
def toys(publisher):
    """A publisher of a file whose checksum is known and of an archive whose checksum is not."""
    publisher.contents = {KNOWN: TEXT, UNKNOWN: archive()}
    fetch.SOURCES[KNOWN] = Source(publisher.url + KNOWN, "none", hashlib.sha256(TEXT).hexdigest())
    fetch.SOURCES[UNKNOWN] = Source(publisher.url + UNKNOWN, "none")
    return publisher


def cached(cache):
    """Every file and folder in the cache, whatever its name."""
    return sorted(str(path.relative_to(cache / "data")) for path in cache.rglob("*") if path.parent != cache)


def test_a_file_is_downloaded_once(toys, cache):
    path = fetch.file(KNOWN)
    assert path == cache / "data" / KNOWN and path.read_bytes() == TEXT
    assert fetch.file(KNOWN) == path
    assert toys.requests == [KNOWN]
    assert cached(cache) == ["toy", KNOWN]


def test_a_publisher_that_does_not_say_how_long_a_file_is(toys, monkeypatch):
    class Lengthless(dict):
        def get(self, key, default=None):
            return default if key == "content-length" else super().get(key, default)

    import requests

    plain_get = requests.get

    def get(*args, **kwargs):
        response = plain_get(*args, **kwargs)
        response.headers = Lengthless(response.headers)
        return response

    monkeypatch.setattr(requests, "get", get)
    assert fetch.file(KNOWN).read_bytes() == TEXT


@pytest.mark.parametrize("fault", ["truncate", "drop", 503])
def test_a_passing_fault_is_tried_again(toys, cache, fault, caplog):
    toys.faults[KNOWN] = [fault, fault]
    with caplog.at_level(logging.WARNING):
        assert fetch.file(KNOWN).read_bytes() == TEXT
    assert toys.requests == [KNOWN] * 3
    assert caplog.text.count("trying again") == 2
    assert cached(cache) == ["toy", KNOWN]


@pytest.mark.parametrize("name", [KNOWN, UNKNOWN])
@pytest.mark.parametrize("fault", ["truncate", "drop", 503])
def test_a_lasting_fault_is_an_error_that_says_what_to_do(toys, cache, fault, name):
    toys.faults[name] = [fault] * 3
    with pytest.raises(DataError) as caught:
        fetch.file(name)
    message = str(caught.value)
    assert Path(name).name in message and toys.url + name in message and str(cache / "data" / name) in message
    assert "READING_NEURONS_DATA" in message
    assert cached(cache) == ["toy"]
    assert fetch.file(name).read_bytes() == toys.contents[name]


def test_a_file_that_is_not_there_is_not_tried_again(toys, cache):
    del toys.contents[KNOWN]
    with pytest.raises(DataError, match=r"known\.txt could not be downloaded from http://127.*404 .*or get the file"):
        fetch.file(KNOWN)
    assert toys.requests == [KNOWN]
    assert cached(cache) == ["toy"]


def test_a_refused_connection(cache, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/"
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setitem(fetch.SOURCES, KNOWN, Source(address, "none"))
        with pytest.raises(DataError, match="could not be downloaded .*refused.* Check the connection"):
            fetch.file(KNOWN)
    assert cached(cache) == ["toy"]


def test_a_wrong_checksum_names_both(toys, cache):
    toys.contents[KNOWN] = b"<html>Please log in</html>"
    with pytest.raises(DataError) as caught:
        fetch.file(KNOWN)
    message = str(caught.value)
    assert f"found 26 bytes with sha256 {hashlib.sha256(toys.contents[KNOWN]).hexdigest()}" in message
    assert f"expected sha256 {fetch.SOURCES[KNOWN].sha256}" in message
    assert toys.url + KNOWN in message and "checksums.json" not in message
    assert cached(cache) == ["toy"]


def test_a_damaged_file_in_the_cache_is_named_and_kept(toys, cache):
    path = fetch.file(KNOWN)
    path.write_bytes(TEXT[:1000])
    with pytest.raises(DataError, match=r"toy/known\.txt is not the expected file: found 1000 bytes.* Delete it,"):
        fetch.file(KNOWN)
    assert path.read_bytes() == TEXT[:1000] and toys.requests == [KNOWN]
    path.unlink()
    assert fetch.file(KNOWN).read_bytes() == TEXT


def test_the_first_download_is_recorded_and_later_verified(toys, cache):
    path = fetch.file(UNKNOWN)
    record = json.loads((cache / "data" / "checksums.json").read_text())
    assert record == {UNKNOWN: hashlib.sha256(archive()).hexdigest()}
    path.unlink()
    toys.contents[UNKNOWN] = archive(b"Another text.")
    with pytest.raises(DataError, match=rf"sha256 {record[UNKNOWN]}.*delete unknown\.zip from .*checksums\.json"):
        fetch.file(UNKNOWN)
    assert not path.exists()
    toys.contents[UNKNOWN] = archive()
    assert fetch.file(UNKNOWN) == path
    assert cached(cache) == ["checksums.json", "toy", UNKNOWN]
    path.write_bytes(archive(b"Another text."))
    with pytest.raises(DataError, match="is not the expected file"):
        fetch.file(UNKNOWN)


def test_records_of_other_files_are_kept(toys, cache):
    other = "toy/other.zip"
    toys.contents[other] = archive(b"Other.")
    fetch.SOURCES[other] = Source(toys.url + other, "none")
    fetch.file(UNKNOWN), fetch.file(other)
    assert set(json.loads((cache / "data" / "checksums.json").read_text())) == {UNKNOWN, other}


def test_a_file_put_into_the_cache_by_hand_is_tested_and_recorded(toys, cache):
    path = cache / "data" / UNKNOWN
    path.parent.mkdir(parents=True)
    path.write_bytes(archive()[:-30])
    with pytest.raises(DataError, match=r"unknown\.zip is damaged or cut short"):
        fetch.file(UNKNOWN)
    path.write_bytes(archive())
    assert fetch.file(UNKNOWN) == path
    assert toys.requests == [] and UNKNOWN in (cache / "data" / "checksums.json").read_text()


@pytest.mark.parametrize("name", [UNKNOWN, "toy/unknown.gz"])
@pytest.mark.parametrize("damage", ["cut", "changed", "page"])
def test_an_archive_that_arrives_damaged_is_refused(toys, cache, name, damage):
    whole = archive() if name == UNKNOWN else gzip.compress(TEXT)
    changed = whole.replace(b"A dog", b"A hog", 1) if name == UNKNOWN else whole[:-8] + bytes(4) + whole[-4:]
    toys.contents[name] = {"cut": whole[:-20], "changed": changed, "page": b"<html>Please log in</html>"}[damage]
    fetch.SOURCES[name] = Source(toys.url + name, "none")
    with pytest.raises(DataError, match=rf"{Path(name).name} from http.* is damaged or cut short.*found \d+ bytes"):
        fetch.file(name)
    assert cached(cache) == ["toy"]


def test_an_interruption_leaves_the_cache_as_it_was(toys, cache, monkeypatch):
    class Interrupted(pooch.HTTPDownloader):
        def __call__(self, url, output_file, _):
            Path(output_file).write_bytes(TEXT[:1000])
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pooch, "HTTPDownloader", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            fetch.file(KNOWN)
    assert cached(cache) == ["toy"]
    assert fetch.file(KNOWN).read_bytes() == TEXT


def test_a_process_killed_in_the_middle_leaves_no_file(toys, cache):
    toys.faults[KNOWN] = ["stall"]
    script = (
        "from reading_neurons.corpora import fetch\n"
        f"fetch.SOURCES[{KNOWN!r}] = fetch.Source({toys.url + KNOWN!r}, 'none', {fetch.SOURCES[KNOWN].sha256!r})\n"
        f"fetch.file({KNOWN!r})\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    try:
        assert toys.stalled.wait(60)
    finally:
        process.kill()
    assert process.wait() == -signal.SIGKILL
    assert not (cache / "data" / KNOWN).exists()
    assert fetch.file(KNOWN).read_bytes() == TEXT


def test_a_cache_that_cannot_be_written(toys, tmp_path, monkeypatch):
    (tmp_path / "note").write_text("a file where a folder should be")
    monkeypatch.setenv(fetch.CACHE_VARIABLE, str(tmp_path / "note"))
    with pytest.raises(DataError, match="cannot be written: .*name a folder you may write to in READING_NEURONS_CACHE"):
        fetch.file(KNOWN)


def test_an_unknown_name_lists_those_of_the_family():
    with pytest.raises(ValueError, match=r"is known for 'multi30k/val\.6\.en\.gz'; .*multi30k/val\.1\.en\.gz"):
        fetch.file("multi30k/val.6.en.gz")


def test_the_cache_folder_is_the_systems_unless_named(monkeypatch):
    monkeypatch.delenv(fetch.CACHE_VARIABLE, raising=False)
    assert fetch.cache_folder() == Path(pooch.os_cache("reading-neurons"))
    monkeypatch.setenv(fetch.CACHE_VARIABLE, "~/elsewhere")
    assert fetch.cache_folder() == Path.home() / "elsewhere"


def test_every_source_has_an_address_and_a_licence():
    for name, source in fetch.SOURCES.items():
        assert source.url.endswith(name.split("/")[1]) and source.licence
        assert source.sha256 is None or len(source.sha256) == 64

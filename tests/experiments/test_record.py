"""Records: written whole or not at all, read back as they were, and the recorded ones still true to their sources."""

import hashlib
import json
import math
import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reading_neurons.experiments import EXPERIMENTS, record
from reading_neurons.experiments.panel import GENERATED
from reading_neurons.experiments.record import Claim, Record, provenance, read

REPOSITORY = Path(__file__).parents[2]
RESULTS = sorted((REPOSITORY / "book" / "results").glob("*.json"))
each_result = pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)


def git(*arguments):
    return subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)


@pytest.fixture
def repository():
    """Skip where the source is not a whole git repository of its own."""
    if git("rev-parse", "--show-toplevel").stdout.strip() != str(REPOSITORY.resolve()):
        pytest.skip("the source is not in a git repository")
    if git("rev-parse", "--is-shallow-repository").stdout.strip() != "false":
        pytest.skip("the git repository is shallow: old commits are not in it")


def tiny(**changes):
    given = {
        "experiment": "tiny",
        "corpus": "scenes",
        "figures": {"words": 12, "cosine": 0.25, "undefined": math.nan},
        "tables": {
            "labels": pd.DataFrame(
                {"label": ["NN", "naïve", None], "count": [3, 2, 1], "median": [0.5, math.nan, -2.0]}
            ),
            "unknown": pd.DataFrame({"low": [math.nan, math.nan], "seen": [True, False]}),
            "nothing": pd.DataFrame({"rank": [], "captions": []}),
        },
        "claims": [
            Claim("nouns count", "above 0", 0.5, (0.25, 0.75), True),
            Claim("particles count", "below 0", math.nan, (math.nan, math.nan), None),
        ],
        "provenance": {"command": "python", "seed": 0, "network": {"imaginet": {"key": "k", "weights": "w"}}},
    }
    return Record(**{**given, **changes})


def assert_equal(found, expected):
    assert (found.experiment, found.corpus, found.provenance) == (
        expected.experiment,
        expected.corpus,
        expected.provenance,
    )
    assert found.figures == pytest.approx(expected.figures, rel=1e-5, nan_ok=True)
    assert found.tables.keys() == expected.tables.keys()
    for name, table in expected.tables.items():
        pd.testing.assert_frame_equal(found.tables[name], table, check_dtype=len(table) > 0)
    assert len(found.claims) == len(expected.claims)
    for one, other in zip(found.claims, expected.claims, strict=True):
        assert (one.claim, one.paper, one.holds) == (other.claim, other.paper, other.holds)
        assert (one.here, *one.interval) == pytest.approx((other.here, *other.interval), rel=1e-5, nan_ok=True)


def test_a_record_comes_back_as_it_was(tmp_path):
    path = tiny().write(tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "tiny-scenes.json"
    assert_equal(read(path), tiny())
    assert_equal(read(str(path)), tiny())


def test_what_is_not_a_number_is_null_in_the_file(tmp_path):
    text = tiny(figures={"nan": math.nan, "infinite": math.inf}).write(tmp_path).read_text(encoding="utf8")
    assert "NaN" not in text and "Infinity" not in text
    content = json.loads(text, parse_constant=pytest.fail)
    assert content["figures"] == {"nan": None, "infinite": None}
    assert content["claims"][1]["interval"] == [None, None]
    assert content["tables"]["labels"]["median"] == [0.5, None, -2.0]


def test_numbers_keep_six_digits_and_counts_all(tmp_path):
    figures = {"third": np.float64(1) / 3, "tiny": 1.23456789e-9, "count": np.int64(123456789), "whole": 2.0}
    assert read(tiny(figures=figures).write(tmp_path)).figures == {
        "third": 0.333333,
        "tiny": 1.23457e-9,
        "count": 123456789,
        "whole": 2.0,
    }


def test_the_same_record_is_the_same_bytes(tmp_path):
    first = tiny().write(tmp_path / "a").read_bytes()
    assert tiny().write(tmp_path / "b").read_bytes() == first
    assert read(tmp_path / "a" / "tiny-scenes.json").write(tmp_path / "c").read_bytes() == first


def test_a_column_and_a_claim_are_lines_of_their_own(tmp_path):
    lines = tiny().write(tmp_path).read_text(encoding="utf8").splitlines()
    assert sum('"claim": "nouns count"' in line for line in lines) == 1
    assert [line.strip() for line in lines if '"label"' in line] == ['"label": ["NN", "naïve", null],']


def test_what_cannot_be_written_leaves_the_old_record_and_nothing_else(tmp_path, monkeypatch):
    path = tiny().write(tmp_path)
    before = path.read_bytes()
    with pytest.raises(TypeError, match="not JSON serializable"):
        tiny(figures={"odd": object()}).write(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(record.os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk gone")))
        with pytest.raises(OSError, match="disk gone"):
            tiny(figures={"words": 13}).write(tmp_path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_record_that_is_not_there_names_the_command(tmp_path):
    with pytest.raises(FileNotFoundError, match="reading_neurons reproduce omission --corpus coco"):
        read(tmp_path / "omission-coco.json")


def test_claims_as_a_table():
    table = tiny().claim_table()
    assert list(table) == ["claim", "paper", "here", "interval", "holds"]
    assert table["claim"].tolist() == ["nouns count", "particles count"]


# Provenance


def test_provenance_names_files_by_their_content(tmp_path):
    files = {"b.json": b"two", "a.json.gz": b"one"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    found = provenance("python -m x", 7, [tmp_path / name for name in files], {"n": {"key": "k"}}, 12.6)
    assert found["data"] == {name: hashlib.sha256(files[name]).hexdigest() for name in ("a.json.gz", "b.json")}
    assert (found["command"], found["seed"], found["seconds"]) == ("python -m x", 7, 13)
    assert found["network"] == {"n": {"key": "k"}}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["date"])
    assert {"python", "torch", "numpy", "reading-neurons"} <= found["versions"].keys()
    assert json.loads(json.dumps(found)) == found


def test_the_commit_is_in_the_repository(repository):
    commit = provenance("", 0, [], {}, 0)["commit"]
    assert git("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0


@pytest.mark.parametrize("variable", ["GIT_DIR", "PATH"], ids=["no repository", "no git"])
def test_no_commit_outside_a_repository(tmp_path, monkeypatch, variable):
    monkeypatch.setenv(variable, str(tmp_path / "none"))
    assert provenance("", 0, [], {}, 0)["commit"] is None


# What is recorded


@each_result
def test_a_recorded_result_is_named_as_it_says(path):
    found = read(path)
    assert found.name == path.stem
    assert found.experiment in EXPERIMENTS
    command = f"python -m reading_neurons reproduce {found.experiment} --corpus {found.corpus}"
    assert found.provenance["command"].split(" --seed")[0] == command, "only the whole run of the command is recorded"
    assert found.claims and found.tables and found.figures


@each_result
def test_a_recorded_result_is_as_its_writer_wrote_it(path, tmp_path):
    again = read(path).write(tmp_path).read_bytes()
    assert again == path.read_bytes(), "edited by hand, or written by an older library"


@each_result
def test_the_commit_of_a_recorded_result_exists(path, repository):
    commit = read(path).provenance["commit"]
    assert commit and git("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0


@each_result
def test_the_data_of_a_recorded_result_is_the_data_here(path):
    found = read(path)
    if found.corpus not in GENERATED:
        assert found.provenance["data"], "a real corpus was read from files"
    if not (root := os.environ.get("READING_NEURONS_DATA")):
        pytest.skip("READING_NEURONS_DATA is not set: there is no data to compare with")
    for name, recorded in found.provenance["data"].items():
        here = list(Path(root).rglob(name))
        assert recorded in map(record.sha256, here), f"{name} is another file here, or none"


@pytest.mark.skipif(not RESULTS, reason="nothing is recorded yet")
def test_all_results_of_one_corpus_come_from_the_same_networks():
    known = {}
    for path in RESULTS:
        found = read(path)
        assert found.provenance["network"]
        for name, identity in found.provenance["network"].items():
            assert {"key", "weights"} <= identity.keys()
            assert known.setdefault((found.corpus, name), identity) == identity, path.name

"""What is measured of a build."""

import sqlite3

import pytest

from reading_neurons.teaching.sizes import chapter_seconds, measure, size, table


@pytest.fixture
def built(tmp_path):
    """A checkout where everything was made, with two pages that ran."""
    for path in (".venv/a", "_build/html/index.html", "dist/reading-neurons.zip", "dist/notebooks/learner/x", "dist/wheels/w"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * 1000)
    cache = tmp_path / "_build" / ".jupyter_cache" / "abc"
    cache.mkdir(parents=True)
    with sqlite3.connect(cache / "global.db") as database:
        database.execute("create table nbcache (uri text, data text)")
        rows = [("/x/book/heat.md", '{"execution_seconds": 20.2}'), ("/x/book/cold.md", '{"execution_seconds": 5.1}')]
        database.executemany("insert into nbcache values (?, ?)", rows)
    return tmp_path


def test_sizes_and_seconds_are_those_of_the_build(built):
    found = measure(built, [(100, 60.0), (50, 30.4)])
    assert found["bytes"] == {"networks": 150, "packages": 1000, "book": 1000, "zip": 1000, "notebooks": 1000, "wheels": 1000}
    assert (found["training"], found["chapters"], found["pages"]) == (90, 25, 2)
    assert found["slowest"] == ["heat", 20]
    assert table(found)["what"].str.contains("zipped").sum() == 1


def test_a_part_that_was_not_made_is_named_with_its_command(built):
    (built / "dist" / "reading-neurons.zip").unlink()
    with pytest.raises(FileNotFoundError, match="found no dist/reading-neurons.zip, which make offline makes"):
        measure(built, [(1, 1.0)])


def test_a_build_in_which_nothing_ran_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="run make book"):
        chapter_seconds(tmp_path)


def test_links_are_not_followed(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "b").symlink_to(tmp_path / "a")
    assert size(tmp_path / "a") == 5
    assert size(tmp_path / "folder") != 5

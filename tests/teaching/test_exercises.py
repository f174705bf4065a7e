"""Exercises, read from their chapters."""

import pandas as pd
import pytest

from reading_neurons.display import BOOK_VARIABLE
from reading_neurons.teaching.exercises import IMPORTANCES, by_importance, exercises, exercises_of, linked

PAGE = """# Heat: how warm?

```{code-cell} python
# Not a title
```

````{exercise} Twice
:label: heat-twice
*Easy, 5 minutes, core.* Do it
twice.
````

````{exercise} Thrice
:label: heat-thrice
*Hard, 15 minutes, extra.* And again.
````
"""


@pytest.fixture
def book(tmp_path):
    (tmp_path / "book").mkdir()
    for name in ("first", "second"):
        (tmp_path / "book" / f"{name}.md").write_text(PAGE.replace("heat-", f"{name}-"), encoding="utf-8")
    toc = "parts:\n  - chapters:\n      - file: second\n      - file: first\n"
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    return tmp_path / "book"


def test_every_part_of_an_exercise_is_read():
    first, second = exercises_of(PAGE, "heat")
    assert first == {
        "page": "heat", "chapter": "Heat: how warm?", "label": "heat-twice", "title": "Twice", "difficulty": "easy",
        "minutes": 5, "importance": "core", "task": "Do it twice.",
    }  # fmt: skip
    assert (second["difficulty"], second["minutes"], second["importance"]) == ("hard", 15, "extra")


def test_pages_stand_in_the_order_of_the_table_of_contents(book):
    assert exercises(book)["label"].tolist() == ["second-twice", "second-thrice", "first-twice", "first-thrice"]


def test_a_folder_without_a_table_of_contents_says_what_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match="_toc.yml beside"):
        exercises(tmp_path / "book")


@pytest.mark.parametrize("mark", ["*Easy, 5 minutes.*", "*easy, 5 minutes, core.*", "*Easy, 5 min, core.*", "Do it."])
def test_an_exercise_without_its_mark_is_refused(mark):
    broken = PAGE.replace("*Easy, 5 minutes, core.*", mark)
    with pytest.raises(ValueError, match=r"heat: the exercise 'Twice' begins with .* expected .*\*Easy, 5 minutes, core"):
        exercises_of(broken, "heat")


@pytest.mark.parametrize("part", [" Twice", ":label: heat-twice\n"])
def test_an_exercise_that_cannot_be_linked_to_is_refused(part):
    with pytest.raises(ValueError, match="needs a title and a :label:"):
        exercises_of(PAGE.replace(part, "", 1), "heat")


def test_what_matters_most_comes_first_and_time_runs_on():
    rows = [("a", "useful", 10), ("b", "core", 5), ("c", "extra", 5), ("d", "core", 15), ("e", "useful", 5)]
    found = by_importance(pd.DataFrame(rows, columns=["label", "importance", "minutes"]))
    assert "".join(found["label"]) == "bdaec"
    assert found["start"].tolist() == [0, 5, 20, 30, 35] and found["end"].tolist() == [5, 20, 30, 35, 40]
    assert [IMPORTANCES.index(name) for name in found["importance"]] == [0, 0, 1, 1, 2]


def test_addresses_lead_to_pages_in_the_book_and_to_sources_beside_a_kernel(monkeypatch):
    table = pd.DataFrame({"page": ["omission", ""], "place": ["the-picture", ""], "label": ["x", "y"]})
    monkeypatch.setenv(BOOK_VARIABLE, "1")
    assert linked(table)["address"].tolist() == ["omission.html#the-picture", ""]
    monkeypatch.delenv(BOOK_VARIABLE)
    assert linked(table)["address"].tolist() == ["omission.md#the-picture", ""]
    assert linked(table.drop(columns="place"), ".html")["address"][0] == "omission.html#x"

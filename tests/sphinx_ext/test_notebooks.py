"""Notebooks for learners and for teachers, from one source."""

import nbformat
import pytest

from reading_neurons.myst import blocks
from reading_neurons.sphinx_ext.notebooks import ANSWER, notebook, plain, write_all

HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

"""
CHAPTER = (
    HEADER
    + """# Heat

(a-label)=
See [the page](plain.md) and [this chapter](heat.md#sums), {cite:t}`kadar2017`, {func}`~reading_neurons.text.tokenize`.

```{code-cell} python
:tags: [hide-input]

21 * 2
```

````{exercise} Double it
:label: double

Use this:

```python
{math}`stays as it is`
```
````

```{solution-start} double
:class: dropdown
```

Multiply.

```{code-cell} python
secret = 84
```

```{solution-end}
```

After.

```{exercise}
:label: think

Think.
```

```{solution} think
:class: dropdown
A thought.
```
"""
)


@pytest.fixture
def book(tmp_path):
    folder = tmp_path / "book"
    (folder / "results").mkdir(parents=True)
    (folder / "heat.md").write_text(CHAPTER, encoding="utf-8")
    (folder / "plain.md").write_text("# No cells\n", encoding="utf-8")
    (folder / "results" / "omission.json").write_text("{}", encoding="utf-8")
    return folder


def sources(book, solutions):
    return [(cell.cell_type, cell.source) for cell in notebook(book / "heat.md", solutions).cells]


def test_a_learner_gets_an_empty_cell_for_each_solution_and_no_trace_of_it(book):
    cells = sources(book, solutions=False)
    text = "\n".join(source for _, source in cells)
    assert cells.count(("code", ANSWER)) == 2
    for trace in ("secret", "Multiply", "A thought", "olution"):
        assert trace not in text
    assert "After." in text and "Think." in text


def test_a_teacher_gets_the_solutions(book):
    cells = sources(book, solutions=True)
    assert ("code", "secret = 84") in cells
    text = "\n".join(source for _, source in cells)
    assert text.count("**Solution**") == 2 and "Multiply." in text and "A thought." in text
    assert ANSWER not in text


@pytest.mark.parametrize("solutions", [False, True])
def test_nothing_is_left_that_only_the_books_tools_understand(book, solutions):
    text = "\n".join(source for _, source in sources(book, solutions))
    outside = text.replace("```python\n{math}`stays as it is`\n```", "")
    assert outside != text, "code inside an exercise must stay as it is"
    assert "{" not in outside and "(a-label)=" not in outside and ":label:" not in outside
    assert "the page and [this chapter](heat.ipynb#sums), [kadar2017], `tokenize`" in text


def test_an_input_hidden_in_the_book_is_folded_in_the_notebook(book):
    cells = notebook(book / "heat.md", solutions=True).cells
    assert [cell.metadata.get("jupyter") for cell in cells if cell.source == "21 * 2"] == [{"source_hidden": True}]


def test_notebooks_are_valid_the_same_each_time_and_beside_what_they_read(book, tmp_path):
    first = write_all(book, tmp_path / "one")
    second = write_all(book, tmp_path / "two")
    names = [path.relative_to(tmp_path / "one").as_posix() for path in first]
    assert names == ["learner/heat.ipynb", "teacher/heat.ipynb"]
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes()
        nbformat.validate(nbformat.read(one, as_version=4))
        assert (one.parent / "results" / "omission.json").exists()


def test_writing_again_leaves_no_notebook_of_a_chapter_that_is_gone(book, tmp_path):
    write_all(book, tmp_path / "out")
    (book / "heat.md").unlink()
    write_all(book, tmp_path / "out")
    assert list((tmp_path / "out").rglob("*.ipynb")) == []


def test_a_solution_that_does_not_end_is_an_error_that_names_the_file(book):
    broken = (book / "heat.md").read_text(encoding="utf-8").replace("```{solution-end}\n```", "")
    (book / "heat.md").write_text(broken, encoding="utf-8")
    with pytest.raises(ValueError, match=r"heat\.md.*solution-end"):
        notebook(book / "heat.md", solutions=False)


@pytest.mark.parametrize("cell", ["secret + 1", "def f():\n    return [secret for _ in 'ab']", "secret += 1"])
def test_a_learners_notebook_that_needs_a_solution_is_refused_before_anything_is_written(book, tmp_path, cell):
    needy = CHAPTER.replace("After.\n", f"After.\n\n```{{code-cell}} python\n{cell}\n```\n")
    (book / "needy.md").write_text(needy, encoding="utf-8")
    notebook(book / "needy.md", solutions=True)
    with pytest.raises(ValueError, match=r"needy\.md: without its solutions .* needs 'secret'.* bind it outside"):
        write_all(book, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_a_learner_does_not_get_may_need_what_it_binds(book):
    own = CHAPTER.replace("secret = 84", "secret = 84\nsecret += len([secret])")
    (book / "heat.md").write_text(own, encoding="utf-8")
    assert not any("secret" in source for _, source in sources(book, solutions=False))


def test_a_block_inside_another_is_quoted_twice():
    (note,) = blocks(":::{note}\n```{tip}\ninner\n```\n:::")
    assert plain(note) == "> **Note**\n>\n> > **Tip**\n> >\n> > inner"


def test_a_teacher_gets_the_answer_to_expect_before_the_solution_and_a_learner_no_trace_of_it(book, tmp_path):
    plans = '[answers.double]\nexpected = "Eighty-four."\nwrong = "Forty-two."\nreveals = "Not doubled."\n'
    (book / "plans.toml").write_text(plans, encoding="utf-8")
    (book / "teaching.md").write_text(CHAPTER.replace("21 * 2", '"for the desk"'), encoding="utf-8")
    written = write_all(book, tmp_path / "out")
    assert sorted(path.relative_to(tmp_path / "out").as_posix() for path in written) == ["learner/heat.ipynb", "teacher/heat.ipynb"]
    learner, teacher = (path.read_text(encoding="utf-8") for path in written)
    assert teacher.index("Eighty-four.") < teacher.index("Multiply.") and "Forty-two." in teacher
    everything = [path for path in (tmp_path / "out" / "learner").rglob("*") if path.is_file()]
    assert len(everything) > 1
    for path in everything:
        assert "Eighty-four." not in path.read_text(encoding="utf-8")


def test_a_plain_markdown_page_is_not_a_chapter(book):
    (book / "plain.md").write_text("# No cells\n\n::::{grid} 1 2\n:::{card}\nkernelspec: {}\n:::\n::::\n", encoding="utf-8")
    assert [path.name for path in write_all(book, book.parent / "out")] == ["heat.ipynb", "heat.ipynb"]

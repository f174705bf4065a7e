"""The buttons over a page: each where there is something to lead to."""

from types import SimpleNamespace

import nbformat
import pytest

from reading_neurons.sphinx_ext import buttons

CHAPTER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A chapter

```{code-cell} python
1 + 1
```
"""


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    for name in ("READING_NEURONS_REPOSITORY", "READING_NEURONS_BRANCH", "READING_NEURONS_SITE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def repository(monkeypatch):
    monkeypatch.setenv("READING_NEURONS_REPOSITORY", "https://github.com/someone/neurons")


@pytest.fixture
def app(tmp_path):
    (tmp_path / "heat.md").write_text(CHAPTER, encoding="utf-8")
    (tmp_path / "plain.md").write_text("# No cells\n", encoding="utf-8")
    metadata = {"heat": {"kernelspec": {}}, "plain": {}}
    pages = SimpleNamespace(found_docs=set(metadata), metadata=metadata, doc2path=lambda page: tmp_path / f"{page}.md")
    builder = SimpleNamespace(format="html")
    return SimpleNamespace(env=pages, outdir=tmp_path / "html", builder=builder, add_js_file=lambda *_, **__: None)


def labels(app, page):
    def seen(given):
        return [button["label"] for one in given for button in (one, *one.get("buttons", []))]

    downloads = {"type": "group", "label": "download-buttons", "buttons": [{"label": "download-source-button"}]}
    context = {"header_buttons": [downloads], "pathto": lambda path, _: f"../{path}"}
    buttons._add_buttons(app, page, "page.html", context, None)
    return seen(context["header_buttons"])


def test_a_chapter_can_be_taken_along_and_a_page_without_cells_cannot(app):
    assert labels(app, "heat") == ["download-buttons", "download-notebook-button", "download-source-button"]
    assert labels(app, "plain") == labels(app, "genindex") == ["download-buttons", "download-source-button"]


def test_binder_is_offered_where_the_repository_is_known_and_for_what_runs(app, repository):
    assert labels(app, "heat")[0] == "launch-binder-button"
    assert "launch-binder-button" not in labels(app, "plain")


def test_the_theme_shows_the_repository_only_where_it_is_known(monkeypatch):
    config = SimpleNamespace(html_theme_options={"show_toc_level": 2})
    buttons._name_the_source(None, config)
    assert config.html_theme_options == {"show_toc_level": 2}
    monkeypatch.setenv("READING_NEURONS_REPOSITORY", "https://github.com/someone/neurons")
    buttons._name_the_source(None, config)
    assert config.html_theme_options["repository_url"] == "https://github.com/someone/neurons"
    assert config.html_theme_options["show_toc_level"] == 2


def test_the_notebook_is_written_beside_the_pages_and_says_what_it_needs(app, tmp_path, repository):
    gone = tmp_path / "html" / "notebooks" / "gone.ipynb"
    gone.parent.mkdir(parents=True)
    gone.touch()
    buttons._write_notebooks(app, None)
    assert [path.name for path in (tmp_path / "html").rglob("*.ipynb")] == ["heat.ipynb"]
    made = nbformat.read(tmp_path / "html" / "notebooks" / "heat.ipynb", as_version=4)
    nbformat.validate(made)
    assert "make lab" in made.cells[0].source and "https://github.com/someone/neurons" in made.cells[0].source
    assert [cell.source for cell in made.cells if cell.cell_type == "code"] == ["1 + 1"]


def test_a_failed_build_leaves_the_notebooks_alone(app, tmp_path):
    buttons._write_notebooks(app, RuntimeError())
    assert not (tmp_path / "html").exists()


def test_a_page_for_the_teachers_desk_is_no_notebook_of_a_learner(app):
    app.env.metadata["teaching"] = {"kernelspec": {}}
    app.env.found_docs.add("teaching")
    assert "download-notebook-button" in labels(app, "heat")
    assert "download-notebook-button" not in labels(app, "teaching")

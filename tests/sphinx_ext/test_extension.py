"""The extension on a book of two pages: what runs again, what fails, what is loaded where."""

import subprocess
import sys
from pathlib import Path

import pytest

from reading_neurons.sphinx_ext import fingerprint

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
CHART = (
    HEADER
    + """# With a chart

```{code-cell} python
import os
import altair as alt
from reading_neurons import display

display.setup()
with open("runs.txt", "a") as log:
    log.write(os.environ["TQDM_DISABLE"])
alt.Chart(alt.InlineData([{"a": 1}]), description="A single bar of height one.").mark_bar().encode(y="a:Q")
```
"""
)
CONFIG = """title: Small
execute: {execute_notebooks: cache, raise_on_error: true}
sphinx:
  extra_extensions: [reading_neurons.sphinx_ext]
  config:
    reading_neurons_watched: [../library]
    nb_mime_priority_overrides: [["html", "text/html", 0]]
    nb_ipywidgets_js: {}
"""


@pytest.fixture
def top(tmp_path):
    files = {
        "book/index.md": "# Without\n\nA `<figure class=\"rn-chart\">` in words only.\n",
        "book/chart.md": CHART,
        "book/gone.md": "# Soon gone\n",
        "library/module.py": "x = 1\n",
        "_config.yml": CONFIG,
        "_toc.yml": "format: jb-book\nroot: index\nchapters:\n- file: chart\n- file: gone\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def build(top: Path) -> subprocess.CompletedProcess:
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    options = ["--config", top / "_config.yml", "--toc", top / "_toc.yml", "--path-output", top]
    return subprocess.run([jupyter_book, "build", top / "book", *options], capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_chapters_run_again_when_the_library_changes_and_only_then(top):
    runs, html = top / "book" / "runs.txt", top / "_build" / "html"
    assert build(top).returncode == 0
    (top / "book" / "chart.md").touch()
    assert build(top).returncode == 0
    assert runs.read_text() == "1", "an unchanged chapter with an unchanged library must come from the cache"
    (top / "library" / "module.py").write_text("x = 2\n")
    (top / "book" / "gone.md").unlink()
    toc = top / "_toc.yml"
    toc.write_text(toc.read_text().replace("- file: gone\n", ""))
    assert (html / "gone.html").exists()
    assert build(top).returncode == 0
    assert runs.read_text() == "11", "a changed library must run the chapter again"
    assert len(list((top / "_build" / ".jupyter_cache").iterdir())) == 1, "the old cache must be gone"

    assert not (html / "gone.html").exists() and (html / "index.html").exists()
    assert "vega-bundle.js" in (html / "chart.html").read_text()
    assert "vega-bundle.js" not in (html / "index.html").read_text()
    assert (html / "_static" / "vega-bundle.js").stat().st_size > 500_000


@pytest.mark.slow
def test_a_book_that_is_told_where_it_is_leads_there_and_another_does_not(top, monkeypatch):
    config = top / "_config.yml"
    config.write_text(CONFIG.replace("execute_notebooks: cache", 'execute_notebooks: "off"'))
    html = top / "_build" / "html"
    for name in ("REPOSITORY", "BRANCH", "SITE"):
        monkeypatch.delenv(f"READING_NEURONS_{name}", raising=False)
    assert build(top).returncode == 0
    page = (html / "chart.html").read_text()
    assert "mybinder" not in page and "github.com" not in page and "canonical" not in page and "og:url" not in page
    assert 'href="notebooks/chart.ipynb"' in page and not (html / "404.html").exists()

    monkeypatch.setenv("READING_NEURONS_REPOSITORY", "https://github.com/someone/neurons")
    monkeypatch.setenv("READING_NEURONS_SITE", "https://someone.github.io/neurons")
    assert build(top).returncode == 0
    page, index = ((html / f"{name}.html").read_text() for name in ("chart", "index"))
    assert "https://mybinder.org/v2/gh/someone/neurons/main?urlpath=lab%2Ftree%2Fbook%2Fchart.md" in page
    assert "mybinder" not in index and 'href="https://github.com/someone/neurons"' in index
    assert '<link rel="canonical" href="https://someone.github.io/neurons/chart.html"' in page
    assert (html / "404.html").exists()


@pytest.mark.slow
def test_a_failing_cell_fails_the_build(top):
    broken = HEADER + "# Broken\n\n```{code-cell} python\nraise RuntimeError('on purpose')\n```\n"
    (top / "book" / "chart.md").write_text(broken, encoding="utf-8")
    result = build(top)
    assert result.returncode != 0
    assert "on purpose" in result.stdout + result.stderr


def test_a_fingerprint_sees_contents_names_and_appearance_and_nothing_else(tmp_path):
    folder = tmp_path / "library"
    (folder / "__pycache__").mkdir(parents=True)
    lock = tmp_path / "lock"
    (folder / "a.py").write_text("1")
    seen = [fingerprint([folder, lock])]
    (folder / "__pycache__" / "a.pyc").write_text("compiled")
    (folder / "a.py").touch()
    assert fingerprint([folder, lock]) == seen[0]
    for change in (
        lambda: (folder / "a.py").write_text("2"),
        lambda: (folder / "a.py").rename(folder / "b.py"),
        lambda: lock.write_text("pinned"),
        lambda: lock.unlink(),
    ):
        change()
        seen.append(fingerprint([folder, lock]))
    assert len(set(seen)) == 4 and seen[-1] == seen[2], "the lock file that is gone again gives the earlier hash"

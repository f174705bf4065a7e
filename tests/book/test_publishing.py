"""What publishes the book: the workflow, the image for Binder, the zip. As far as can be tested without publishing."""

import json
import os
import re
import shlex
import shutil
import subprocess
import zipfile
from urllib.parse import parse_qs, unquote, urlsplit

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

from reading_neurons.sphinx_ext.address import BINDER
from reading_neurons.sphinx_ext.notebooks import DESK

PINNED = re.compile(r"[\w-]+/[\w-]+@v\d+")


@pytest.fixture(scope="module")
def workflow(root):
    return yaml.safe_load((root / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def used(steps, action):
    (found,) = [step for step in steps if step.get("uses", "").startswith(f"actions/{action}@")]
    return found


def test_the_workflow_runs_the_gate_on_every_push_and_pull_request(workflow, steps, root):
    assert {"push", "pull_request"} <= set(workflow[True])  # YAML reads "on" as a truth value
    commands = [step["run"] for step in steps if "run" in step]
    assert ".ci/run" in commands and os.access(root / ".ci" / "run", os.X_OK)
    targets = re.search(r"^\.PHONY: (.+)$", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[1].split()
    made = [target for command in commands for target in shlex.split(command)[1:] if command.startswith("make ")]
    assert made == ["offline", "notebooks"] and set(made) <= set(targets)


def test_actions_are_pinned_by_their_major_version(steps):
    assert all(PINNED.fullmatch(step["uses"]) for step in steps if "uses" in step)


def test_only_main_is_published_by_a_job_that_may_do_nothing_else(workflow, steps):
    jobs = workflow["jobs"]
    assert "refs/heads/main" in used(steps, "configure-pages")["if"]
    assert "steps.pages.outcome" in used(steps, "upload-pages-artifact")["if"]
    assert "needs.gate.outputs.site" in jobs["publish"]["if"] and jobs["publish"]["needs"] == "gate"
    assert jobs["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert "write" not in {**workflow["permissions"], **jobs["gate"]["permissions"]}.values()


def test_what_is_kept_of_a_run_is_what_the_commands_write(steps, root):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    uploads = [step["with"]["path"] for step in steps if "upload-" in step.get("uses", "")]
    assert sorted(uploads) == ["_build/html", "dist/notebooks", "dist/reading-neurons.zip"]
    assert all(path.removeprefix("dist/") in makefile for path in uploads)


def test_the_history_is_there_and_the_python_is_that_of_the_other_environments(workflow, steps, root):
    assert used(steps, "checkout")["with"]["fetch-depth"] == 0
    runtime = (root / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    version = runtime.removeprefix("python-")
    conda = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert f"python={version}" in conda and workflow["jobs"]["gate"]["container"].startswith(f"python:{version}-")


def test_binder_installs_the_pinned_set_and_the_library(root):
    lines = (root / ".binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    kinds = dict(line.split() for line in lines if line and not line.startswith("#"))
    # pip reads -r from the folder of the file, -e from where it is run: the top of the repository.
    assert (root / ".binder" / kinds["-r"]).samefile(root / "lib" / "requirements.lock")
    assert (root / kinds["-e"] / "pyproject.toml").exists() and set(kinds) == {"-r", "-e"}


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash was not found")
def test_what_binder_runs_puts_settings_where_jupyterlab_reads_them_and_trains(root, tmp_path):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    answers = f'*prefix*) echo "{tmp_path}";; *) echo "$@" > "{tmp_path}/asked";;'
    python.write_text(f'#!/bin/sh\ncase "$*" in {answers} esac\n')
    python.chmod(0o755)
    environment = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([root / ".binder" / "postBuild"], cwd=root, env=environment, check=True)
    written = tmp_path / "etc" / "jupyter" / "labconfig" / "default_setting_overrides.json"
    settings = json.loads(written.read_text(encoding="utf-8"))
    assert settings["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"]["markdown"] == "Jupytext Notebook"
    module = (tmp_path / "asked").read_text(encoding="utf-8").split()[-1]
    assert module in (root / "Makefile").read_text(encoding="utf-8"), "make book trains the same networks"


@pytest.fixture(scope="module")
def tops(html):
    """What stands before the text of each page: its head, the sidebar, the buttons."""
    pages = [path for path in html.rglob("*.html") if not {"_static", "_modules"} & set(path.parts)]
    before = {page: page.read_text(encoding="utf-8").partition("<article")[0] for page in pages}
    return {page.relative_to(html).as_posix(): BeautifulSoup(text, "html.parser") for page, text in before.items()}


@pytest.fixture(scope="module")
def headers(tops):
    return {page: top.select_one("div.article-header-buttons") or top.new_tag("div") for page, top in tops.items()}


def test_every_button_leads_somewhere(headers, html, root):
    for page, header in headers.items():
        for link in header.find_all("a", href=True):
            parts = urlsplit(link["href"])
            if f"{parts.scheme}://{parts.netloc}" == BINDER:
                opened = parse_qs(parts.query)["urlpath"][0].removeprefix("lab/tree/")
                assert (root / opened).is_file(), link["href"]
            elif not parts.netloc:
                assert ((html / page).parent / unquote(parts.path)).is_file(), link["href"]
            else:
                assert "btn-source-repository-button" in link["class"], f"{link['href']} is no button of ours"


def test_binder_is_on_every_chapter_or_on_none(headers, html):
    button = ".btn-launch-binder-button"
    launching = {page for page, header in headers.items() if header.select(button)}
    notebooks = (html / "notebooks").rglob("*.ipynb")
    chapters = {f"{path.relative_to(html / 'notebooks').with_suffix('')}.html" for path in notebooks}
    assert launching in (set(), chapters)


def test_a_chapter_offers_its_notebook_without_solutions(chapter, headers, html):
    links = headers[f"{chapter}.html"].select(".btn-download-notebook-button")
    if chapter in DESK:
        assert links == [], "a page for the teacher's desk is no notebook for learners"
        return
    (link,) = links
    made = nbformat.read((html / f"{chapter}.html").parent / link["href"], as_version=4)
    nbformat.validate(made)
    assert not any("**Solution**" in cell.source for cell in made.cells)
    assert not any(cell.get("outputs") for cell in made.cells)


def test_every_page_says_what_it_is_and_chapters_say_different_things(tops):
    said = {}
    for page, top in tops.items():
        (description,) = top.head.find_all("meta", attrs={"name": "description"})
        assert 20 < len(description["content"]) <= 200, page
        if "/" not in page and page not in ("search.html", "genindex.html", "py-modindex.html", "404.html"):
            said[page] = description["content"]
        for tag in top.head.find_all("meta", property=re.compile("^og:(url|image)$")):
            assert urlsplit(tag["content"]).netloc, "an address for another host has to be whole"
    assert len(set(said.values())) == len(said)


def test_the_picture_of_the_book_is_on_its_tab_and_beside_its_name(tops, html):
    for page in tops.keys() - {"404.html"}:
        icon = tops[page].select_one("link[rel=icon]")["href"]
        logos = {image["src"] for image in tops[page].select("img.logo__image")}
        assert ((html / page).parent / icon).is_file() and logos
        assert all(((html / page).parent / logo).is_file() for logo in logos)


def test_one_bundle_of_mathjax_is_enough(tops, html):
    loaded = {script["src"].partition("?")[0] for top in tops.values() for script in top.select("script[src*=mathjax]")}
    there = {path.name for path in (html / "_static" / "mathjax").glob("*-*.js")}
    assert there == {path.rpartition("/")[2] for path in loaded} and len(there) == 1


@pytest.mark.skipif(shutil.which("make") is None, reason="make was not found")
def test_the_zip_holds_the_book_and_notebooks_that_find_their_results(html, root, tmp_path):
    for name in ("Makefile", "LICENSE", "book", "lib", ".venv", "_build", ".binder"):
        (tmp_path / name).symlink_to(root / name)
    made = ["make", "--old-file=.venv/.installed", "--old-file=_build/.made", "offline"]
    subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
    with zipfile.ZipFile(tmp_path / "dist" / "reading-neurons.zip") as archive:
        names = {name.removeprefix("reading-neurons/") for name in archive.namelist()}
    assert {"index.html", "searchindex.js", "README.txt", "LICENSE.txt", "notebooks/omission.ipynb"} <= names
    assert {f"notebooks/results/{path.name}" for path in (root / "book" / "results").glob("*.json")} <= names
    assert not {name for name in names if name.startswith(("404", ".")) or name.endswith(".doctree")}
    assert (tmp_path / "dist" / "reading-neurons.zip").stat().st_size < 40_000_000

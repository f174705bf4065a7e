"""What a page says of itself."""

from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from docutils.core import publish_doctree

from reading_neurons.sphinx_ext import preview

PICTURE = {"image": "images/preview.png", "alt": "Two networks."}


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    monkeypatch.delenv("READING_NEURONS_SITE", raising=False)


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("READING_NEURONS_SITE", "https://someone.github.io/neurons/")


def description(text):
    return preview.description(publish_doctree(text, settings_overrides={"report_level": 5}))


def test_a_page_is_described_by_its_first_sentences_and_not_by_a_box():
    page = "Title\n=====\n\n.. note:: Read this before.\n\n**What moves,\nif a word goes?** This one.\n\nLater."
    assert description(page) == "What moves, if a word goes? This one."
    assert description("Title\n=====\n\n.. note:: Only a box.") == ""


def test_what_is_too_long_ends_at_a_sentence_or_at_a_word():
    long = "A sentence of forty letters is not long. " * 9
    assert preview.shortened(long.strip()) == ("A sentence of forty letters is not long. " * 4).strip()
    cut = preview.shortened("word, " * 60)
    assert len(cut) <= preview.LONGEST and cut.endswith("word…")


def test_addresses_are_whole_where_the_site_is_known_and_absent_where_it_is_not(site, monkeypatch):
    found = preview.tags("Omission", "The book", "Words.", "omission", PICTURE)
    assert found["og:url"] == "https://someone.github.io/neurons/omission.html"
    assert found["og:image"] == "https://someone.github.io/neurons/_static/preview.png" and found["og:image:alt"]
    monkeypatch.delenv("READING_NEURONS_SITE")
    at_home = preview.tags("Omission", "The book", "Words.", "omission", PICTURE)
    assert at_home["description"] == at_home["og:description"] == "Words."
    assert not any("http" in text for text in at_home.values())


def added(title, doctree=None):
    config = SimpleNamespace(html_title="The book", reading_neurons_description="Of books.", reading_neurons_preview={})
    context = {"title": title, "metatags": '<meta name="viewport" content="x" />'}
    preview._add_tags(SimpleNamespace(config=config), "page", "page.html", context, doctree)
    tags = BeautifulSoup(context["metatags"], "html.parser").find_all("meta")
    return {tag.get("name") or tag["property"]: tag["content"] for tag in tags}


def test_marks_and_quotes_do_not_break_the_tags():
    doctree = publish_doctree('He said "no" & left <it>.')
    found = added("What do <em>not</em> &amp; others do?", doctree)
    assert found["og:title"] == "What do not & others do?"
    assert found["description"] == 'He said "no" & left <it>.'
    assert found["viewport"] == "x"


def test_a_page_that_has_no_text_of_its_own_is_described_by_the_book():
    found = added("")
    assert found["description"] == "Of books." and found["og:title"] == "The book"


@pytest.fixture
def app(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "preview.png").write_bytes(b"png")
    (tmp_path / "html" / "_static").mkdir(parents=True)
    config = SimpleNamespace(html_title="The book", reading_neurons_preview=PICTURE)
    return SimpleNamespace(
        config=config, srcdir=tmp_path, outdir=tmp_path / "html", builder=SimpleNamespace(format="html")
    )


def test_who_is_lost_on_the_site_finds_home_from_any_depth(app, site, monkeypatch):
    preview._write_files_of_the_site(app, None)
    page = BeautifulSoup((app.outdir / "404.html").read_text(encoding="utf-8"), "html.parser")
    links = [link["href"] for link in page.find_all("a")]
    assert links == ["https://someone.github.io/neurons/", "https://someone.github.io/neurons/search.html"]
    assert not page.find_all(src=True) and not page.find_all("link"), "it must load nothing"
    assert "$" not in page.text and (app.outdir / "_static" / "preview.png").exists()

    monkeypatch.delenv("READING_NEURONS_SITE")
    preview._write_files_of_the_site(app, None)
    assert list(app.outdir.rglob("*.*")) == [], "without a site there is nobody to be lost on it"

"""The bibliography: what is cited is there and complete, and nothing else is."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from pybtex.database import parse_file

BOOK = Path(__file__).parents[2] / "book"
ENTRIES = parse_file(BOOK / "references.bib").entries
WHERE = {"journal", "booktitle", "howpublished", "publisher"}
# The one paper of which no published version was found; its copy names neither authors nor a place.
WITHOUT_A_PLACE = {"inspection2017"}


def cited():
    text = "\n".join(path.read_text(encoding="utf-8") for path in BOOK.rglob("*.md"))
    return {key.strip() for keys in re.findall(r"\{cite[\w:]*\}`([^`]+)`", text) for key in keys.split(",")}


def test_what_is_cited_is_there_and_what_is_there_is_cited():
    assert set(ENTRIES) == cited()


@pytest.mark.parametrize("key", sorted(ENTRIES))
def test_an_entry_says_who_what_when_and_where(key):
    entry = ENTRIES[key]
    assert entry.persons["author"] and entry.fields["title"] and re.fullmatch(r"\d{4}", entry.fields["year"])
    if key not in WITHOUT_A_PLACE:
        assert WHERE & set(entry.fields)
        doi, url = entry.fields.get("doi", ""), entry.fields.get("url", "")
        assert re.fullmatch(r"10\.\d{4,}/\S+", doi) or urlsplit(url).scheme == "https"


def test_every_entry_leads_back_to_the_pages_that_cite_it(html):
    soup = BeautifulSoup((html / "bibliography.html").read_bytes(), "html.parser")
    listed = soup.select("div.citation")
    assert len(listed) == len(ENTRIES)
    for entry in listed:
        assert entry.select(".rn-cited a[href]"), entry.get_text(" ", strip=True)

"""Where the book is, as the environment says."""

from urllib.parse import parse_qs, urlsplit

import pytest

from reading_neurons.sphinx_ext.address import BINDER, Address, from_environment

HERE = {"READING_NEURONS_REPOSITORY": "https://github.com/someone/read.ing-neurons"}


def test_a_book_that_is_built_at_home_has_no_address():
    found = from_environment({})
    assert found == Address() and found.binder("book/omission.md") == found.page("omission") == ""


def test_an_address_may_end_in_a_slash_or_in_git():
    wanted = from_environment(HERE).repository
    for end in ("/", ".git"):
        assert from_environment({name: f" {value}{end}" for name, value in HERE.items()}).repository == wanted


def test_binder_opens_the_file_in_jupyterlab_on_the_branch():
    address = from_environment({**HERE, "READING_NEURONS_BRANCH": "one/two"}).binder("book/a b.md")
    parts = urlsplit(address)
    assert address.startswith(f"{BINDER}/v2/gh/someone/read.ing-neurons/one%2Ftwo?")
    assert parse_qs(parts.query) == {"urlpath": ["lab/tree/book/a b.md"]}


@pytest.mark.parametrize(
    "wrong", ["someone/neurons", "https://github.com/someone", "https://example.org/some/neurons", "git@github.com:a/b"]
)
def test_a_repository_that_links_are_not_made_for_is_an_error_that_says_what_is_expected(wrong):
    with pytest.raises(ValueError, match=r"expected https://github.com/OWNER/NAME; leave it unset"):
        from_environment({"READING_NEURONS_REPOSITORY": wrong})


def test_a_site_is_an_address():
    with pytest.raises(ValueError, match="READING_NEURONS_SITE is 'someone.github.io'"):
        from_environment({"READING_NEURONS_SITE": "someone.github.io"})

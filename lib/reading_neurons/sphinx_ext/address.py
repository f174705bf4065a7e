"""Where the book is: the repository that holds its source and the site that shows it, as far as a build is told.

A book that is built at home is in neither place, so its pages lead to neither. Whoever publishes it names them in the
environment, as the workflow does:

=============================== ================================================================
variable                        for example
=============================== ================================================================
``READING_NEURONS_REPOSITORY``  ``https://github.com/someone/reading-neurons``
``READING_NEURONS_BRANCH``      ``main``, which is also meant where it is not set
``READING_NEURONS_SITE``        ``https://someone.github.io/reading-neurons``
=============================== ================================================================

Easy to get wrong: Binder starts at the top of the repository, the pages are named from the folder of the book; and a
name of a branch may hold a slash, which would end it in an address.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

BINDER = "https://mybinder.org"
VARIABLES = ("READING_NEURONS_REPOSITORY", "READING_NEURONS_BRANCH", "READING_NEURONS_SITE")
_REPOSITORY = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+?")


class Address(NamedTuple):
    """Where the book is: without a slash at the end, and empty where nobody said so."""

    repository: str = ""
    branch: str = "main"
    site: str = ""

    def binder(self, path: str) -> str:
        """The address at which Binder opens a file of the repository in JupyterLab; empty without a repository.

        Examples
        --------
        >>> Address("https://github.com/someone/neurons").binder("book/omission.md")
        'https://mybinder.org/v2/gh/someone/neurons/main?urlpath=lab%2Ftree%2Fbook%2Fomission.md'
        """
        if not self.repository:
            return ""
        owner, name = self.repository.split("/")[-2:]
        opened = quote(f"lab/tree/{path}", safe="")
        return f"{BINDER}/v2/gh/{owner}/{name}/{quote(self.branch, safe='')}?urlpath={opened}"

    def page(self, name: str) -> str:
        """The address of a page of the site, given its name without ``.html``; empty without a site.

        Examples
        --------
        >>> Address(site="https://someone.github.io/neurons").page("omission")
        'https://someone.github.io/neurons/omission.html'
        """
        return self.site and f"{self.site}/{quote(name)}.html"


def from_environment(environment: Mapping[str, str] | None = None) -> Address:
    """The address that the environment names, by default that of this process.

    Raises
    ------
    ValueError
        If the repository is not one of GitHub, which is what the links to it are made for, or the site is no web
        address.

    Examples
    --------
    >>> from_environment({"READING_NEURONS_SITE": "https://someone.github.io/neurons/"}).site
    'https://someone.github.io/neurons'
    """
    environment = os.environ if environment is None else environment
    repository, branch, site = (environment.get(name, "").strip().rstrip("/") for name in VARIABLES)
    repository = repository.removesuffix(".git")
    if repository and not _REPOSITORY.fullmatch(repository):
        raise ValueError(
            f"{VARIABLES[0]} is {repository!r}: expected https://github.com/OWNER/NAME; "
            "leave it unset to build a book without links to its source"
        )
    if site and not re.fullmatch(r"https?://\S+", site):
        raise ValueError(f"{VARIABLES[2]} is {site!r}: expected the address of the published book, https://...")
    return Address(repository, branch or "main", site)

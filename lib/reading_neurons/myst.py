"""The blocks of a page in MyST Markdown: what notebooks, exercises and tests read of the book's sources.

Easy to get wrong: a fence is closed by one of the same sign and at least its length, so a directive may hold code with
fences of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_FENCE = re.compile(r"^(?P<fence>`{3,}|:{3,}|~{3,})\s*(?:\{(?P<name>[\w:-]+)\})?\s*(?P<argument>.*)$")
_OPTION = re.compile(r"^:(?P<key>[\w-]+): *(?P<value>.*)$")


@dataclass(frozen=True)
class Directive:
    """A fenced block of MyST: ``name`` is empty for plain code, whose ``argument`` is then the language."""

    name: str
    argument: str
    body: str
    options: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)


def header(text: str) -> str:
    """The lines of a page's header, between two lines of dashes on top; empty where there is none.

    Examples
    --------
    >>> header("---\\nkernelspec: {}\\n---\\n\\n# Title")
    'kernelspec: {}'
    """
    found = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    return found[1] if found else ""


def blocks(text: str) -> Iterator[str | Directive]:
    """The fenced blocks of a Markdown text and the stretches between them, in order.

    Examples
    --------
    >>> text = "See.\\n```{note} Mind\\n:class: x\\nIt bites.\\n```\\n```python\\n1 + 1\\n```"
    >>> for block in blocks(text):
    ...     print(block)
    See.
    Directive(name='note', argument='Mind', body='It bites.')
    Directive(name='', argument='python', body='1 + 1')
    """
    between: list[str] = []
    lines = iter(text.splitlines())
    for line in lines:
        fence = _FENCE.match(line)
        if fence is None:
            between.append(line)
            continue
        if between:
            yield "\n".join(between)
            between = []
        closing = re.compile(re.escape(fence["fence"]) + re.escape(fence["fence"][0]) + r"*\s*$")
        body = []
        for inner in lines:
            if closing.match(inner):
                break
            body.append(inner)
        options = {}
        while fence["name"] and body and (option := _OPTION.match(body[0])):
            options[option["key"]] = option["value"].strip()
            body.pop(0)
        yield Directive(fence["name"] or "", fence["argument"].strip(), "\n".join(body), options)
    if between:
        yield "\n".join(between)

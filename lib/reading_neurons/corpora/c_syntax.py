"""The syntax of a function of C with the characters that every node covers (Deep Neural Inspection 2017, section 5.3).

pycparser (Bendersky) gives a syntax tree, but of a node only where it starts, and often not even that: ``(a + b) * c``
is said to start at ``a``. Here spans come from the tokens, noted while parsing
(:class:`~reading_neurons.corpora.c_spans.SpanParser`).

What a node covers:

* an expression its own tokens, without brackets around it that the tree does not have;
* a statement everything up to its semicolon or closing brace; but pycparser knows no statement of an expression, and
  several variables may share one semicolon: expressions and declarations end before it;
* the first of ``int a, *b = &a;`` the type too, the second ``*b = &a``;
* declarators, which C nests inside out, what they add: ``PtrDecl`` the star, ``ArrayDecl`` ``[10]``, ``FuncDecl`` the
  parameters in their parentheses, ``TypeDecl`` the name;
* a ``Case`` all its statements.

Besides pycparser's kinds there are three of single tokens, in small letters: ``parentheses`` and ``braces`` for each
matching pair, ``terminator`` for each semicolon that ends a statement, not for those in the head of a loop.

Easy to get wrong: spans of a text that was changed afterwards. They count characters of exactly the text that was
parsed, tabs and line ends included, and that is what a network must be given to read.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import version

from pycparser import c_ast
from pycparser.c_parser import ParseError

from reading_neurons.corpora.c_spans import CLOSE, MISSING, OPEN, KeepingLexer, SpanParser
from reading_neurons.corpora.strings import Node, ParsedString

_FAILURES = (ParseError, AssertionError, AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)
_PAIRS = {"LPAREN": "parentheses", "LBRACE": "braces"}


def spans(text: str, types: Iterable[str] = ()) -> list[tuple[c_ast.Node, int, int]]:
    """The nodes of one function with their characters, the function first, each node before its parts.

    Parameters
    ----------
    text : str
        A function without comments and preprocessor lines.
    types : iterable of str
        Names of types that are defined elsewhere.

    Raises
    ------
    ValueError
        If it is not one function of C: the message says where and what pycparser expected.
    RuntimeError
        If this version of pycparser lacks what spans are read from.

    Examples
    --------
    >>> text = "int f(int a) { return (a + 1) * 2; }"
    >>> [(type(node).__name__, text[start:end]) for node, start, end in spans(text)][-6:]
    [('Return', 'return (a + 1) * 2;'), ('BinaryOp', '(a + 1) * 2'), ('BinaryOp', 'a + 1'), ('ID', 'a'),
     ('Constant', '1'), ('Constant', '2')]
    """
    parser, tree, before = _parsed(text, types)
    found: dict[tuple[str, int, int], tuple[c_ast.Node, int, int]] = {}
    for node in _preorder(tree):
        if (range_ := parser.span(node)) is not None:
            start, end = parser.clex.kept[range_[0]][1] - before, parser.clex.kept[range_[1] - 1][2] - before
            found.setdefault((type(node).__name__, start, end), (node, start, end))  # "int" of "int a, b;" is one
    return sorted(found.values(), key=lambda entry: (entry[1], -entry[2]))


def parse(text: str, types: Iterable[str] = ()) -> ParsedString:
    """The tree of one function over its characters, pycparser's kinds and those of single tokens.

    Parameters and errors as of :func:`spans`.

    Examples
    --------
    >>> function = parse("void f(u8 *p) { for (; *p; p++) g(*p, 0x1f); }", types=["u8"])
    >>> [function.text[start:end] for _, start, end in function.of("FuncCall")]
    ['g(*p, 0x1f)']
    >>> [function.text[start:end] for _, start, end in function.of("parentheses")]
    ['(u8 *p)', '(; *p; p++)', '(*p, 0x1f)']
    >>> [start for _, start, _ in function.of("terminator")] == [function.text.rindex(";")]
    True
    """
    nodes = [Node(type(node).__name__, start, end) for node, start, end in spans(text, types)]
    nodes += _tokens(text)
    return ParsedString(text, tuple(sorted(nodes, key=lambda node: (node.start, -node.end))))


def _parsed(text: str, types: Iterable[str]) -> tuple[SpanParser, c_ast.FuncDef, int]:
    """The parser, the tree of the function, and how many characters stand before it in what was parsed."""
    if MISSING:
        raise RuntimeError(
            f"pycparser {version('pycparser')} lacks {', '.join(MISSING)}, from which spans are read: install "
            "pycparser 3.12, or adapt reading_neurons.corpora.c_spans"
        )
    prelude = "".join(f"typedef int {name}; " for name in dict.fromkeys(types))
    parser = SpanParser()
    try:
        tree = parser.parse(prelude + text)
    except _FAILURES as error:
        reason = _placed(str(error) or type(error).__name__, len(prelude))
        raise ValueError(f"expected a function of C without comments and preprocessor lines, found {reason}") from error
    functions = [node for node in tree.ext if not isinstance(node, c_ast.Typedef)]
    if len(functions) != 1 or not isinstance(functions[0], c_ast.FuncDef):
        kinds = ", ".join(type(node).__name__ for node in functions)
        raise ValueError(f"expected one function of C, found {kinds or 'none'}")
    return parser, functions[0], len(prelude)


def _placed(message: str, before: int) -> str:
    """A message of pycparser that counts characters of the function, not of what stood before it."""
    if place := re.match(r":(\d+):(\d+): ", message):
        line, column = int(place[1]), int(place[2])
        return f"in line {line}, column {column - before * (line == 1)}, {message[place.end() :]}"
    return message


def _preorder(node: c_ast.Node) -> Iterator[c_ast.Node]:
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(child for _, child in reversed(node.children()))


def _tokens(text: str) -> list[Node]:
    """The pairs of parentheses and braces, and the semicolons that end a statement."""
    nodes, waiting = [], []
    for kind, start, end in tokens(text):
        if kind in OPEN:
            waiting.append((kind, start))
        elif kind in CLOSE:
            opened, at = waiting.pop()
            if opened in _PAIRS:
                nodes.append(Node(_PAIRS[opened], at, end))
        elif kind == "SEMI" and (not waiting or waiting[-1][0] != "LPAREN"):
            nodes.append(Node("terminator", start, end))
    return nodes


@functools.cache
def _lexer() -> KeepingLexer:
    def fail(message, line, column):
        raise ValueError(f"line {line}, column {column}: {message}")

    return KeepingLexer(fail)


def tokens(text: str) -> list[tuple[str, int, int]]:
    """The tokens of a text: pycparser's name of each, its first character, the one after its last.

    Raises
    ------
    ValueError
        If there is something that is no token.

    Examples
    --------
    >>> tokens("x = 10;")
    [('ID', 0, 1), ('EQUALS', 2, 3), ('INT_CONST_DEC', 4, 6), ('SEMI', 6, 7)]
    """
    lexer = _lexer()
    lexer.input(text)
    while lexer.token() is not None:
        pass
    return lexer.kept

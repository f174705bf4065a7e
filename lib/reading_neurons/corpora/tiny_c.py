"""Small functions of C, made by the project: random syntax trees, printed by pycparser's own generator.

The generated counterpart of :mod:`~reading_neurons.corpora.c_source`: declarations, assignments, calls, ``if`` with and
without ``else``, ``for``, ``while``, ``return``, nested to a depth of three, over a dozen names. A function declares
what it uses: each name in it is a parameter or declared above. Every text is parsed again for its spans, exactly as
real code is.

Easy to get wrong: what the network could know. A name, a number or an operator is drawn at random, so nobody can
predict it well; brackets, braces, semicolons and indentation follow from what stands before.
"""

from __future__ import annotations

import numpy as np
from pycparser import c_ast
from pycparser.c_generator import CGenerator

from reading_neurons.corpora import c_syntax
from reading_neurons.corpora.strings import ParsedString, StringCorpus, Strings

SHORTEST, LONGEST = 40, 400  # characters of a function
DEPTH = 3  # statements inside of statements
_TRIES = 20
NAMES = ("a", "b", "c", "i", "j", "k", "m", "n", "s", "t", "x", "y")
FUNCTIONS = ("add", "count", "find", "get", "last", "next", "open", "put", "scan", "send", "step", "test")
TYPES = ("int", "int", "int", "char", "long")
ARITHMETIC = ("+", "+", "-", "*", "/", "%")
COMPARISONS = ("<", ">", "<=", ">=", "==", "!=")
ASSIGNMENTS = ("=", "=", "=", "+=", "-=")


def generate(strings: int = 2500, seed: int = 0) -> StringCorpus:
    """Functions of C with their syntax trees, of 40 to 400 characters, no two the same.

    Parameters
    ----------
    strings : int
        How many, at least 10: 80 % become training data, 10 % validation, 10 % test.
    seed : int
        The same seed gives the same corpus.

    Raises
    ------
    ValueError
        If there are too few strings for three splits.

    Examples
    --------
    >>> corpus = generate(strings=10)
    >>> [len(split) for split in corpus.splits]
    [8, 1, 1]
    >>> print(corpus.train.texts[3])
    void test(char n, int y)
    {
      int a = next();
      if (a <= next())
      {
        send();
      }
      n = count() / (a % 8);
      a -= 516;
    }
    """
    if strings < 10:
        raise ValueError(f"three splits need at least 10 strings, found {strings}: ask for more")
    found: dict[str, ParsedString] = {}
    rng = np.random.default_rng(seed)
    for _ in range(_TRIES * strings):
        text = CGenerator().visit(Writer(rng).function()).rstrip("\n")
        if SHORTEST <= len(text) <= LONGEST and text not in found:
            found[text] = c_syntax.parse(text)
        if len(found) == strings:
            break
    else:
        raise ValueError(f"found {len(found)} different functions, expected {strings}: ask for fewer")
    functions, tenth = tuple(found.values()), strings // 10
    return StringCorpus(
        "tiny_c",
        Strings("tiny_c", "train", functions[: strings - 2 * tenth]),
        Strings("tiny_c", "validation", functions[strings - 2 * tenth : strings - tenth]),
        Strings("tiny_c", "test", functions[strings - tenth :]),
    )


class Writer:
    """Writes one function as a tree of pycparser.

    Parameters
    ----------
    rng : numpy Generator

    Examples
    --------
    >>> print(CGenerator().visit(Writer(np.random.default_rng(8)).function()).strip())
    char count(long c)
    {
      if (c == last())
        c = c;
      return 257;
    }
    """

    def __init__(self, rng: np.random.Generator):
        self.rng = rng
        self.declared: list[str] = []

    def function(self) -> c_ast.FuncDef:
        """A function: its head, declarations, statements, and a return unless it is void."""
        kind = self._one(("void", *TYPES))
        parameters = [self._declaration(None) for _ in range(self.rng.integers(4))]
        items = [self._declaration(self._value(1)) for _ in range(self.rng.integers(0 if parameters else 1, 3))]
        items += [self._statement(1) for _ in range(self.rng.integers(1, 4))]
        if kind != "void":
            items.append(c_ast.Return(self._value(2)))
        arguments = c_ast.ParamList(parameters) if parameters else None
        head = c_ast.FuncDecl(arguments, self._type(self._one(FUNCTIONS), kind))
        return c_ast.FuncDef(self._declared(head.type.declname, head, None), None, c_ast.Compound(items))

    def _statement(self, depth: int) -> c_ast.Node:
        kinds = ["assignment"] * 4 + ["call"] * 2 + ["if", "if", "if else", "for", "while"] * (depth <= DEPTH)
        match self._one(kinds):
            case "assignment":
                return c_ast.Assignment(self._one(ASSIGNMENTS), self._name(), self._value(2))
            case "call":
                return self._call(2)
            case "if":
                return c_ast.If(self._condition(), self._body(depth), None)
            case "if else":
                return c_ast.If(self._condition(), self._block(depth), self._block(depth))
            case "for":
                name = self._one(self.declared)
                start = c_ast.Assignment("=", c_ast.ID(name), self._number())
                end = c_ast.BinaryOp(self._one(COMPARISONS[:2]), c_ast.ID(name), self._value(0))
                step = c_ast.UnaryOp(self._one(("p++", "p++", "p--")), c_ast.ID(name))
                return c_ast.For(start, end, step, self._body(depth))
        return c_ast.While(self._condition(), self._body(depth))

    def _body(self, depth: int) -> c_ast.Node:
        """One statement that is not divided further, or a block."""
        return self._statement(DEPTH + 1) if self.rng.random() < 0.4 else self._block(depth)

    def _block(self, depth: int) -> c_ast.Compound:
        return c_ast.Compound([self._statement(depth + 1) for _ in range(self.rng.integers(1, 3))])

    def _condition(self) -> c_ast.Node:
        first = c_ast.BinaryOp(self._one(COMPARISONS), self._name(), self._value(1))
        if self.rng.random() < 0.8:
            return first
        second = c_ast.BinaryOp(self._one(COMPARISONS), self._name(), self._value(0))
        return c_ast.BinaryOp(self._one(("&&", "||")), first, second)

    def _value(self, depth: int) -> c_ast.Node:
        """A number, a name, or with depth left a sum and the like, or a call."""
        match self.rng.random():
            case draw if draw < 0.25 or not (self.declared or depth):
                return self._number()
            case draw if draw < 0.55 or not depth:
                return self._name()
            case draw if draw < 0.85:
                return c_ast.BinaryOp(self._one(ARITHMETIC), self._value(depth - 1), self._value(depth - 1))
        return self._call(depth - 1)

    def _call(self, depth: int) -> c_ast.FuncCall:
        values = [self._value(depth) for _ in range(self.rng.integers(3))]
        return c_ast.FuncCall(c_ast.ID(self._one(FUNCTIONS)), c_ast.ExprList(values) if values else None)

    def _number(self) -> c_ast.Constant:
        return c_ast.Constant("int", str(self.rng.integers(10 ** self.rng.integers(1, 4))))

    def _name(self) -> c_ast.Node:
        return c_ast.ID(self._one(self.declared)) if self.declared else self._number()

    def _declaration(self, value: c_ast.Node | None) -> c_ast.Decl:
        name = self._one([name for name in NAMES if name not in self.declared])
        declared = self._declared(name, self._type(name, self._one(TYPES)), value)
        self.declared.append(name)
        return declared

    def _declared(self, name: str, kind: c_ast.Node, value: c_ast.Node | None) -> c_ast.Decl:
        return c_ast.Decl(name, [], [], [], [], kind, value, None)

    def _type(self, name: str, kind: str) -> c_ast.TypeDecl:
        return c_ast.TypeDecl(name, [], None, c_ast.IdentifierType([kind]))

    def _one(self, choices):
        return choices[int(self.rng.integers(len(choices)))]

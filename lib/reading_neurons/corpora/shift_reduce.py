"""A shift-reduce parser (Deep Neural Inspection 2017, section 4), which makes the trees of the generated languages.

The paper's loop: if the top of the stack is the right side of a rule, reduce it to its left side, else push the next
character. What the loop does between two pushes is kept for each character; :mod:`reading_neurons.features.parser`
turns it into features.

The paper's arithmetic grammar is ambiguous: its rules allow ``1+2*3`` two trees. As in C, a product or quotient binds
tighter than a sum or difference, and what binds equally is read from left to right; so e + e is reduced only when the
next character is not ``*`` or ``/``.

Easy to get wrong: when to reduce and when to read on. Here a state is the set of all rules that may be under way (an
LR(0) parser's), so that a wrong character is found where it stands and the message can say what was expected there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from reading_neurons.corpora.strings import Node, ParsedString

END = "the end"


class Rule(NamedTuple):
    """``left -> right``; a string reduced by it becomes a node of its ``kind``, none where the kind is empty."""

    kind: str
    left: str
    right: tuple[str, ...]


@dataclass(frozen=True)
class Parsing:
    """What a parser did with a string.

    Attributes
    ----------
    nodes : tuple of Node
        The tree, root first.
    heights : tuple of int
        For each character how many symbols the stack had when it was pushed: the most until the next push.
    reduced : tuple of tuples of str
        For each character the kinds of the rules reduced before the next push, in order.
    """

    nodes: tuple[Node, ...]
    heights: tuple[int, ...]
    reduced: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class Grammar:
    """Rules and the parser that follows from them; the left side of the first rule stands for a whole string.

    Attributes
    ----------
    name : str
    rules : tuple of Rule
        Terminals are single characters, or the name of a class of them.
    classes : mapping
        From the name of a class of terminals to its characters.
    binds : mapping
        From an operator to how tightly it binds; equals are read from left to right.

    Raises
    ------
    ValueError
        While parsing, if the rules leave open which to reduce, or a string does not follow them.

    Examples
    --------
    >>> parse = ARITHMETIC.parse("1+2*3")
    >>> [(node.kind, "1+2*3"[node.start : node.end]) for node in parse.nodes]
    [('sum', '1+2*3'), ('digit', '1'), ('product', '2*3'), ('digit', '2'), ('digit', '3')]
    >>> parse.heights, parse.reduced
    ((1, 2, 3, 4, 5), (('digit',), (), ('digit',), (), ('digit', 'product', 'sum')))
    """

    name: str
    rules: tuple[Rule, ...]
    classes: Mapping[str, str] = field(default_factory=dict)
    binds: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def _tables(self) -> _Tables:
        return _Tables(self)

    def parse(self, text: str) -> Parsing:
        """The tree of a string, and what happened at each of its characters.

        Raises
        ------
        ValueError
            If the string does not follow the rules; the message names the column, what is there and what could be.
        """
        tables, states, begins = self._tables, [0], []
        nodes: list[tuple[int, int, int, str]] = []
        heights: list[int] = []
        reduced: list[list[str]] = []
        for place in range(len(text) + 1):
            following = text[place] if place < len(text) else END
            while isinstance(action := tables.action(states[-1], following), Rule):
                size = len(action.right)
                begin = begins[-size]
                del states[-size:], begins[-size:]
                begins.append(begin)
                states.append(tables.after(states[-1], action.left))
                if action.kind:
                    nodes.append((begin, -place, -len(nodes), action.kind))
                    reduced[-1].append(action.kind)
            if action is None:
                raise ValueError(
                    f"found {following!r} at column {place + 1} of {_shown(text)}, expected "
                    f"{' or '.join(map(repr, tables.expected(states[-1])))}: this is no {self.name}"
                )
            states.append(action)
            begins.append(place)
            heights.append(len(begins))
            reduced.append([])
        return Parsing(
            tuple(Node(kind, begin, -end) for begin, end, _, kind in sorted(nodes)),
            tuple(heights[:-1]), tuple(map(tuple, reduced[:-1])),
        )  # fmt: skip

    def tree(self, text: str) -> ParsedString:
        """A string with its tree.

        Examples
        --------
        >>> PARENTHESES.tree("0(1)").of("brackets").__next__()
        Node(kind='brackets', start=1, end=4)
        """
        return ParsedString(text, self.parse(text).nodes)


class _Tables:
    """What to do in every state: states are sets of rules with a dot (rule, how much of its right side is there)."""

    def __init__(self, grammar: Grammar):
        self.grammar = grammar
        self.rules = (Rule("", "", (grammar.rules[0].left, END)), *grammar.rules)
        self.variables = {rule.left for rule in grammar.rules}
        self.terminal = {character: name for name, members in grammar.classes.items() for character in members}
        self.states: list[frozenset[tuple[int, int]]] = [self._closed({(0, 0)})]
        self._after: dict[tuple[int, str], int | None] = {}
        self._actions: dict[tuple[int, str], int | Rule | None] = {}

    def _closed(self, items: set[tuple[int, int]]) -> frozenset[tuple[int, int]]:
        """The items, and the beginnings of every rule whose left side may come next."""
        waiting, items = list(items), set(items)
        while waiting:
            rule, dot = waiting.pop()
            awaited = self.rules[rule].right[dot : dot + 1]
            more = {(n, 0) for n, other in enumerate(self.rules) if (other.left,) == awaited} - items
            items |= more
            waiting += more
        return frozenset(items)

    def after(self, state: int, symbol: str) -> int | None:
        """The state once a symbol is pushed; None if it cannot be."""
        if (state, symbol) not in self._after:
            moved = {(r, d + 1) for r, d in self.states[state] if self.rules[r].right[d : d + 1] == (symbol,)}
            target = self._closed(moved)
            if target and target not in self.states:
                self.states.append(target)
            self._after[state, symbol] = self.states.index(target) if target else None
        return self._after[state, symbol]

    def action(self, state: int, following: str) -> int | Rule | None:
        """The rule to reduce, else the state after pushing what follows, else None."""
        if (state, following) not in self._actions:
            self._actions[state, following] = self._decide(state, following)
        return self._actions[state, following]

    def _decide(self, state: int, following: str) -> int | Rule | None:
        shift = self.after(state, self.terminal.get(following, following))
        complete = [self.rules[r] for r, d in self.states[state] if r and d == len(self.rules[r].right)]
        if len(complete) > 1:
            raise ValueError(f"the rules of {self.grammar.name!r} leave open which to reduce: {complete}")
        if not complete or shift is None:
            return complete[0] if complete else shift
        binds = self.grammar.binds
        operators = [binds[symbol] for symbol in complete[0].right if symbol in binds]
        if not operators or following not in binds:
            raise ValueError(f"reduce {complete[0]} or read {following!r}? Say how tightly the operators bind")
        return complete[0] if operators[0] >= binds[following] else shift

    def expected(self, state: int) -> list[str]:
        """What could be read in a state, classes of characters by their name."""
        symbols = {symbol for r, d in self.states[state] for symbol in self.rules[r].right[d : d + 1]}
        return sorted(symbols - self.variables - {END}) + [END] * (END in symbols)


def _arithmetic() -> Grammar:
    operations = {"sum": "+", "difference": "-", "product": "*", "quotient": "/"}
    rules = [Rule(kind, "e", ("e", operator, "e")) for kind, operator in operations.items()]
    return Grammar(
        "arithmetic expression",
        (Rule("digit", "e", ("digit",)), Rule("brackets", "e", ("(", "e", ")")), *rules),
        {"digit": "0123456789"},
        {"+": 1, "-": 1, "*": 2, "/": 2},
    )


def _parentheses(deepest: int) -> Grammar:
    """One variable for each depth, so that a digit must be that of its depth; sequences grow to the right."""
    rules: list[Rule] = []
    for depth in range(deepest + 1):
        some, one = f"s{depth}", f"x{depth}"
        rules += [Rule("", some, (one,)), Rule("", some, (some, one)), Rule("digit", one, (str(depth),))]
        if depth < deepest:
            rules += [Rule("brackets", one, ("(", ")")), Rule("brackets", one, ("(", f"s{depth + 1}", ")"))]
    return Grammar("nest of parentheses and digits", tuple(rules))


DEEPEST = 4
ARITHMETIC = _arithmetic()
"""``e -> digit | (e) | e+e | e-e | e*e | e/e`` (paper: section 4)."""
PARENTHESES = _parentheses(DEEPEST)
"""Parentheses at most four deep, each digit that of its depth; ``s -> d s | ( s ) s | empty`` read from the left."""


def _shown(text: str) -> str:
    return f"{text[:40]!r}{' ...' if len(text) > 40 else ''}"

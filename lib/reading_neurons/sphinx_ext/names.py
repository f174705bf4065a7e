"""Names that a notebook uses and never binds: what breaks when cells are left out.

A learner's notebook lacks the cells of the solutions. If a cell that stays needs a name that only a solution binds, the
notebook stops there with a ``NameError``, although the whole chapter runs. :func:`unbound` finds such names by reading
the cells, which takes no time, instead of running them.

Easy to get wrong: when a name is looked up. A statement needs it at once, so the order within a cell counts, and
``total += 1`` needs ``total`` before it binds it. The body of a function needs it when called, so the end of its cell
counts. What a function, a comprehension or a class binds is its own. Not seen is what needs no name: a column that a
solution adds to a table, a value that it changes.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from IPython.core.inputtransformer2 import TransformerManager

GIVEN = frozenset(dir(builtins)) | {"display", "get_ipython", "In", "Out", "_", "__", "___"}
_USE, _BIND, _UNBIND, _LATER = "use", "bind", "unbind", "later"
_AT_NAME = re.compile(r"`[^`]*`|@([^\W\d]\w*)")  # between backticks stands the name of a column


class Unbound(NamedTuple):
    """A name that is looked up in a cell (of code, counted from 0) where nothing has bound it."""

    cell: int
    name: str


def unbound(cells: Iterable[str]) -> list[Unbound]:
    """The names that cells use and that neither they, nor a cell before, nor Python and IPython bind.

    Parameters
    ----------
    cells : iterable of str
        Cells of code in the order in which they run, with IPython's magic commands or without.

    Returns
    -------
    list of Unbound
        In order of use, each name once a cell.

    Raises
    ------
    ValueError
        If a cell is not Python, or imports ``*``, which binds names that nobody can know without running it.

    Examples
    --------
    >>> unbound(["import math", "x = [math.sqrt(y) for y in range(3)]", "x, y", "def f(): return z"])
    [Unbound(cell=2, name='y'), Unbound(cell=3, name='z')]
    """
    known, missing = set(GIVEN), {}
    for number, source in enumerate(cells):
        try:
            scope = _Scope.of(ast.parse(TransformerManager().transform_cell(source)))
        except SyntaxError as error:  # that of a star import too
            raise ValueError(f"cell {number} cannot be read: {error.msg}, in {source!r}") from error
        missing |= {Unbound(number, name): None for name in scope.lookups(known)}
    return list(missing)


class _Scope(ast.NodeVisitor):
    """What happens to names in a module, a function or a class, in the order in which it happens."""

    def __init__(self):
        self.events: list[tuple[str, str]] = []
        self.outside: set[str] = set()  # declared global or nonlocal

    @classmethod
    def of(cls, *nodes: ast.AST) -> _Scope:
        scope = cls()
        for node in nodes:
            scope.visit(node)
        return scope

    def lookups(self, known: set[str]) -> Iterator[str]:
        """Names that are looked up where they are not in ``known``, which grows and shrinks with what is bound."""
        for kind, name in self.events:
            if kind == _BIND:
                known.add(name)
            elif kind == _UNBIND:
                known.discard(name)
            elif kind == _USE and name not in known:
                yield name
        yield from (name for kind, name in self.events if kind == _LATER and name not in known)

    def note(self, kind: str, *names: str | None) -> None:
        self.events += [(kind, name) for name in names if name]

    def visit_in_turn(self, *nodes: ast.AST | None) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self.note({ast.Load: _USE, ast.Store: _BIND, ast.Del: _UNBIND}[type(node.ctx)], node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit_in_turn(node.value, *node.targets)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.note(_USE, node.target.id)
        self.visit_in_turn(node.value, node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:  # `x: int` binds nothing
            self.visit_in_turn(node.value, node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit_in_turn(node.value, node.target)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit_in_turn(node.iter, node.target, *node.body, *node.orelse)

    visit_AsyncFor = visit_For

    def visit_Import(self, node: ast.Import) -> None:
        self.note(_BIND, *(alias.asname or alias.name.partition(".")[0] for alias in node.names))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if any(alias.name == "*" for alias in node.names):
            raise SyntaxError(f"from {node.module} import * hides which names it binds; import them by name")
        self.visit_Import(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.visit_in_turn(node.type)
        self.note(_BIND, node.name)
        self.visit_in_turn(*node.body)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self.generic_visit(node)
        self.note(_BIND, node.name)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        self.note(_BIND, node.rest)

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        self.outside |= set(node.names)

    visit_Nonlocal = visit_Global

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("query", "eval"):  # of pandas: "unit in @chosen"
            texts = [text.value for text in node.args if isinstance(text, ast.Constant) and isinstance(text.value, str)]
            self.note(_USE, *(name for text in texts for name in _AT_NAME.findall(text)))

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.visit_in_turn(*node.decorator_list)
        self._function(node.args, node.body)
        self.visit_in_turn(node.returns)
        self.note(_BIND, node.name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._function(node.args, [node.body])

    def _function(self, arguments: ast.arguments, body: list[ast.AST]) -> None:
        self.visit_in_turn(*arguments.defaults, *arguments.kw_defaults)
        inner = _Scope.of(*body)
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        bound = {name for kind, name in inner.events if kind in (_BIND, _UNBIND)} - inner.outside
        for argument in filter(None, named):
            bound.add(argument.arg)
            self.visit_in_turn(argument.annotation)
        for kind, name in inner.events:
            if name in inner.outside and kind == _BIND:
                self.note(_BIND, name)
            elif name not in bound and kind in (_USE, _LATER):
                self.note(_LATER, name)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.visit_in_turn(*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords))
        bound: set[str] = {"__module__", "__qualname__"}
        for kind, name in _Scope.of(*node.body).events:
            if kind == _LATER or (kind == _USE and name not in bound):  # a method does not see the names of its class
                self.note(kind, name)
            elif kind == _BIND:
                bound.add(name)
        self.note(_BIND, node.name)

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        first, *others = node.generators
        self.visit(first.iter)  # outside: in [x for x in x] the last x is another
        inner = _Scope.of(first.target, *first.ifs)
        for loop in others:
            inner.visit_in_turn(loop.iter, loop.target, *loop.ifs)
        inner.visit_in_turn(*(getattr(node, part, None) for part in ("key", "value", "elt")))
        targets = {name.id for loop in node.generators for name in ast.walk(loop.target) if isinstance(name, ast.Name)}
        self.events += [(kind, name) for kind, name in inner.events if name not in targets]  # := binds outside

    visit_SetComp = visit_GeneratorExp = visit_DictComp = visit_ListComp

"""Names that cells use and nothing binds: as Python itself says when it runs them."""

import pytest

from reading_neurons.sphinx_ext.names import Unbound, unbound

# Cells, and the name at which Python stops; each function is called at the end of its cell, when its names are needed.
BREAK = {
    "in a later cell": (["x = 1", "x + y"], "y"),
    "order within a cell": (["print(x)\nx = 1"], "x"),
    "augmented assignment": (["total += 1"], "total"),
    "augmented by itself": (["total = total + 1"], "total"),
    "deleted": (["x = 1", "del x", "x"], "x"),
    "bound in a function only": (["def f():\n    x = 1\nf()", "x"], "x"),
    "an argument": (["def f(x=1): return x\nf()", "x"], "x"),
    "of a comprehension": (["[x for x in range(3)]", "x"], "x"),
    "of a nested comprehension": (["{x: y for x in range(3) for y in range(x)}", "y"], "y"),
    "first iterable is outside": (["[x for x in x]"], "x"),
    "second iterable is outside": (["[a for a in range(1) for b in c]"], "c"),
    "in a function": (["def f(): return x\nf()"], "x"),
    "in a function in a function": (["def f():\n    def g(): return x\n    return g()\nf()"], "x"),
    "in a lambda": (["(lambda a: a + x)(1)"], "x"),
    "a default": (["def f(a=x): return a"], "x"),
    "a decorator": (["@x\ndef f(): pass"], "x"),
    "an annotation": (["def f(a: x): pass"], "x"),
    "annotated and not assigned": (["x: int", "x"], "x"),
    "of a class": (["class A:\n    x = 1", "x"], "x"),
    "a method does not see its class": (["class A:\n    x = 1\n    def f(self): return x\nA().f()"], "x"),
    "a class body runs at once": (["class A:\n    y = x"], "x"),
    "a base": (["class A(x): pass"], "x"),
    "in an f-string": (["f'{x:.2f}'"], "x"),
    "imported under another name": (["import os.path as p", "os"], "os"),
    "deleted and a global of a function": (["x = 1", "def f():\n    global x\n    del x\nf()\ny"], "y"),
}
RUN = {
    "imports": ["import os.path, math as m\nfrom json import dumps as d", "os, m, d"],
    "targets": ["for i, (a, *b) in [(1, (2, 3))]: c = i", "i, a, b, c"],
    "with": ["from contextlib import nullcontext\nwith nullcontext(1) as x: y = x", "x, y"],
    "an error": ["try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    text = str(error)\ntext"],
    "one of two branches": ["if True:\n    x = 1\nelse:\n    y = 1", "x"],
    "a walrus in a comprehension": ["any((found := x) > 1 for x in range(3))", "found"],
    "global": ["def f():\n    global x\n    x = 1\nf()", "x"],
    "nonlocal": ["def f():\n    x = 1\n    def g():\n        nonlocal x\n        x += 1\n    g()\n    return x\nf()"],
    "a function that is defined later": ["def f(): return g()\ndef g(): return 1\nf()"],
    "recursion": ["def f(n): return n and f(n - 1)\nf(3)"],
    "arguments": ["def f(a, /, b=1, *c, d=2, **e): return a, b, c, d, e\nf(0)", "(lambda *a, **b: (a, b))()"],
    "match": ["match {'a': [1, 2]}:\n    case {'a': [x, *y], **z} as w: pass", "w, x, y, z"],
    "deleted and bound again": ["x = 1\ndel x", "x = 2", "x"],
    "attributes and keywords": ["x = dict(y=1)\nx.get(z := 'y')", "z"],
    "unpacked in a comprehension": ["[a + b for a, b in zip('ab', 'cd')]"],
    "a lambda in a comprehension": ["[(lambda: x)() for x in range(3)]"],
    "builtins": ["print, __name__, ValueError"],
}


def run(cells):
    """The name at which Python stops, as a reader would see it."""
    names = {}
    for cell in cells:
        try:
            exec(cell, names)
        except NameError as error:
            return error.name
    return None


@pytest.mark.parametrize("case", BREAK)
def test_the_name_is_found_at_which_python_stops(case):
    cells, name = BREAK[case]
    assert run(cells) == name
    assert unbound(cells) == [Unbound(len(cells) - 1, name)]


@pytest.mark.parametrize("case", RUN)
def test_nothing_is_found_in_what_runs(case):
    assert run(RUN[case]) is None
    assert unbound(RUN[case]) == []


def test_each_cell_says_what_it_needs_once_and_in_order():
    assert unbound(["b, a, b", "c", "a"]) == [(0, "b"), (0, "a"), (1, "c"), (2, "a")]


def test_names_in_a_query_of_pandas_are_names():
    query = "table.query('unit in @chosen and @part.low < `at @home`')"
    assert unbound(["chosen, table = [1], None", query, "print('a@b')"]) == [(1, "part")]


def test_what_ipython_gives_is_there():
    assert unbound(["%matplotlib inline", "!ls", "display(_)", "files = !ls", "files, Out"]) == []


def test_a_function_may_be_called_where_it_is_not_defined_but_needs_its_names_by_the_end_of_its_cell():
    assert unbound(["def f(): return x\nx = 1", "f()"]) == []
    assert unbound(["def f(): return x", "x = 1", "f()"]) == [(0, "x")]


@pytest.mark.parametrize("cell, said", [("from math import *", "import them by name"), ("1 +", "cannot be read")])
def test_a_cell_that_cannot_be_read_is_an_error(cell, said):
    with pytest.raises(ValueError, match=rf"cell 1 .*{said}"):
        unbound(["x = 1", cell])

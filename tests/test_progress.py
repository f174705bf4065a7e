"""Progress bars: shown where somebody watches, absent from pages."""

import sys

import pytest

from reading_neurons import progress
from reading_neurons.progress import progress_bar


def test_a_bar_shows_how_far_it_is(monkeypatch):
    monkeypatch.delenv(progress.DISABLED, raising=False)
    bar = progress_bar([1, 2], desc="reading", file=sys.stderr)
    assert not bar.disable and list(bar) == [1, 2] and bar.n == 2


@pytest.mark.parametrize("kind", ["tqdm.auto", "tqdm.notebook"])
def test_nothing_is_shown_where_bars_are_switched_off(kind, monkeypatch):
    made = pytest.importorskip(kind).tqdm
    monkeypatch.setattr(progress, "tqdm", made)
    monkeypatch.setenv(progress.DISABLED, "1")
    bar = progress_bar([1, 2], desc="reading")
    assert bar.disable and list(bar) == [1, 2]
    assert not hasattr(bar, "container"), "a widget was made"

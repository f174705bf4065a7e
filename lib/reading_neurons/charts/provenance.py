"""Where a recorded result came from, as a dropdown on a page."""

from __future__ import annotations

from html import escape
from typing import Any


class Provenance:
    """The provenance of a record, shown as a closed dropdown.

    Parameters
    ----------
    provenance : dict
        As :func:`reading_neurons.experiments.record.provenance` makes it.

    Examples
    --------
    >>> Provenance({"command": "python -m reading_neurons reproduce omission", "seed": 0})
    command: python -m reading_neurons reproduce omission
    seed: 0
    """

    def __init__(self, provenance: dict[str, Any]):
        self._rows = [(key, _text(value)) for key, value in provenance.items()]

    def __repr__(self) -> str:
        return "\n".join(f"{key}: {value}" for key, value in self._rows)

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<dt style="font-weight:bold">{escape(key)}</dt><dd style="overflow-wrap:anywhere">{escape(value)}</dd>'
            for key, value in self._rows
        )
        return f"<details><summary>Where these figures come from</summary><dl>{rows}</dl></details>"


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(part)}" for key, part in value.items())
    return str(value)

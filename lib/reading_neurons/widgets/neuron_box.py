"""A box in which somebody names a neuron: it suggests outputs, and takes numbers and units too.

Easy to get wrong: what people type. Capitals, half a name, a number that is also a word of the vocabulary, a unit that
does not exist: each either leads to one neuron, or to a sentence that says which there are.
"""

from __future__ import annotations

import ipywidgets

from reading_neurons import asking
from reading_neurons.neurons import Neuron, output, scores_next_word, unit
from reading_neurons.pathway import Pathway


def neuron_of(pathway: Pathway, typed: str) -> Neuron:
    """What somebody who types ``dog``, ``object:dog``, ``12`` or ``unit 12`` means: an output, or a unit.

    Raises
    ------
    ValueError
        If there is no such output or unit; the message says which there are.

    Examples
    --------
    >>> from reading_neurons.models import Imaginet
    >>> from reading_neurons.text import Vocabulary
    >>> visual = Imaginet(Vocabulary(["a", "dog"]), ["object:dog"], embedding=4, units=8).pathways["visual"]
    >>> neuron_of(visual, "dog").name, neuron_of(visual, "unit 3").name, neuron_of(visual, "0").name
    ('object:dog', 'unit 3', 'object:dog')
    """
    said = " ".join(typed.split()).lower()
    if not said:
        some = ", ".join(suggested(pathway)[:3] or ("0", "1"))
        raise ValueError(f"No neuron named: type an output, such as {some}, or a unit, such as unit 3.")
    number = said.removeprefix("unit").strip()
    if said.startswith("unit") and number.isdecimal():
        units = asking.states(pathway, pathway.embedding[:1][None]).shape[-1]
        if int(number[:9]) >= units:
            raise ValueError(f"There is no unit {number[:9]}: this pathway has the units 0 to {units - 1}.")
        return unit(int(number))
    names = pathway.output_names or ()
    exact = next((name for name in names if name.lower() == said), None)
    if exact is None and said.isdecimal():
        return output(pathway, int(said[:9]))
    return output(pathway, exact or said[:40])


def suggested(pathway: Pathway) -> list[str]:
    """The outputs of a pathway without the special symbols."""
    names = list(pathway.output_names or ())
    return names[pathway.vocabulary.unknown + 1 :] if scores_next_word(pathway) else names


class NeuronBox(ipywidgets.Combobox):
    """Takes whatever :func:`neuron_of` does.

    Parameters
    ----------
    pathway : Pathway
        Whose neurons are meant.
    value : str, optional
        What stands in it at first; by default the first output, or the first unit where outputs have no names.
    **form
        As for every widget: layout and style.
    """

    def __init__(self, pathway: Pathway, value: str | None = None, **form):
        super().__init__(
            description="Neuron", placeholder="an output or unit 12, then Enter", continuous_update=False, **form
        )
        self.offer(pathway, value)

    def offer(self, pathway: Pathway, value: str | None = None) -> None:
        """Suggest the outputs of another pathway, and begin with one of them."""
        self.options = suggested(pathway)
        self.value = value or next(iter(self.options), "unit 0")

"""The search for an input watched as it runs: what is read, what is written, and the best n-gram so far.

A :class:`Recorder` is given as ``watch=`` to :func:`reading_neurons.methods.input_optimization.optimize`; corpus
search, which has no steps, is watched by :func:`in_corpus`. Both give the same tables. For the relaxations of Poerner
et al. 2018 (section 2) the distribution over the words of a place is

    embedding   none: the cosines of the vector with its nearest words
    logit       none: the weights X themselves, of either sign
    softmax     softmax(X)
    gumbel      softmax(X), of which the words of highest noise are drawn.

Easy to get wrong: which activation. ``soft`` is that of the mixture which the network reads and the gradient improves;
``hard`` is that of the words which would be written. A method may raise the first and not the second.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

from reading_neurons import passes
from reading_neurons.methods import corpus_search
from reading_neurons.methods.ascent import Ascent, Step
from reading_neurons.methods.input_optimization import allowed_words, optimize, texts
from reading_neurons.methods.relaxations import RELAXATIONS, WordRelaxation
from reading_neurons.neurons import Neuron
from reading_neurons.pathway import Pathway
from reading_neurons.reader import Reader

DRAWS = 8  # of noise, from which the mixture that the Gumbel softmax reads is judged


class Recorder:
    """Writes down each step of an ascent; give it as ``watch=``.

    Parameters
    ----------
    moments : collection of int, optional
        The steps at which the words of each place are kept; by default at all.
    top : int
        How many words of each place, those of highest weight.

    Raises
    ------
    ValueError
        If ``top`` is below 1.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.neurons import unit
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog"]), [Detector("dog", on=["dog"])])
    >>> recorder = Recorder(moments=[39], top=1)
    >>> found = optimize(pathway, unit(0), length=1, watch=recorder)
    >>> recorder.words()[["restart", "place", "word"]].values.tolist()
    [[0, 0, 'dog'], [1, 0, 'dog'], [2, 0, 'dog'], [3, 0, 'dog']]
    """

    def __init__(self, moments: Collection[int] | None = None, top: int = 4):
        if top < 1:
            raise ValueError(f"expected at least 1 word of each place, found top = {top}")
        self._moments, self._top = None if moments is None else set(moments), top
        self._steps: list[pd.DataFrame] = []
        self._words: list[pd.DataFrame] = []

    def __call__(self, step: Step) -> None:
        objective, count = step.objective, len(step.rows)
        names = [objective.reader.neurons[row].name for row in step.rows.tolist()]
        restart = np.arange(count) % (count // len(objective.reader.neurons))
        keys = pd.DataFrame({"neuron": names, "restart": restart, "step": step.step})
        weights, chances = _weights(step)
        vocabulary = objective.reader.pathway.vocabulary
        self._steps.append(
            keys.assign(
                temperature=step.temperature if _is(step, "gumbel") else math.nan,
                soft=step.activation.double().tolist(),
                hard=step.values.double().tolist(),
                best=(objective.sign * objective.value[step.rows]).double().tolist(),
                words=texts(vocabulary, step.written),
                mixed=_mixed(step, chances),
            )
        )
        if self._moments is None or step.step in self._moments:
            self._words.append(self._top_words(step, keys, weights, chances))

    def steps(self) -> pd.DataFrame:
        """One row per step, neuron and restart.

        Returns
        -------
        DataFrame
            ``neuron`` (its name), ``restart``, ``step`` (from 0), ``temperature`` (of the Gumbel softmax, otherwise
            NaN), ``soft`` (activation of what is read), ``hard`` (of the words written), ``best`` (the highest hard
            activation of any restart so far), ``words``, ``mixed``: how many words a place of what is read mixes, two
            to the power of its entropy, the geometric mean over places; NaN where there is no distribution.

        Raises
        ------
        ValueError
            If nothing was watched.
        """
        return _joined(self._steps)

    def words(self) -> pd.DataFrame:
        """One row per moment, neuron, restart, place and rank.

        Returns
        -------
        DataFrame
            ``neuron``, ``restart``, ``step``, ``place`` (from 0), ``rank`` (from 0), ``word``, ``weight`` (as the
            module's docstring says), ``entropy``: of the place's distribution over words, in bits; NaN where there is
            none.

        Raises
        ------
        ValueError
            If nothing was watched at those moments.
        """
        return _joined(self._words)

    def _top_words(self, step: Step, keys: pd.DataFrame, weights: Tensor, chances: Tensor | None) -> pd.DataFrame:
        objective = step.objective
        top = weights.topk(min(self._top, weights.shape[2]), dim=2)
        bits = np.full(weights.shape[:2], np.nan) if chances is None else _entropy(chances).numpy()
        row, place, rank = (part.flatten() for part in np.indices(top.indices.shape))
        vocabulary = objective.reader.pathway.vocabulary
        known = objective.words[top.indices].flatten().tolist()
        table = keys.iloc[row].reset_index(drop=True).assign(
            place=place, rank=rank, word=[vocabulary.words[number] for number in known],
            weight=top.values.double().flatten().tolist(), entropy=bits[row, place],
        )  # fmt: skip
        given = table["place"].map(objective.pinned)
        pinned = given.notna()
        table.loc[pinned, "word"] = [vocabulary.words[int(number)] for number in given[pinned]]
        table.loc[pinned, ["weight", "entropy"]] = 1.0, 0.0
        return table[~pinned | (table["rank"] == 0)]


def _is(step: Step, method: str) -> bool:
    return isinstance(step.relaxation, WordRelaxation) and step.relaxation.method == method


def _weights(step: Step) -> tuple[Float[Tensor, "rows length words"], Float[Tensor, "rows length words"] | None]:
    """What ranks the words of each place; and the same where it is a distribution over them."""
    relaxation = step.relaxation
    if not isinstance(relaxation, WordRelaxation):
        return relaxation.cosines().cpu(), None
    free = relaxation.free.detach().float().cpu()
    if relaxation.method == "logit":
        return free, None
    chances = torch.softmax(free, dim=2)
    return chances, chances


def _mixed(step: Step, chances: Tensor | None) -> list[float]:
    if chances is None:
        return [math.nan] * len(step.rows)
    free = [place for place in range(chances.shape[1]) if place not in step.objective.pinned]
    bits = _entropy(chances)
    if _is(step, "gumbel"):
        # Noise of our own: the search's own draws must not depend on whether somebody watches.
        source = torch.Generator().manual_seed(step.step)
        noise = -(-torch.rand((DRAWS, *chances.shape), generator=source).clamp_(min=1e-30).log()).log()
        read = torch.softmax((chances.clamp(min=1e-30).log() + noise) / step.temperature, dim=3)
        bits = _entropy(read).mean(dim=0)
    return (2 ** bits[:, free].double().mean(dim=1)).tolist()


def _entropy(chances: Float[Tensor, "... words"]) -> Float[Tensor, "..."]:
    return torch.special.entr(chances).sum(dim=-1) / math.log(2)


def _joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if not parts:
        raise ValueError("nothing was watched: give the recorder as watch= to a gradient ascent, at moments it reaches")
    joined = pd.concat(parts, ignore_index=True)
    order = [name for name in ("neuron", "restart", "step", "place", "rank") if name in joined]
    # Neurons stay in the order in which they were asked for.
    first = {name: number for number, name in enumerate(dict.fromkeys(joined["neuron"]))}
    return joined.sort_values(
        order, key=lambda column: column.map(first) if column.name == "neuron" else column, ignore_index=True
    )


def in_corpus(
    pathway: Pathway,
    neurons: Sequence[Neuron] | Neuron,
    corpus: passes.Sentences,
    length: int = 5,
    *,
    min_count: int = 1,
    frame: bool = True,
) -> pd.DataFrame:
    """Corpus search, watched: every n-gram that was better than all read before it.

    Parameters
    ----------
    pathway, neurons, corpus, length, min_count, frame
        As for :func:`reading_neurons.methods.input_optimization.optimize`.

    Returns
    -------
    DataFrame
        The columns of :meth:`Recorder.steps`; ``step`` is how many n-grams had been read before this one. The last
        row of a neuron repeats its best n-gram at the end of the corpus.

    Raises
    ------
    ValueError
        As :func:`reading_neurons.methods.input_optimization.optimize` does.

    Examples
    --------
    >>> from reading_neurons.models.detectors import Detector, DetectorPathway
    >>> from reading_neurons.neurons import unit
    >>> from reading_neurons.text import Vocabulary
    >>> pathway = DetectorPathway(Vocabulary(["a", "dog"]), [Detector("dog", on=["dog"], hold=0.5)])
    >>> in_corpus(pathway, unit(0), ["a a", "dog a", "a dog"], length=2)[["step", "best", "words"]].values.tolist()
    [[0, 0.0, 'a a'], [1, 1.0, 'a dog'], [3, 1.0, 'a dog']]
    """
    neurons = [neurons] if isinstance(neurons, Neuron) else list(neurons)
    allowed = allowed_words(pathway.vocabulary, corpus, min_count)
    blocks = corpus_search.distinct_ngrams(corpus, pathway.vocabulary, length, allowed)
    parts = []
    for place in dict.fromkeys(neuron.place for neuron in neurons):
        chosen = [number for number, neuron in enumerate(neurons) if neuron.place == place]
        events = _bests(Reader(pathway, [neurons[number] for number in chosen], frame=frame), blocks)
        parts.append(events.assign(number=events["number"].map(dict(enumerate(chosen)))))
    events = pd.concat(parts).sort_values(["number", "step"], kind="stable", ignore_index=True)
    return pd.DataFrame(
        {
            "neuron": [neurons[number].name for number in events["number"]], "restart": 0, "step": events["step"],
            "temperature": math.nan, "soft": events["best"], "hard": events["best"], "best": events["best"],
            "words": events["words"], "mixed": math.nan,
        }
    )  # fmt: skip


def _bests(reader: Reader, blocks: list[np.ndarray]) -> pd.DataFrame:
    """One row per n-gram that was better than all before it: the ``number`` of the neuron, ``step``, ``best``, ``words``."""
    best, read, rows = np.full(len(reader.neurons), -np.inf), 0, []
    for ngrams, found in corpus_search.activations(reader, blocks):
        values = found.double().cpu().numpy()
        if np.isnan(values).any():
            name = reader.neurons[int(np.isnan(values).any(axis=0).argmax())].name
            raise ValueError(f"the activation of {name!r} is not a number: was the network's training unstable?")
        before = np.maximum.accumulate(np.concatenate((best[None], values)))[:-1]
        for at, neuron in zip(*np.nonzero(values > before), strict=True):
            words = texts(reader.pathway.vocabulary, [ngrams[at]])[0]
            rows.append((int(neuron), read + int(at), values[at, neuron], words))
        best, read = np.maximum(best, values.max(axis=0)), read + len(ngrams)
    events = pd.DataFrame(rows, columns=["number", "step", "best", "words"]).sort_values(
        ["number", "step"], kind="stable"
    )
    return pd.concat([events, events.groupby("number").tail(1).assign(step=read)])


def of_methods(
    pathway: Pathway,
    neurons: Sequence[Neuron] | Neuron,
    corpus: passes.Sentences | None = None,
    length: int = 5,
    methods: Iterable[str] = ("gumbel", "softmax", "logit", "embedding", "corpus"),
    *,
    moments: Collection[int] | None = None,
    top: int = 4,
    ascents: Mapping[str, Ascent] | None = None,
    **options,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same neurons watched with several methods.

    Parameters
    ----------
    pathway, neurons, corpus, length
        As for :func:`reading_neurons.methods.input_optimization.optimize`.
    methods : iterable of str
        ``"corpus"``, or ascents.
    moments, top
        As for :class:`Recorder`.
    ascents : mapping of str to Ascent
        How the ascent of a method goes, where it is not the default.
    **options
        Passed on to the ascents.

    Returns
    -------
    (DataFrame, DataFrame)
        :meth:`Recorder.steps` and :meth:`Recorder.words`, each with a first column ``method``; of corpus search the
        words are those of its best n-grams, of weight 1.

    Raises
    ------
    ValueError
        If a method cannot be watched, or as :func:`reading_neurons.methods.input_optimization.optimize` does.
    """
    steps, words = [], []
    for method in methods:
        if method == "corpus":
            if corpus is None:
                raise ValueError("the method 'corpus' looks for n-grams in a corpus: give corpus=..")
            of_steps = in_corpus(pathway, neurons, corpus, length)
            of_words = _written(of_steps)
        elif method in RELAXATIONS or method == "gumbel + swaps":
            recorder = Recorder(moments, top)
            ascent = (ascents or {}).get(method)
            optimize(pathway, neurons, length, method, corpus=corpus, ascent=ascent, watch=recorder, **options)
            of_steps, of_words = recorder.steps(), recorder.words()
        else:
            raise ValueError(f"the method {method!r} has no steps to watch: choose of corpus, {', '.join(RELAXATIONS)}")
        for parts, table in ((steps, of_steps), (words, of_words)):
            table.insert(0, "method", method)
            parts.append(table)
    return pd.concat(steps, ignore_index=True), pd.concat(words, ignore_index=True)


def _written(steps: pd.DataFrame) -> pd.DataFrame:
    """The n-grams of a table of steps as certain words."""
    split = (
        steps[["neuron", "restart", "step"]]
        .assign(word=steps["words"].str.split(" "))
        .explode("word", ignore_index=True)
    )
    place = split.groupby(["neuron", "restart", "step"], sort=False).cumcount()
    return split.assign(place=place, rank=0, weight=1.0, entropy=0.0)[
        ["neuron", "restart", "step", "place", "rank", "word", "weight", "entropy"]
    ]


"""Poerner et al. 2018, section 3.2 and figure 1: which method writes the n-gram that excites a neuron most.

Four cases: the outputs of a pathway (a scene's objects, the next word), and groups of its hidden units; and single
hidden units, which the paper leaves out because they are easy. Six methods: the paper's five, and the default here,
the Gumbel softmax followed by exact swaps. Three networks: the default one, one that knows every word of its training
captions, as the paper's did, and the first with random weights.

Easy to get wrong: what the gap to corpus search is made of. Whoever may write any word may write words that were hardly
trained, and those that a corpus holds three times are three times in its n-grams. So the network that knows every word
is asked twice, once with its rare words forbidden to both methods.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch

from reading_neurons.corpora import CaptionCorpus
from reading_neurons.experiments import input_claims, input_truth, truth
from reading_neurons.experiments.input_claims import (
    DEFAULT_NETWORK,
    EVERY_WORD,
    FORBIDDEN,
    METHODS,
    SWAPPED,
    UNTRAINED,
    claims_of,
)
from reading_neurons.experiments.panel import QUICK, panel
from reading_neurons.experiments.record import DIGITS, Record
from reading_neurons.methods import corpus_search
from reading_neurons.methods.ascent import DEFAULT, Ascent, Step
from reading_neurons.methods.input_optimization import allowed_words, optimize, texts
from reading_neurons.methods.relaxations import WordRelaxation
from reading_neurons.methods.unit_groups import NO_GROUP, unit_groups
from reading_neurons.models import store
from reading_neurons.neurons import Neuron, group, output, unit
from reading_neurons.pathway import Pathway
from reading_neurons.reader import Reader

logger = logging.getLogger(__name__)
LENGTH = 5
DRAWN_FROM = 1024  # the paper's outputs are drawn from the first 1,024, here the most frequent words
PRECISION = "bfloat16"  # of the search; activations are always given in single precision

# Four restarts of 40 steps for every method, so that all may spend the same. The learning rate of each is the best of
# .01, .1 and 1 on 36 neurons that were drawn with another seed, before any comparison with a corpus; how each rate does
# is recorded anew in the table "rates". The paper's single rate, .001, leaves weights of words nearly equal in 40 steps.
RATES = {"embedding": 0.01, "logit": 0.01, "softmax": 1.0, "gumbel": 1.0}
TRIED = (0.001, 0.01, 0.1, 1.0)


@dataclass(frozen=True)
class Counts:
    """How many neurons are asked, and how long.

    Attributes
    ----------
    outputs, units, groups : int
        Of each pathway, where it has so many.
    others : int
        Outputs, and groups, of the networks other than the default one, which meet corpus search and two methods only.
    tried : int
        Outputs of each pathway on which learning rates are compared.
    sample : int
        N-grams that units are grouped by.
    steps : int
        Of every ascent.
    """

    outputs: int = 160
    units: int = 80
    groups: int = 81
    others: int = 40
    tried: int = 8
    sample: int = 100_000
    steps: int = DEFAULT.steps

    def ascent(self, rate: float) -> Ascent:
        """The ascent of every method, at a learning rate."""
        return replace(DEFAULT, learning_rate=rate, steps=self.steps)


PAPER = Counts()
FEW = Counts(outputs=6, units=4, groups=5, others=3, tried=2, sample=500, steps=3)
"""Of a quick run."""


def run(corpus: str = "coco", *, quick: bool = False, seed: int = 0) -> Record:
    """Compare the methods in every case, or for ``"scenes"`` check them where the truth is known.

    Parameters
    ----------
    corpus : str
    quick : bool
        Tiny networks and few neurons: every step is taken, no figure means anything.
    seed : int

    Returns
    -------
    Record
    """
    if corpus == "scenes":
        return truth.over_seeds(
            "input-optimization", input_truth.checks, quick=quick, seed=seed, networks=("imaginet",)
        )
    compared = panel(corpus, seed=seed, quick=quick, networks=("imaginet",))
    changes = {"seed": seed, "min_count": 1, **(QUICK["imaginet"] if quick else {})}
    every = store.trained("imaginet", compared.corpus, **changes)
    identity = store.identity("imaginet", compared.corpus, every, **changes)
    compared = replace(
        compared,
        identities=compared.identities | {"imaginet, every word": identity},
        seconds=compared.seconds + store.training_seconds(every),
        began=time.monotonic(),
    )
    networks = {DEFAULT_NETWORK: compared.trained, EVERY_WORD: every.pathways, UNTRAINED: compared.untrained}
    tables = analyse(networks, compared.corpus, FEW if quick else PAPER, seed)
    return compared.record(
        "input-optimization", input_claims.figures_of(tables), tables, claims_of(tables)
    )


def analyse(
    networks: Mapping[str, Mapping[str, Pathway]], corpus: CaptionCorpus, counts: Counts = PAPER, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Everything a record keeps.

    Parameters
    ----------
    networks : mapping
        The pathways ``visual`` and ``textual`` of the networks ``default``, ``every word`` and ``untrained``.
    corpus : CaptionCorpus
        N-grams come from all its splits, counts of words from the training captions.
    counts : Counts
    seed : int

    Returns
    -------
    dict of DataFrame
        ``NETWORK, CASE``: one row per neuron, for each method its words, its activation (the column named like the
        method) and its evaluations; ``runs``: per network, case and method what it took; ``groups``: the group of each
        unit; ``words``: how often each word that was written occurs in the training captions; ``rates``: learning
        rates compared on a few outputs.
    """
    captions = [words for split in corpus.splits for words in split.tokens]
    counted = Counter(word for words in corpus.train.tokens for word in words)
    tables: dict[str, pd.DataFrame] = {}
    runs, groups, ngrams = [], {}, {}
    for network, pathways in networks.items():
        vocabulary = pathways["visual"].vocabulary
        if vocabulary not in ngrams:
            ngrams[vocabulary] = corpus_search.distinct_ngrams(captions, vocabulary, LENGTH)
        words = {network: None}
        if network == EVERY_WORD:
            words[FORBIDDEN] = allowed_words(vocabulary, corpus.train, input_claims.RARE)
        for name, pathway in pathways.items():
            neurons = outputs_of(pathway, networks[DEFAULT_NETWORK][name], counts, network, seed)
            if network == DEFAULT_NETWORK or f"{name} hidden" in input_claims.OTHERS:
                grouped = unit_groups(
                    pathway, captions, counts.groups, sample=counts.sample, seed=seed, precision=PRECISION
                )
                groups[f"{network}, {name}"] = grouped["group"].to_numpy()
                neurons |= hidden_of(pathway, grouped, counts, network, seed)
            logger.info("%s network, %s pathway: corpus search", network, name)
            in_corpus = search_corpus(pathway, neurons, ngrams[vocabulary], words)
            for asked, allowed in words.items():
                for case, some in neurons.items():
                    logger.info("%s: %d neurons of %s", asked, len(some), case)
                    found = {"corpus": in_corpus[asked, case]}
                    methods = METHODS[1:] if network == DEFAULT_NETWORK else ("gumbel", SWAPPED)
                    least = input_claims.RARE if allowed is not None else 1
                    found |= dict(optimized(pathway, some, methods, corpus.train.tokens, least, counts, seed))
                    tables[f"{asked}, {case}"] = side_by_side(some, found)
                    runs += [_cost(asked, case, method, rows) for method, rows in found.items()]
    tables["runs"] = pd.DataFrame(runs)
    tables["groups"] = pd.DataFrame({"unit": range(len(grouped)), **groups})
    tables["words"] = _counts_of(tables, counted)
    tables["rates"] = rates(networks[DEFAULT_NETWORK], counts, seed + 1)
    return tables


def outputs_of(pathway: Pathway, default: Pathway, counts: Counts, network: str, seed: int) -> dict[str, list[Neuron]]:
    """The outputs of a pathway that are asked: the same, by name, in every network."""
    names = _outputs(default)
    asked = counts.outputs if network == DEFAULT_NETWORK else counts.others
    drawn = np.random.default_rng(seed).permutation(len(names))[: counts.outputs][:asked]
    return {f"{pathway.name} projection": [output(pathway, names[number]) for number in drawn]}


def hidden_of(
    pathway: Pathway, grouped: pd.DataFrame, counts: Counts, network: str, seed: int
) -> dict[str, list[Neuron]]:
    """The groups of a pathway's units that are asked, and in the default network single units."""
    members = grouped[grouped["group"] != NO_GROUP].groupby("group")["unit"].agg(list)
    groups = [group(some, f"group {number}") for number, some in members.items()]
    rng = np.random.default_rng(seed)
    if network != DEFAULT_NETWORK:
        drawn = sorted(rng.permutation(len(groups))[: counts.others])
        return {f"{pathway.name} hidden": [groups[number] for number in drawn]}
    units = [unit(number) for number in rng.permutation(len(grouped))[: counts.units]]
    return {f"{pathway.name} hidden": groups, f"{pathway.name} units": units}


def _outputs(pathway: Pathway) -> list[str]:
    """The names of outputs that may be drawn: no special symbol, and of words the most frequent."""
    names = list(pathway.output_names)
    return names[pathway.vocabulary.unknown + 1 :][:DRAWN_FROM] if names == list(pathway.vocabulary.words) else names


def search_corpus(
    pathway: Pathway,
    neurons: Mapping[str, Sequence[Neuron]],
    ngrams: Sequence[np.ndarray],
    words: Mapping[str, np.ndarray | None],
) -> dict[tuple[str, str], pd.DataFrame]:
    """Corpus search for all cases of a pathway, one pass for each place where neurons are read.

    Parameters
    ----------
    pathway : Pathway
    neurons : mapping of str to list of Neuron
        By case.
    ngrams : list of int array
        As :func:`reading_neurons.methods.corpus_search.distinct_ngrams` gives them.
    words : mapping of str to bool array, or None
        Names of searches, each with the words that its n-grams may be made of; None for all.

    Returns
    -------
    dict
        By search and case a table as :func:`reading_neurons.methods.input_optimization.optimize` gives it.
    """
    parts: dict[tuple[str, str], pd.DataFrame] = {}
    for place in dict.fromkeys(one.place for some in neurons.values() for one in some):
        cases = {case: some for case, some in neurons.items() if some[0].place == place}
        flat = [one for some in cases.values() for one in some]
        began = time.monotonic()
        best, read = _best_of_words(Reader(pathway, flat, precision=PRECISION), ngrams, words)
        seconds = (time.monotonic() - began) / len(flat)
        exact = Reader(pathway, flat)
        for name, summary in best.items():
            found = summary.result()[0]
            values = [float(exact.read(torch.tensor([one]), torch.tensor([row]))[0]) for row, one in enumerate(found)]
            table = pd.DataFrame(
                {
                    "neuron": [one.name for one in flat], "words": texts(pathway.vocabulary, found),
                    "activation": values, "steps": 0, "seconds": seconds, "evaluations": read[name],
                }
            )  # fmt: skip
            ends = np.cumsum([len(some) for some in cases.values()])
            for case, end in zip(cases, ends, strict=True):
                parts[name, case] = table[end - len(cases[case]) : end].reset_index(drop=True)
    return parts


def _best_of_words(reader: Reader, ngrams, words) -> tuple[dict[str, corpus_search.BestNgrams], dict[str, int]]:
    """The best n-grams of each set of words, and how many n-grams each has."""
    best = {name: corpus_search.BestNgrams(len(reader.neurons)) for name in words}
    read = dict.fromkeys(words, 0)
    for block, activations in corpus_search.activations(reader, ngrams):
        for name, allowed in words.items():
            kept = np.arange(len(block)) if allowed is None else np.flatnonzero(allowed[block].all(axis=1))
            if len(kept):
                best[name].update(block[kept], activations[torch.from_numpy(kept)])
                read[name] += len(kept)
    return best, read


def optimized(
    pathway: Pathway,
    neurons: Sequence[Neuron],
    methods: Sequence[str],
    counted,
    min_count: int,
    counts: Counts,
    seed: int,
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each method's table; the plain Gumbel softmax is what the default method had found before it began to swap."""
    common = {"seed": seed, "corpus": counted, "min_count": min_count, "precision": PRECISION}
    for method in methods:
        ascent = counts.ascent(RATES[method.removesuffix(" + swaps")])
        if method == "gumbel":
            before = BeforeSwaps(ascent)
            swapped = optimize(pathway, neurons, LENGTH, SWAPPED, ascent=ascent, watch=before, **common)
            yield method, before.table(neurons)
            yield SWAPPED, swapped
        elif method != SWAPPED:
            yield method, optimize(pathway, neurons, LENGTH, method, ascent=ascent, **common)


class BeforeSwaps:
    """Watches an ascent, and keeps what it has found at its last step."""

    def __init__(self, ascent: Ascent):
        self.last = ascent.steps - 1
        self._rows: dict[Neuron, dict] = {}
        self._began = 0.0

    def __call__(self, step: Step) -> None:
        if step.step == 0:
            self._began = time.monotonic()
        if step.step < self.last:
            return
        objective = step.objective
        neurons, vocabulary = objective.reader.neurons, objective.reader.pathway.vocabulary
        # The clock was started after the first of the steps.
        seconds = (time.monotonic() - self._began) * (self.last + 1) / max(self.last, 1) / len(neurons)
        for row, (neuron, words) in enumerate(zip(neurons, texts(vocabulary, objective.best), strict=True)):
            self._rows[neuron] = {
                "neuron": neuron.name, "words": words, "activation": objective.sign * float(objective.value[row]),
                "steps": self.last + 1, "seconds": seconds, "evaluations": int(objective.evaluations[row]),
            }  # fmt: skip

    def table(self, neurons: Sequence[Neuron]) -> pd.DataFrame:
        """One row per neuron, in order."""
        return pd.DataFrame([self._rows[neuron] for neuron in neurons])


def side_by_side(neurons: Sequence[Neuron], found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per neuron: what each method wrote, what that scores, and what it cost."""
    columns: dict[str, object] = {"neuron": [one.name for one in neurons]}
    for method, table in found.items():
        columns |= {
            f"{method} words": table["words"].to_numpy(),
            method: [_kept(value) for value in table["activation"]],
        }
        if method != "corpus":  # whose evaluations are the n-grams of the corpus, the same for all
            columns[f"{method} evaluations"] = table["evaluations"].to_numpy()
        if "cosine" in table:
            columns[f"{method} cosine"] = table["cosine"].round(3).to_numpy()
    return pd.DataFrame(columns)


def _kept(value: float) -> float:
    """As a record keeps it, so that whatever is computed here is what comes of the record."""
    return float(f"{value:.{DIGITS}g}")


def _cost(network: str, case: str, method: str, table: pd.DataFrame) -> dict:
    return {
        "network": network, "case": case, "method": method, "neurons": len(table), "steps": int(table["steps"].max()),
        "seconds": float(table["seconds"].sum()), "evaluations": float(table["evaluations"].mean()),
    }  # fmt: skip


def _counts_of(tables: Mapping[str, pd.DataFrame], counted: Mapping[str, int]) -> pd.DataFrame:
    """How often each word that a method wrote occurs in the training captions."""
    written = {
        word
        for table in tables.values()
        for column in table
        if column.endswith(" words")
        for text in table[column]
        for word in text.split()
    }
    ordered = sorted(written, key=lambda word: (-counted[word], word))
    return pd.DataFrame({"word": ordered, "count": [counted[word] for word in ordered]})


def rates(pathways: Mapping[str, Pathway], counts: Counts, seed: int) -> pd.DataFrame:
    """Learning rates of the four relaxations, each on the same few outputs.

    Returns
    -------
    DataFrame
        One row per method, rate and case: ``activation`` of the words, the mean of the outputs; ``read``, the
        activation of what the network read at the last step, before it was rounded to words; ``largest``, the weight
        of the heaviest word of a place at that step (NaN where no words are weighted).
    """
    rows = []
    for name, pathway in pathways.items():
        all_outputs = _outputs(pathway)
        drawn = np.random.default_rng(seed).permutation(len(all_outputs))[: counts.tried]
        neurons = [output(pathway, all_outputs[number]) for number in drawn]
        for method in RATES:
            for rate in TRIED:
                ascent = counts.ascent(rate)
                last = _LastStep(ascent)
                found = optimize(
                    pathway, neurons, LENGTH, method, seed=seed, ascent=ascent, precision=PRECISION, watch=last
                )
                rows.append(
                    {
                        "method": method, "rate": rate, "case": f"{name} projection", "neurons": len(neurons),
                        "activation": float(found["activation"].mean()), "read": last.read, "largest": last.largest,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


class _LastStep:
    """Watches an ascent: what the network reads at the last step, and how much of it is one word."""

    def __init__(self, ascent: Ascent):
        self.last = ascent.steps - 1
        self.read = self.largest = float("nan")

    def __call__(self, step: Step) -> None:
        # Asked for at an earlier step, the weights would draw noise that the next one needs.
        if step.step < self.last:
            return
        self.read = float(step.activation.mean())
        if isinstance(step.relaxation, WordRelaxation) and step.relaxation.method != "logit":
            with torch.no_grad():
                self.largest = float(step.relaxation.weights(step.temperature).amax(dim=2).mean())

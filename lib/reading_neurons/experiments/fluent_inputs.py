"""Beyond Poerner et al. 2018: what is left of an optimal input if it must be something that a person might write.

Optimised n-grams excite a neuron more than any n-gram of a corpus does, but they are heaps of words, while n-grams of a
corpus are fluent by construction. Is fluency what they win by leaving it? Here the front between activation and
fluency is found for random outputs of both pathways, with a language model trained on its own as the judge, and read
off at the fluency of n-grams that people wrote. Beside it: words pinned in their places, inputs of 1 to 10 words, and
what silences a neuron.

Easy to get wrong: what zero is. Outputs are scores with a bias, so that a ratio of two activations depends on it; what
remains is counted from the neuron's mean over the n-grams of the corpus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from reading_neurons.corpora import CaptionCorpus
from reading_neurons.experiments import truth
from reading_neurons.experiments.fluent_claims import claims_of, figures_of
from reading_neurons.experiments.fluent_truth import NETWORKS, checks
from reading_neurons.experiments.panel import panel
from reading_neurons.experiments.record import Record
from reading_neurons.methods.ascent import Ascent
from reading_neurons.methods.completions import completions, every_word, parse_frame
from reading_neurons.methods.fluent_fronts import thinned
from reading_neurons.methods.fluent_inputs import at_fluency, corpus_front, drawn_ngrams, fluent_inputs
from reading_neurons.methods.fluent_search import Evolution
from reading_neurons.methods.input_lengths import by_length
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.judge import Judge
from reading_neurons.methods.pareto import hypervolume
from reading_neurons.methods.silence import woken
from reading_neurons.methods.swaps import Swaps
from reading_neurons.neurons import Neuron, output, unit
from reading_neurons.pathway import Pathway
from reading_neurons.statistics import quantiles
from reading_neurons.text import SPECIALS

LENGTH = 5
LENGTHS = (1, 2, 3, 4, 5, 6, 8, 10)
TABLE_1 = ("umbrella", "race", "windshield", "left")  # the paper's outputs of the language model
FRAMES = ("under an _", "a _ on a", "sitting on a _", "a man with a _", "_ in the", "a red _ and", "a _ is")
ENDS = ("_ _ _ under an", "_ _ _ in the", "_ _ _ to their", "_ _ _ through a")
BEST = 6  # completions of a frame that a record keeps
REFERENCE = -10.0  # nats per word, below which nothing counts in a hypervolume: the fluency of random words
PRECISION = "bfloat16"
LIGHT = {"ascent": Ascent(restarts=2), "swaps": Swaps(passes=3, candidates=64, starts=1)}
"""A quarter of the default's evaluations, for questions that ask for hundreds of optima."""


@dataclass(frozen=True)
class Counts:
    """How much is looked at: outputs of each pathway, trained and untrained; outputs that meet the peers, and whose
    completions are kept; outputs and units of each length; n-grams and captions of the corpus."""

    outputs: int = 24
    untrained: int = 8
    peers: int = 4
    lengths: int = 5
    lengths_read: tuple[int, ...] = LENGTHS
    evaluations: int = 3000
    drawn: int = 10_000
    captions: int = 2000


FEW = Counts(3, 2, 2, 1, (1, 2, 3), 300, 200, 200)


def run(corpus: str = "coco", *, quick: bool = False, seed: int = 0) -> Record:
    """Find fluent inputs of random outputs, or for ``"scenes"`` check the method where the truth is known.

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
        return truth.over_seeds("fluent-inputs", checks, quick=quick, seed=seed, networks=NETWORKS)
    compared = panel(corpus, seed=seed, quick=quick, networks=NETWORKS)
    tables = analyse(compared.trained, compared.untrained, compared.corpus, FEW if quick else Counts(), seed)
    return compared.record("fluent-inputs", figures_of(tables), tables, claims_of(tables))


def analyse(
    trained: Mapping[str, Pathway],
    untrained: Mapping[str, Pathway],
    corpus: CaptionCorpus,
    counts: Counts = Counts(),
    seed: int = 0,
) -> dict[str, pd.DataFrame]:
    """Everything a record keeps.

    Returns
    -------
    dict of DataFrame
        ``fluency``: quantiles of what people wrote; ``neurons``: for each output the optimum, the front's best at the
        median fluency of n-grams and of openings and at that of the corpus's best n-gram, and that n-gram; ``fronts``;
        ``searches``: hypervolumes of three searches; ``lengths``; ``silence``: pairs of outputs; ``silencers``;
        ``completions`` and ``winners`` of frames.
    """
    judge = trained["language model"]
    sentences = [words for split in corpus.splits for words in split.tokens]
    rng = np.random.default_rng(seed)
    some = [corpus.test.tokens[i] for i in rng.permutation(len(corpus.test))[: counts.captions]]
    written = {
        name: Judge(judge, precision=PRECISION).read(torch.from_numpy(drawn_ngrams(
            sentences, judge.vocabulary, LENGTH, counts.drawn, openings=name == "openings", seed=seed
        ))).numpy()
        for name in ("n-grams", "openings")
    }  # fmt: skip
    medians = {name: float(np.median(values)) for name, values in written.items()}
    parts: dict[str, list[pd.DataFrame]] = {}
    for name in ("visual", "textual"):
        chosen = outputs(trained[name], counts.outputs, seed)
        for state, pathway, neurons in (
            ("trained", trained[name], chosen),
            ("untrained", untrained[name], chosen[: counts.untrained]),
        ):
            said = {"network": state, "pathway": name}
            optima = optimize(pathway, neurons, LENGTH, seed=seed, precision=PRECISION)
            evolution = Evolution(evaluations=counts.evaluations)
            points = fluent_inputs(
                pathway, neurons, judge, LENGTH, seed=seed, evolution=evolution, optimum=optima, precision=PRECISION
            )
            of = sentences if state == "trained" else corpus.test.tokens  # of a control only the mean is needed
            in_corpus = corpus_front(pathway, neurons, judge, of, LENGTH, precision=PRECISION)
            _add(parts, "neurons", compared_neurons(points, in_corpus, medians), said)
            _add(parts, "fronts", thinned(points, medians["n-grams"]), said)
            lowest = optimize(pathway, neurons, LENGTH, lowest=True, seed=seed, precision=PRECISION, **LIGHT)
            usual = drawn_ngrams(some, pathway.vocabulary, LENGTH, counts.drawn, seed=seed)
            pairs = woken(pathway, neurons, lowest["words"], usual, precision=PRECISION)
            _add(parts, "silence", pairs.drop(columns="words").round(3), said)
            _add(parts, "silencers", lowest[["neuron", "words", "activation"]], said)
            if state == "trained":
                few = slice(counts.peers)
                _add(
                    parts,
                    "searches",
                    searches(pathway, neurons[few], judge, points, in_corpus, seed),
                    {"pathway": name},
                )
        found = lengths(trained[name], chosen[: counts.lengths], counts, some, seed)
        _add(parts, "lengths", found, {"pathway": name})
        for table, rows in frames(trained[name], chosen[: 3 * counts.peers]).items():
            _add(parts, table, rows, {"pathway": name})
    shares = (0.05, 0.25, 0.5, 0.75, 0.95)
    table = pd.DataFrame({name: quantiles(values, shares) for name, values in written.items()}).T
    tables = {
        "fluency": table.set_axis(["p5", "q1", "median", "q3", "p95"], axis=1).rename_axis("written").reset_index()
    }
    return tables | {name: pd.concat(rows, ignore_index=True) for name, rows in parts.items()}


def _add(parts: dict[str, list[pd.DataFrame]], name: str, table: pd.DataFrame, said: Mapping[str, str]) -> None:
    parts.setdefault(name, []).append(pd.DataFrame(said, index=table.index).join(table))


def outputs(pathway: Pathway, count: int, seed: int) -> list[Neuron]:
    """Random outputs of a pathway, of words those of the paper's table 1 first; no special symbol."""
    names = pathway.output_names
    first = [name for name in TABLE_1 if name in names]
    others = [name for name in names if name not in first and name not in SPECIALS]
    drawn = np.random.default_rng(seed).permutation(len(others))
    return [output(pathway, names.index(name)) for name in [*first, *(others[i] for i in drawn)][:count]]


def compared_neurons(points: pd.DataFrame, in_corpus: pd.DataFrame, medians: Mapping[str, float]) -> pd.DataFrame:
    """For each neuron the optimum, the corpus's best n-gram, and fluent n-grams of both.

    Returns
    -------
    DataFrame
        ``neuron``, ``mean`` (over n-grams of the corpus), and ``words``, ``activation`` and ``log_probability`` after
        ``optimum``, ``corpus``, ``fluent`` and ``fluent corpus`` (both at least as fluent as the median n-gram),
        ``opening`` (as the median opening) and ``matched`` (as the corpus's best). NaN where nothing is so fluent.
    """
    rows = []
    for neuron, own in points.groupby("neuron", sort=False):
        of_corpus = in_corpus[in_corpus["neuron"] == neuron]
        best = of_corpus.iloc[0]
        found = {
            "optimum": own,
            "corpus": of_corpus,
            "fluent": at_fluency(own, medians["n-grams"]),
            "fluent corpus": at_fluency(of_corpus, medians["n-grams"]),
            "opening": at_fluency(own, medians["openings"]),
            "matched": at_fluency(own, best["log_probability"]),
        }
        row = {"neuron": neuron, "mean": best["mean"]}
        for name, table in found.items():
            first = table.iloc[0] if len(table) else {}
            for column, missing in (("words", ""), ("activation", np.nan), ("log_probability", np.nan)):
                row[f"{name} {column}"] = first.get(column, missing)
        rows.append(row)
    return pd.DataFrame(rows)


def of_corpus(neurons: pd.DataFrame) -> pd.DataFrame:
    """The corpus's best n-gram of each trained output, and its best fluent one, as a chart of fronts takes them."""
    trained = neurons[neurons["network"] == "trained"]
    columns = ["words", "activation", "log_probability"]
    parts = [
        trained[["pathway", "neuron", *(f"{name} {column}" for column in columns)]].set_axis(
            ["pathway", "neuron", *columns], axis=1
        )
        for name in ("corpus", "fluent corpus")
    ]
    return pd.concat(parts, ignore_index=True).dropna().drop_duplicates()


def searches(
    pathway: Pathway,
    neurons: Sequence[Neuron],
    judge: Pathway,
    points: pd.DataFrame,
    in_corpus: pd.DataFrame,
    seed: int,
) -> pd.DataFrame:
    """The hypervolume of the default's fronts and of its peers' at the same evaluations, the optimum's included.

    Of each neuron activation counts from its mean over the corpus, in units of the best that any search found; fluency
    from :data:`REFERENCE`, in units of 10 nats.
    """
    names = [neuron.name for neuron in neurons]
    mine = points[points["neuron"].isin(names)]
    spent = int(mine["evaluations"].max())
    found = {"fronts": mine}
    for way in ("epo", "weighted"):
        evolution = Evolution(way=way, evaluations=spent)
        found[way] = fluent_inputs(pathway, neurons, judge, LENGTH, seed=seed, evolution=evolution, precision=PRECISION)
    rows = []
    for name in names:
        own = {way: table[table["neuron"] == name] for way, table in found.items()}
        mean = in_corpus.loc[in_corpus["neuron"] == name, "mean"].iloc[0]
        scale = max(table["activation"].max() for table in own.values()) - mean
        for way, table in own.items():
            values = np.stack(
                ((table["activation"] - mean) / scale, (table["log_probability"] - REFERENCE) / -REFERENCE), axis=1
            )
            spent = int(table["evaluations"].iloc[0])
            rows.append(
                {"neuron": name, "search": way, "evaluations": spent, "hypervolume": hypervolume(values, (0, 0))}
            )
    return pd.DataFrame(rows)


def lengths(pathway: Pathway, chosen: Sequence[Neuron], counts: Counts, captions, seed: int) -> pd.DataFrame:
    """Optima of outputs and of random units for every length, and the best n-grams of some captions."""
    drawn = np.random.default_rng(seed).permutation(pathway.units)[: len(chosen)]
    parts = []
    for kind, neurons in (("output", list(chosen)), ("unit", [unit(int(number)) for number in drawn])):
        table = by_length(
            pathway, neurons, counts.lengths_read, corpus=captions, seed=seed, precision=PRECISION, **LIGHT
        )
        parts.append(table.assign(kind=kind))
    return pd.concat(parts, ignore_index=True)


def frames(pathway: Pathway, neurons: Sequence[Neuron]) -> dict[str, pd.DataFrame]:
    """The best completions of some frames for some outputs, and the words that win a frame for most of all outputs.

    Frames with a word that the network does not know are left out.
    """
    known = [frame for frame in FRAMES if all(word in pathway.vocabulary for word in parse_frame(frame)[1].values())]
    ends = [frame for frame in ENDS if all(word in pathway.vocabulary for word in parse_frame(frame)[1].values())]
    search = {"precision": PRECISION, **LIGHT}
    parts = [completions(pathway, neurons, frame, BEST, **search).assign(frame=frame) for frame in (*known, *ends)]
    every = [output(pathway, i) for i, name in enumerate(pathway.output_names) if name not in SPECIALS]
    won = []
    for frame in known:
        wins = every_word(pathway, every, frame, precision=PRECISION).idxmax().value_counts()
        top = wins.head(BEST)
        won.append(
            pd.DataFrame(
                {"frame": frame, "word": top.index, "outputs": top.to_numpy(), "of": len(every), "different": len(wins)}
            )
        )
    both = pd.concat(parts, ignore_index=True)
    return {
        "completions": both[["frame", "neuron", "rank", "filling", "activation"]].round({"activation": 3}),
        "winners": pd.concat(won, ignore_index=True),
    }

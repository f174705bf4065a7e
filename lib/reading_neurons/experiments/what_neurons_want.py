"""Poerner et al. 2018, section 3.3 and table 1: what the inputs that neurons want are made of.

The paper shows seven neurons and reads three things off them: optimal inputs of the visual network rarely hold function
words, those of the language model hold them right before the predicted word, and one neuron may answer to several
concepts. Here the best 5-gram of the training captions and the best that an optimiser writes are recorded for all
categories and for words drawn at random, counted, and held against an untrained network.

Easy to get wrong: reading a habit of the corpus as a habit of the network. The best 5-gram of a corpus is a piece of
a sentence, whoever reads it, and holds as many function words as sentences do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from torch.nn import functional as F

from reading_neurons.annotation import annotate, token_table
from reading_neurons.experiments import truth
from reading_neurons.experiments.panel import Panel, panel
from reading_neurons.experiments.record import Record
from reading_neurons.experiments.wanted_claims import claims_of, figures_of
from reading_neurons.experiments.wanted_truth import checks
from reading_neurons.methods import function_words as words_of_function
from reading_neurons.methods.concepts import Peeling, concepts
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.ngram_omission import word_effects
from reading_neurons.methods.related_words import relatives
from reading_neurons.neurons import Neuron, output, scores_next_word
from reading_neurons.pathway import Pathway

LENGTH = 5
DRAWN, QUICK_DRAWN = 160, 6  # words whose outputs are read
PAPER = ("umbrella", "race", "windshield", "left")  # the paper's textual neurons
CONTROLS = 50  # neurons of each pathway of the untrained network
TOLD = (20, 12)  # textual and visual neurons whose concepts are looked for
PAIRS = 8  # means of two categories: two concepts are known
CONTROL_TOLD = 8  # neurons of each pathway whose concepts are looked for in the untrained network
METHODS = {"corpus": "corpus", "optimal": "gumbel + swaps"}
CONTROL = {"optimal": METHODS["optimal"]}
CLASSES = ("noun", "verb", "adjective", "any")
_QUOTED = {
    "food: unit 315, here pizza": (
        ("pizza a sandwich and appetizers", 48.44),
        ("fangs calzone raspberries sandwhich pizzas", 64.46),
    ),
    "flight: unit 657, here airplane": (
        ("fighter jet flying in formation", 31.25),
        ("propelleor phrases jetliners treetops flight", 37.82),
    ),
    "ball games: unit 1006, here baseball glove": (
        ("goalie outfit throwing a ball", 65.00),
        ("footplate goalie pitchers racecourse bat", 75.30),
    ),
    "umbrella": (("a woman sitting under an", 13.28), ("campbell lawn raincoat under an", 17.54)),
    "race": (("finish line at a horse", 9.45), ("horsed horseback motorcycles enthusiast they", 13.32)),
    "windshield": (("the view through a car", 10.42), ("logging jeep watch through cracked", 14.87)),
    "left": (("a giraffe looks to its", 10.64), ("fest stares stares to their", 13.22)),
}
TABLE_1 = pd.DataFrame(
    [(neuron, *corpus, *optimal) for neuron, (corpus, optimal) in _QUOTED.items()],
    columns=["neuron", "paper_corpus", "paper_corpus_activation", "paper_optimal", "paper_optimal_activation"],
)
"""Table 1 of Poerner et al. 2018: n-grams and activations, quoted. Visual outputs are image features without a name."""


def run(corpus: str = "coco", *, quick: bool = False, seed: int = 0) -> Record:
    """What neurons want, or for ``"scenes"`` whether that is what was planted.

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
        return truth.over_seeds("what-neurons-want", checks, quick=quick, seed=seed, networks=("imaginet",))
    world = panel(corpus, seed=seed, quick=quick, networks=("imaginet",))
    tables = analyse(world)
    return world.record("what-neurons-want", figures_of(tables), tables, claims_of(tables))


def analyse(world: Panel) -> dict[str, pd.DataFrame]:
    """Everything a record keeps.

    Returns
    -------
    dict of DataFrame
        ``ngrams``: one row per network, neuron and method: the n-gram, its activation and what each word adds;
        ``words``: the class of every word of them, empty where the parser has not seen it; ``captions``: how often a
        function word stands before a noun, a verb, an adjective, any word; ``next``: for textual neurons whether the
        last word and the predicted one are neighbours in the corpus; ``concepts``, ``wanted`` and ``found``: see
        :class:`reading_neurons.methods.concepts.Concepts`; ``vocabulary``: how many words, and how many of function.
    """
    corpus = world.corpus.train.tokens[:2000] if world.quick else world.corpus.train.tokens
    tokens = token_table(world.test, annotate(world.test))
    classes = words_of_function.word_classes(tokens)
    function = words_of_function.function_words(classes)
    chosen = {name: _chosen(pathway, world, classes) for name, pathway in world.trained.items()}
    networks = {"trained": world.trained, "untrained": world.untrained}
    ngrams = pd.concat(
        [
            _ngrams(pathway, _some(chosen[name], network, world.quick), corpus, world, network).assign(pathway=name)
            for network, pathways in networks.items()
            for name, pathway in pathways.items()
        ],
        ignore_index=True,
    )
    used = sorted({word for ngram in ngrams["words"] for word in ngram.split()} | set(ngrams["neuron"]))
    vocabulary = world.trained["textual"].vocabulary
    known = [word for word in vocabulary.words[vocabulary.unknown + 1 :]]
    return {
        "ngrams": ngrams,
        "words": pd.DataFrame({"word": used, "class": [classes.get(word, "") for word in used]}),
        "captions": words_of_function.before(tokens, classes, CLASSES),
        "next": _next(ngrams, words_of_function.bigrams(corpus)),
        "vocabulary": pd.DataFrame({"words": [len(known)], "function": [sum(word in function for word in known)]}),
        **_concepts(world, chosen, ngrams, function),
    }


def _chosen(pathway: Pathway, world: Panel, classes: Mapping[str, str]) -> list[tuple[Neuron, str]]:
    """The neurons of a pathway that are read, and why: all categories, or words drawn at random and the paper's."""
    if not scores_next_word(pathway):
        found = [(output(pathway, number), "category") for number in range(len(pathway.output_names))]
        return found[:QUICK_DRAWN] if world.quick else found
    # Words that the parser has seen, so that what is predicted has a class.
    known = [word for word in pathway.vocabulary.words[pathway.vocabulary.unknown + 1 :] if word in classes]
    rng = np.random.default_rng(world.seed)
    drawn = rng.choice(known, min(QUICK_DRAWN if world.quick else DRAWN, len(known)), replace=False).tolist()
    paper = [word for word in PAPER if word in pathway.vocabulary]
    why = {word: "random" for word in drawn} | {word: "paper" for word in paper if word not in drawn}
    return [(output(pathway, pathway.vocabulary.number(word)), reason) for word, reason in why.items()]


def _some(chosen: Sequence[tuple[Neuron, str]], network: str, quick: bool) -> Sequence[tuple[Neuron, str]]:
    return chosen if network == "trained" else chosen[: QUICK_DRAWN if quick else CONTROLS]


def _precision(world: Panel) -> str:
    return "float32" if world.quick else "bfloat16"


def _ngrams(pathway: Pathway, chosen, corpus, world: Panel, network: str) -> pd.DataFrame:
    """The best n-gram of each neuron by each method, and what each word adds."""
    neurons = [neuron for neuron, _ in chosen]
    parts = []
    for name, method in (METHODS if network == "trained" else CONTROL).items():
        found = optimize(pathway, neurons, LENGTH, method, corpus=corpus, seed=world.seed, precision=_precision(world))
        effects = word_effects(pathway, neurons, found["words"].tolist())
        wide = effects.pivot(index="number", columns="place", values="effect").reindex(columns=range(LENGTH))
        table = found[["neuron", "words"]].assign(activation=found["activation"].round(4), method=name)
        table["why"] = [why for _, why in chosen]
        parts.append(table.assign(**{f"drop{place}": wide[place].round(3).to_numpy() for place in range(LENGTH)}))
    return pd.concat(parts, ignore_index=True).assign(network=network)


def _next(ngrams: pd.DataFrame, known) -> pd.DataFrame:
    """For textual neurons, whether the last word and the predicted one follow each other in the corpus."""
    parts = []
    for (network, method), part in ngrams[ngrams["pathway"] == "textual"].groupby(["network", "method"], sort=False):
        last = [ngram.split()[-1] for ngram in part["words"]]
        found = words_of_function.continued(last, part["neuron"].tolist(), known)
        parts.append(found.assign(network=network, method=method, neuron=part["neuron"].to_numpy(), last=last))
    return pd.concat(parts, ignore_index=True).round({"others": 4})


def _concepts(world: Panel, chosen, ngrams: pd.DataFrame, function: set[str]) -> dict[str, pd.DataFrame]:
    """The concepts of some neurons of each pathway, of pairs of categories, and of the untrained network."""
    ways = {"ignore": function, "precision": _precision(world), "seed": world.seed, "peeling": Peeling()}
    told = {"textual": TOLD[0], "visual": TOLD[1]}
    parts: dict[str, list[pd.DataFrame]] = {"concepts": [], "wanted": [], "found": []}
    for network, pathways in (("trained", world.trained), ("untrained", world.untrained)):
        for name, pathway in pathways.items():
            count = 2 if world.quick else told[name] if network == "trained" else CONTROL_TOLD
            neurons = _first(chosen[name], count)
            kinds = ["one"] * len(neurons)
            if name == "visual" and network == "trained":
                pairs = _pairs(pathway, 2 if world.quick else PAIRS, world.seed)
                neurons, kinds = neurons + pairs, kinds + ["pair"] * len(pairs)
            found = concepts(pathway, neurons, LENGTH, **ways)
            kind = dict(zip((neuron.name for neuron in neurons), kinds, strict=True))
            table = found.concepts.assign(in_corpus=_in_corpus(found.concepts, pathway, ngrams, network, name))
            for key, rows in (("concepts", table), ("wanted", found.wanted), ("found", found.best)):
                parts[key].append(rows.assign(network=network, pathway=name, kind=rows["neuron"].map(kind)))
    joined = {key: pd.concat(tables, ignore_index=True) for key, tables in parts.items()}
    joined["wanted"] = joined["wanted"].round({"drop": 3})
    return joined


def _first(chosen: Sequence[tuple[Neuron, str]], count: int) -> list[Neuron]:
    """The paper's neurons, then the first of the others."""
    return [neuron for neuron, _ in sorted(chosen, key=lambda one: one[1] != "paper")[:count]]


def _pairs(pathway: Pathway, count: int, seed: int) -> list[Neuron]:
    """Means of two outputs: neurons that answer to two things for sure."""
    names = pathway.output_names
    numbers = np.random.default_rng(seed).permutation(len(names))[: 2 * count].reshape(-1, 2)
    label = [name.partition(":")[2] or name for name in names]
    return [Neuron("output", (int(a), int(b)), f"{label[a]} + {label[b]}", "end") for a, b in numbers]


def _in_corpus(
    found: pd.DataFrame, pathway: Pathway, ngrams: pd.DataFrame, network: str, name: str
) -> list[bool | None]:
    """Whether the best n-gram of the corpus has a word of a concept, or a relative of it; None where there is none."""
    rows = ngrams[(ngrams["network"] == network) & (ngrams["pathway"] == name) & (ngrams["method"] == "corpus")]
    best = dict(zip(rows["neuron"], rows["words"], strict=True))
    directions = F.normalize(pathway.embedding.detach().float(), dim=1)
    groups = {
        neuron: [[pathway.vocabulary.number(word) for word in group.split()] for group in part["group"]]
        for neuron, part in found.groupby("neuron", sort=False)
    }
    answers: list[bool | None] = []
    for row in found.itertuples():
        if row.neuron not in best:
            answers.append(None)  # a pair, or the untrained network, for which the corpus was not searched
            continue
        own = groups[row.neuron]
        if row.related:
            kin = relatives(directions, own, row.concept)
        else:
            kin = torch.zeros(len(directions), dtype=torch.bool)
            kin[own[row.concept]] = True
        answers.append(bool(kin[[pathway.vocabulary.number(word) for word in best[row.neuron].split()]].any()))
    return answers


def shown(tables: Mapping[str, pd.DataFrame], network: str = "trained") -> pd.DataFrame:
    """The n-grams of a record word by word, as :func:`reading_neurons.charts.wanted.optimal_ngrams` takes them.

    Returns
    -------
    DataFrame
        ``pathway``, ``neuron``, ``method``, ``place``, ``word``, ``activation``, ``drop``.
    """
    rows = tables["ngrams"].query("network == @network")
    long = [
        (row.pathway, row.neuron, row.method, place, word, row.activation, getattr(row, f"drop{place}"))
        for row in rows.itertuples()
        for place, word in enumerate(row.words.split())
    ]
    return pd.DataFrame(long, columns=["pathway", "neuron", "method", "place", "word", "activation", "drop"])


def beside_paper(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The paper's table 1, and the n-grams of the same words' outputs, or of the category nearest to its unit, here."""
    rows = tables["ngrams"].query("network == 'trained'")
    parts = []
    for row in TABLE_1.to_dict(orient="records"):
        category = row["neuron"].partition(", here ")[2]
        own = rows[rows["neuron"] == (f"object:{category}" if category else row["neuron"])].set_index("method")
        if not own.empty:
            parts.append(
                row
                | {f"here_{m}": own["words"][m] for m in METHODS}
                | {f"here_{m}_activation": own["activation"][m] for m in METHODS}
            )
    return pd.DataFrame(parts)


def shown_concepts(tables: Mapping[str, pd.DataFrame], network: str = "trained") -> pd.DataFrame:
    """The concepts of a record, as :func:`reading_neurons.charts.neuron_concepts` takes them, the richest neurons first."""
    rows = tables["concepts"].query("network == @network")
    count = rows.groupby(["pathway", "neuron"])["concept"].transform("size")
    order = rows.assign(_count=-count, _pathway=rows["pathway"] != "textual")
    order = order.sort_values(["_pathway", "_count", "neuron", "concept"], kind="stable", ignore_index=True)
    return order.drop(columns=["_count", "_pathway"])

"""Perplexity, cosine and retrieval against naive loops, with networks that know everything and nothing."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reading_neurons.corpora import scenes
from reading_neurons.corpora.captions import Captions
from reading_neurons.models import Imaginet, LanguageModel, SumPathway, evaluation
from reading_neurons.text import Vocabulary

CORPUS = scenes.generate(scenes=50)
TRAIN, VALIDATION = CORPUS.train, CORPUS.validation
BARE = replace(VALIDATION, scenes=None, dimensions=())
VOCABULARY = Vocabulary.of(TRAIN.tokens, min_count=3)


def imaginet(**settings):
    network = Imaginet(VOCABULARY, TRAIN.dimensions, embedding=8, units=12, **settings)
    network.embedding.weight.data.mul_(10)
    network.prepare(TRAIN)
    return network.eval()


def all_knowing(vectors, captions_per_scene=2, standardised=True):
    """Captions that name their scene, and a network that predicts it exactly; same vector, same caption or not."""
    count, width = vectors.shape
    image = np.repeat(np.arange(count), captions_per_scene)
    captions = Captions("named", "test", tuple(f"scene{i}" for i in image), image, np.arange(count),
                        vectors.astype(np.float32), tuple(f"d{i}" for i in range(width)))  # fmt: skip
    network = SumPathway(Vocabulary([f"scene{i}" for i in range(count)]), captions.dimensions, embedding=count)
    if standardised:
        network.prepare(captions)
    network.embedding.weight.data = torch.cat((torch.zeros(4, count), 7 * torch.eye(count)))
    network.readouts["sum"].weight.data = network.standardise(torch.from_numpy(captions.scenes)).T.clone()
    return network.eval(), captions


def probabilities(network, words):
    """For each place of a framed sentence the distribution of the next word, read one word at a time."""
    cell, readout = network.cells[network.textual_pathway], network.readouts[network.textual_pathway]
    state, found = cell.initial(1), []
    with torch.no_grad():
        for number in [1, *(network.vocabulary.number(word) for word in words)]:
            state = cell.advance(cell.project(network.embedding.weight[number][None]), state)
            found.append(readout(state)[0].double().softmax(0))
    return found


# Perplexity


@pytest.mark.parametrize("kind", ["imaginet", "kadar", "language model", "as published"])
def test_perplexity_is_that_of_a_loop_over_words(kind):
    network = {
        "imaginet": imaginet,
        "kadar": lambda: imaginet(cell="kadar"),
        "language model": lambda: LanguageModel(VOCABULARY, embedding=8, units=12),
        "as published": lambda: imaginet(as_published=True),
    }[kind]()
    assert any(word not in VOCABULARY for words in VALIDATION.tokens for word in words)
    sums = []
    for words in VALIDATION.tokens:
        following = [*(VOCABULARY.number(word) for word in words), VOCABULARY.end]
        places = zip(probabilities(network, words), following, strict=True)
        sums.append(-sum(math.log(chances[word]) for chances, word in places))
    counts = [len(words) + 1 for words in VALIDATION.tokens]
    table = evaluation.surprise(network, VALIDATION)
    assert table["predicted"].tolist() == counts
    np.testing.assert_allclose(table["surprise"], sums, rtol=1e-5)
    for batch_size in (1, 3, 128):
        found = evaluation.perplexity(network, VALIDATION, batch_size)
        assert found == pytest.approx(math.exp(sum(sums) / sum(counts)), rel=1e-5)


def test_a_network_that_knows_nothing_is_as_perplexed_as_there_are_words():
    network = imaginet()
    network.readouts["textual"].weight.data.zero_()
    assert evaluation.perplexity(network, VALIDATION) == pytest.approx(len(VOCABULARY), rel=1e-5)


def test_a_network_that_knows_the_next_word_is_not_perplexed():
    """Its units are the words: a state of one-hot embeddings, and a readout with the only continuation there is."""
    network = LanguageModel(Vocabulary(["a", "dog", "runs"]), embedding=7, units=7)
    network.cells["language model"] = Latest()
    network.embedding.weight.data = torch.eye(7)
    follows = {1: 4, 4: 5, 5: 6, 6: 2}  # <s> a dog runs </s>
    network.readouts["language model"].weight.data.zero_()
    for word, following in follows.items():
        network.readouts["language model"].weight.data[following, word] = 50
    captions = Captions("one", "test", ("A dog runs.",) * 3, np.zeros(3, int), np.zeros(1, int))
    assert evaluation.perplexity(network, captions) == pytest.approx(1)


class Latest(torch.nn.Module):
    """A cell that remembers the last word only."""

    units = 7

    def forward(self, embedded):
        return embedded


# Cosine


def test_cosine_is_that_of_a_loop():
    network = imaginet()
    truth = network.standardise(torch.from_numpy(VALIDATION.targets())).double()
    expected = []
    for words, true in zip(VALIDATION.tokens, truth, strict=True):
        cell, state = network.cells["visual"], network.cells["visual"].initial(1)
        for number in VOCABULARY.encode(words):
            state = cell.advance(cell.project(network.embedding.weight[number][None]), state)
        predicted = network.readouts["visual"](state)[0].double()
        expected.append((predicted @ true / predicted.norm() / true.norm()).item())
    np.testing.assert_allclose(evaluation.scene_cosines(network, VALIDATION), expected, atol=1e-5)
    assert evaluation.scene_cosine(network, VALIDATION) == pytest.approx(np.mean(expected), abs=1e-5)
    assert abs(np.mean(expected)) < 0.3  # untrained


def test_the_length_of_a_prediction_does_not_matter_but_its_sign_does():
    network, captions = all_knowing(np.random.default_rng(0).normal(size=(6, 4)))
    assert evaluation.scene_cosine(network, captions) == pytest.approx(1, abs=1e-6)
    network.readouts["sum"].weight.data.mul_(-3)
    assert evaluation.scene_cosine(network, captions) == pytest.approx(-1, abs=1e-6)


# Retrieval


def ranks_by_hand(predicted, vectors, image):
    """For each caption all ranks that its scene can have, whatever the order in which ties are broken."""
    for row, own in enumerate(image):
        cosines = [float(predicted[row] @ vector / np.linalg.norm(predicted[row]) / np.linalg.norm(vector))
                   for vector in vectors]  # fmt: skip
        first = 1 + sum(cosine > cosines[own] + 1e-9 for cosine in cosines)
        last = sum(cosine >= cosines[own] - 1e-9 for cosine in cosines)
        yield range(first, last + 1)


def expected_table(predicted, vectors, image):
    """What :func:`retrieval` ought to say of these predictions."""
    possible = list(ranks_by_hand(predicted, vectors, image))
    recalls = [np.mean([np.mean([rank <= k for rank in ranks]) for ranks in possible]) for k in (1, 5, 10)]
    return [*recalls, np.median([np.mean(ranks) for ranks in possible])]


def planted(directions, lengths, image, predicted):
    """Scenes along the axes of a space, some of them alike, and a network that predicts what it is told to."""
    vectors = np.zeros((len(directions), 4), np.float32)
    vectors[np.arange(len(directions)), directions] = lengths
    network, captions = all_knowing(vectors, standardised=False)
    captions = replace(captions, image=np.array(image), texts=("scene0",) * len(image))
    axes = torch.tensor(predicted).float()
    return network, captions, axes


small = st.integers(0, 3)


@settings(max_examples=60)
@given(st.data())
def test_retrieval_is_that_of_all_orders_of_ties(data):
    """Scenes tie because they are alike, or because they lie in one direction, or by the prediction."""
    count = data.draw(st.integers(1, 14))
    directions = data.draw(st.lists(small, min_size=count, max_size=count))
    lengths = data.draw(st.lists(st.sampled_from([1, 2]), min_size=count, max_size=count))
    image = data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=8))
    rows = st.lists(st.integers(-2, 2), min_size=4, max_size=4).filter(any)
    predicted = data.draw(st.lists(rows, min_size=len(image), max_size=len(image)))
    network, captions, axes = planted(directions, lengths, image, predicted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "predicted_scenes", lambda *_: axes)
        table = evaluation.retrieval(network, captions)
        ranks = evaluation.scene_ranks(network, captions, rows=3)
    vectors = captions.scenes.astype(float)
    assert table["measure"].tolist() == ["recall@1", "recall@5", "recall@10", "median rank"]
    np.testing.assert_allclose(table["network"], expected_table(axes.double().numpy(), vectors, image))
    for row, possible in zip(ranks.itertuples(), ranks_by_hand(axes.double().numpy(), vectors, image), strict=True):
        assert (row.closer, row.closer + row.tied) == (possible[0] - 1, possible[-1])
        assert row.alike == sum(np.array_equal(vectors[image[row.Index]], vector) for vector in vectors)


def test_retrieval_is_what_breaking_ties_at_random_yields_on_average():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 30, 40)
    network, captions, axes = planted(
        rng.integers(0, 4, 30), np.ones(30), image, rng.integers(-1, 2, (40, 4)) + [0.5, 0.25, 0, 0.125]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "predicted_scenes", lambda *_: axes)
        table = evaluation.retrieval(network, captions).set_index("measure")["network"]
    similarity = (axes.double().numpy() / np.linalg.norm(axes, axis=1, keepdims=True)) @ captions.scenes.T
    found = []
    for _ in range(2000):
        order = np.lexsort((rng.random(similarity.shape), -similarity.round(9)))
        found.append(1 + (order == image[:, None]).argmax(axis=1))
    for k in (1, 5, 10):
        assert table[f"recall@{k}"] == pytest.approx(np.mean(np.array(found) <= k), abs=0.01)
    assert table["median rank"] == pytest.approx(np.median(np.mean(found, axis=0)), abs=0.3)


@pytest.mark.parametrize("kinds", [40, 6, 1])
def test_a_perfect_network_reaches_what_is_attainable(kinds):
    """Of 40 scenes that come in few kinds, those of a kind cannot be told apart by anybody."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(kinds, 5))[rng.integers(0, kinds, 40) if kinds < 40 else np.arange(40)]
    network, captions = all_knowing(vectors, standardised=kinds > 1)
    table = evaluation.retrieval(network, captions)
    np.testing.assert_allclose(table["network"], table["attainable"])
    sizes = np.array([(vectors == vector).all(axis=1).sum() for vector in vectors])
    np.testing.assert_allclose(
        table["attainable"],
        [*(np.minimum(1, k / sizes).mean() for k in (1, 5, 10)), np.median((sizes + 1) / 2)],
    )


def test_what_is_attainable_does_not_depend_on_the_network():
    tables = [evaluation.retrieval(imaginet(seed=seed), TRAIN) for seed in (0, 1)]
    assert tables[0]["attainable"].equals(tables[1]["attainable"])
    assert not tables[0]["network"].equals(tables[1]["network"])
    assert tables[0]["attainable"][0] > 0.9  # scenes are hardly ever alike


def test_an_untrained_network_is_near_chance():
    measures = [evaluation.retrieval(imaginet(seed=seed), TRAIN)["network"] for seed in range(5)]
    scene_count = len(TRAIN.image_ids)
    found = np.mean(measures, axis=0)
    np.testing.assert_allclose(found[:3], [k / scene_count for k in (1, 5, 10)], atol=0.06)
    assert found[3] == pytest.approx((scene_count + 1) / 2, rel=0.2)


def test_best_scenes_are_those_of_a_loop():
    network = imaginet()
    doubled = replace(VALIDATION, scenes=np.concatenate([VALIDATION.scenes, VALIDATION.scenes[:2]]))
    sentences = [*VALIDATION.tokens[:12], "a zebra"]
    table = evaluation.best_scenes(network, sentences, doubled, rows=5)
    vectors = network.standardise(torch.from_numpy(doubled.scenes)).double().numpy()
    predicted = evaluation.predicted_scenes(network, sentences).double().numpy()
    for row, of_sentence in zip(table.itertuples(), predicted, strict=True):
        cosines = [of_sentence @ v / np.linalg.norm(of_sentence) / np.linalg.norm(v) for v in vectors]
        assert row.cosine == pytest.approx(max(cosines), abs=1e-5)
        assert row.scene == next(i for i, cosine in enumerate(cosines) if cosine > max(cosines) - 1e-6)
        assert row.tied == (doubled.scenes == doubled.scenes[row.scene]).all(axis=1).sum()


# Tables


def test_scene_table_has_a_row_for_each_caption_and_dimension():
    network = imaginet()
    table = evaluation.scene_table(network, VALIDATION)
    count = len(VALIDATION.dimensions)
    assert list(table.columns) == ["sentence", "text", "dimension", "predicted", "true"]
    assert len(table) == len(VALIDATION) * count
    truth = network.standardise(torch.from_numpy(VALIDATION.targets())).numpy()
    for caption, rows in table.groupby("sentence"):
        assert rows["dimension"].tolist() == list(VALIDATION.dimensions)
        assert set(rows["text"]) == {VALIDATION.texts[caption]}
        np.testing.assert_allclose(rows["true"], truth[caption])
        assert np.linalg.norm(rows["predicted"]) == pytest.approx(np.linalg.norm(rows["true"]), rel=1e-5)
        cosine = rows["predicted"] @ rows["true"] / (rows["true"] @ rows["true"])
        assert cosine == pytest.approx(evaluation.scene_cosines(network, VALIDATION)[caption].item(), abs=1e-5)


def test_next_word_table_is_that_of_a_loop():
    network = imaginet()
    sentences = ["A zebra, here!", list(VALIDATION.tokens[0]), VALIDATION.texts[1]]
    table = evaluation.next_word_table(network, sentences, top=3)
    rows = table.itertuples(index=False)
    for sentence, words in enumerate([["a", "zebra", "here"], *VALIDATION.tokens[:2]]):
        for position, chances in enumerate(probabilities(network, words)):
            best = chances.argsort(descending=True)[:3]
            for rank, candidate in enumerate(best, start=1):
                row = next(rows)
                assert (row.sentence, row.position, row.rank) == (sentence, position, rank)
                assert (row.word, row.next) == (["<s>", *words][position], [*words, "</s>"][position])
                assert row.candidate == VOCABULARY.words[candidate]
                assert row.probability == pytest.approx(chances[candidate].item(), rel=1e-4)
    assert next(rows, None) is None


def test_more_candidates_than_words_are_all_words():
    table = evaluation.next_word_table(LanguageModel(Vocabulary(["a"]), embedding=4, units=4), ["a"], top=99)
    assert len(table) == 2 * 5
    assert table.groupby("position")["probability"].sum().tolist() == pytest.approx([1, 1])


# What cannot be measured

VISUAL_MEASURES = [evaluation.scene_cosine, evaluation.scene_ranks, evaluation.retrieval, evaluation.scene_table,
                   lambda network, captions: evaluation.best_scenes(network, ["a"], captions)]  # fmt: skip


@pytest.mark.parametrize("measure", VISUAL_MEASURES)
def test_measures_of_scenes_need_scenes(measure):
    with pytest.raises(ValueError, match="'scenes' has no scene vectors"):
        measure(imaginet(), BARE)


@pytest.mark.parametrize("measure", VISUAL_MEASURES)
def test_measures_of_scenes_need_a_visual_pathway(measure):
    network = LanguageModel(VOCABULARY, embedding=4, units=4)
    with pytest.raises(ValueError, match="with a visual loss, found LanguageModel with the pathways 'language model'"):
        measure(network, VALIDATION)


@pytest.mark.parametrize("measure", [evaluation.surprise, evaluation.perplexity, evaluation.next_word_table])
def test_measures_of_words_need_a_textual_pathway(measure):
    network = SumPathway(VOCABULARY, TRAIN.dimensions, embedding=4)
    with pytest.raises(ValueError, match="with a textual loss, found SumPathway with the pathways 'sum'"):
        measure(network, VALIDATION)


def test_measuring_text_needs_no_scenes():
    assert evaluation.perplexity(imaginet(), BARE) == evaluation.perplexity(imaginet(), VALIDATION)


def test_measuring_leaves_no_graph_and_no_gradient():
    network = imaginet()
    assert not evaluation.predicted_scenes(network, ["a"]).requires_grad
    assert not evaluation.scene_cosines(network, VALIDATION).requires_grad
    evaluation.perplexity(network, VALIDATION)
    assert all(weight.grad is None for weight in network.parameters())

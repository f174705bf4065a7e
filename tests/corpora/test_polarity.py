"""Generated reviews: labels follow from words, contributions from values; the paper's own phrases can be written."""

from collections import Counter, defaultdict
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reading_neurons.corpora import polarity
from reading_neurons.corpora import polarity_meaning as meaning
from reading_neurons.corpora.polarity_grammar import Writer, but, capitalised, indefinite
from reading_neurons.corpora.polarity_lexicon import (
    ADJECTIVES,
    CONCESSION,
    DEGREES,
    EXCESS,
    FEELING,
    FUNCTION,
    INTENSIFIERS,
    NEGATORS,
    NEUTRAL,
    POLAR_NOUNS,
    STRENGTH,
)
from reading_neurons.corpora.trees import Tree, Trees

MOVIE = ("the", "movie")
HATE, LIKE = ("i", ("hate", MOVIE)), ("i", ("like", MOVIE))
INTERESTING, BORING = ((("the", "plot"), ("is", word)) for word in ("interesting", "boring"))
TOO_LONG = ("it", ("is", ("too", "long")))
SEEN = ("i", ("hate", (MOVIE, ("that", ("i", ("saw", ("last", "night")))))))
A_LOT, SO_MUCH = ("i", (("like", "it"), ("a", "lot"))), ("i", (("hate", "it"), ("so", "much")))
LEXICON = (NEUTRAL, FUNCTION, STRENGTH, DEGREES, EXCESS, NEGATORS, CONCESSION, ("and",))
FIRST_TEST_SENTENCE = ("That", "soup", "thrilled", "me", ".")


@pytest.fixture(scope="module")
def corpus():
    return polarity.generate()


@pytest.fixture(scope="module")
def pairs():
    return polarity.minimal_pairs()


@pytest.fixture(scope="module")
def phrases(corpus):
    return [meaning.phrase(tree) for split in corpus.splits for tree in split.trees]


def text(phrase):
    return " ".join(meaning.words(phrase))


def label(phrase):
    return meaning.tree(phrase).label


class TestCorpus:
    def test_sizes(self, corpus):
        assert corpus.name == "polarity" and corpus.sources == ()
        assert [len(split) for split in corpus.splits] == [2400, 300, 300]
        assert [split.split for split in corpus.splits] == ["train", "validation", "test"]

    def test_no_sentence_twice(self, corpus):
        tokens = [words for split in corpus.splits for words in split.tokens]
        assert len(set(tokens)) == len(tokens) == 3000

    def test_lengths_and_vocabulary(self, corpus):
        lengths = [len(words) for split in corpus.splits for words in split.tokens]
        assert 3 <= min(lengths) and max(lengths) <= 20 and 7 <= np.mean(lengths) <= 10
        used = [{word for words in split.tokens for word in words} for split in corpus.splits]
        assert 150 <= len(used[0]) <= 250
        assert used[1] | used[2] <= used[0]
        assert used[0] == set().union(*LEXICON)

    def test_classes_are_balanced(self, corpus):
        for split in corpus.splits:
            assert (np.bincount(split.labels, minlength=5) >= 0.08 * len(split)).all()
        every = np.bincount([label for split in corpus.splits for _, label in split.phrases()])
        assert every[2] <= 0.65 * every.sum() and (every >= 0.05 * every.sum()).all()

    def test_the_same_phrase_has_the_same_label_everywhere(self, corpus, pairs):
        found = defaultdict(set)
        for split in (*corpus.splits, *pairs, polarity.generate(2000, seed=9).train):
            for words, label in split.phrases():
                found[words].add(label)
        assert {words: labels for words, labels in found.items() if len(labels) > 1} == {}

    def test_binary_and_written_as_sentences(self, corpus):
        for split in corpus.splits:
            for tree in split.trees:
                assert len(tree.constituents) == 2 * len(tree.words) - 1
                assert tree.words[0][0].isupper() and tree.words[-1] == "."
                for word, after in zip(tree.words, tree.words[1:], strict=False):
                    if word.lower() in ("a", "an"):
                        assert (word.lower() == "an") == (after[0] in "aeiou"), tree.words

    def test_written_and_read_again(self, corpus):
        for tree in corpus.train.trees:
            assert Tree.parse(str(tree)) == tree
            assert meaning.tree(meaning.phrase(tree)) == tree

    def test_seed(self, corpus):
        again, other = polarity.generate(200, seed=7), polarity.generate(200, seed=8)
        assert polarity.generate(200, seed=7).fingerprint == again.fingerprint != other.fingerprint
        np.testing.assert_array_equal(
            np.concatenate(again.train.weights), np.concatenate(polarity.generate(200, seed=7).train.weights)
        )

    def test_does_not_depend_on_the_process(self):
        # Recorded once; it would vary with Python's hash seed if the order of a set got into the corpus.
        assert polarity.generate(10).test.trees[0].words == FIRST_TEST_SENTENCE

    def test_bad_arguments(self, monkeypatch):
        with pytest.raises(ValueError, match="at least 10 sentences, found 9"):
            polarity.generate(9)
        monkeypatch.setattr(polarity.Writer, "sentence", lambda self: ("It", ("is", "good")))
        with pytest.raises(ValueError, match="found 1 different sentences, expected 10: ask for fewer"):
            polarity.generate(10)

    @settings(max_examples=15, deadline=None)
    @given(st.integers(0, 2**32), st.integers(10, 60))
    def test_any_seed_and_size(self, seed, count):
        corpus = polarity.generate(count, seed)
        assert sum(map(len, corpus.splits)) == count and all(len(split) for split in corpus.splits)


class TestLexicon:
    def test_a_word_means_one_thing(self):
        counted = Counter(word for table in LEXICON for word in table)
        assert [word for word, count in counted.items() if count > 1] == []

    def test_graded_on_both_sides(self):
        for sign in (1, -1):
            graded = [abs(value) for value in STRENGTH.values() if value * sign > 0]
            assert len(graded) >= 25 and len(set(graded)) >= 8
            assert min(graded) >= 0.3 and max(graded) <= 0.9

    def test_every_kind_of_word_is_in_balance(self):
        for table in (*ADJECTIVES.values(), POLAR_NOUNS, FEELING):
            positive = sum(value > 0 for value in table.values())
            assert positive >= 5 and abs(len(table) - 2 * positive) <= 4


class TestMeaning:
    def test_labels_are_the_thresholds(self, corpus, phrases):
        labels = np.concatenate([split.labels for split in corpus.splits])
        values = np.array([meaning.value(phrase) for phrase in phrases])
        assert np.abs(values).max() <= 1
        np.testing.assert_array_equal(labels, (values.round(9)[:, None] > np.array(polarity.THRESHOLDS)).sum(1))

    def test_every_constituent_has_the_value_of_its_own_words(self, phrases):
        def check(phrase, constituents):
            assert next(constituents).label == label(phrase)
            for part in () if isinstance(phrase, str) else phrase:
                check(part, constituents)

        for phrase in phrases[:300]:
            check(phrase, iter(meaning.tree(phrase).constituents))

    @pytest.mark.parametrize("negator", NEGATORS)
    def test_negation_is_asymmetric(self, negator):
        for word, strength in STRENGTH.items():
            denied = meaning.value((negator, word))
            if strength > 0:
                assert -0.6 < denied <= -0.2, word
            else:
                assert 0 <= denied <= 0.2, word
                assert denied < abs(meaning.value((negator, next(w for w, s in STRENGTH.items() if s > 0))))

    def test_negation_of_known_phrases(self):
        assert meaning.value(("not", "good")) == pytest.approx(-0.85 * 0.55)
        assert meaning.value(("not", "bad")) == pytest.approx(0.15 * 0.55)
        assert label(("not", ("very", "good"))) == 1
        assert meaning.value(("not", "good")) < meaning.value(("not", ("very", "good"))) < 0
        assert label(("not", "long")) == label("long") == 2
        assert label((("do", "n't"), ("hate", "it"))) == 2

    def test_degrees(self):
        for word, strength in STRENGTH.items():
            for degree, factor in DEGREES.items():
                changed = meaning.value((degree, word))
                assert changed == pytest.approx(np.clip(factor * strength, -1, 1))
                assert (abs(changed) > abs(strength)) == (degree in INTENSIFIERS or degree in ("lot", "much"))
        assert meaning.value((("so", "much"), "hate")) == -1
        assert meaning.value(("hate", ("a", "bit"))) == pytest.approx(-0.4)
        assert meaning.value(("very", "long")) == 0 and meaning.value(("too", "long")) == -0.45

    def test_concessions_are_asymmetric(self):
        for connective in ("though", "although"):
            for whole in ((HATE, (connective, INTERESTING)), (((connective, INTERESTING), ","), HATE)):
                assert meaning.value(whole) == pytest.approx(-0.8 + 0.1 * 0.5)
                assert label(whole) == label(HATE) == 0
            assert meaning.value((LIKE, (connective, BORING))) == pytest.approx(0.5 - 0.8 * 0.45)
        assert meaning.value(but(LIKE, TOO_LONG)) == pytest.approx(-0.45 + 0.1 * 0.5)
        assert meaning.value(but(HATE, INTERESTING)) == pytest.approx(0.5 - 1.2 * 0.8)
        assert meaning.value(("though", INTERESTING)) == 0.5  # alone it is positive

    def test_conjunction_does_not_mind_the_order(self):
        assert meaning.value(("good", ("and", "funny"))) == meaning.value(("funny", ("and", "good"))) == 0.8
        assert meaning.conjoin(-0.5, 0.5) == meaning.conjoin(0.5, -0.5) == -0.25
        assert meaning.value(("good", ("and", "long"))) == 0.55

    def test_neutral_clauses_change_nothing(self):
        assert meaning.value(SEEN) == meaning.value(HATE) == -0.8

    @pytest.mark.parametrize(
        "phrase, expected",
        [
            (HATE, 0), (SEEN, 0), ((HATE, ("though", INTERESTING)), 0), (("though", INTERESTING), 3),
            (but(LIKE, TOO_LONG), 1), ((LIKE, ("although", ("it", ("had", ("bad", "acting"))))), 2),
            (A_LOT, 4), (SO_MUCH, 0), (("incredibly", "good"), 4), (("not", "good"), 1), (("not", "bad"), 2),
            (("not", "nice"), 1), (("not", "like"), 1), (LIKE, 3), (but(HATE, INTERESTING), 1),
            ((("the", "movie"), ("is", (("not", "good"), ("but", "funny")))), 2),
        ],
        ids=lambda value: text(value) if isinstance(value, tuple) else str(value),
    )  # fmt: skip
    def test_published_examples(self, phrase, expected):
        tree = meaning.tree(phrase)
        assert tree.label == expected
        assert str(Tree.parse(str(tree))) == str(tree) and meaning.phrase(tree) == phrase

    def test_published_patterns_are_generated(self):
        writer = Writer(np.random.default_rng(0), "film")
        found = set()
        for sign in (1, -1, 0):
            for _ in range(15_000):
                writer.used.clear()
                found |= {text(writer.feeling(sign)), text(writer.description(sign))}
        wanted = [text(phrase[1]) for phrase in (HATE, LIKE, A_LOT, SO_MUCH)]
        wanted += [text(phrase) for phrase in (INTERESTING, BORING, TOO_LONG)]
        assert [one for one in wanted if one not in found] == []
        for part in ("that I saw last night", "is incredibly good", "not like the movie"):
            assert any(part in one for one in found), part
        for word in ("good", "bad", "nice"):
            assert any(one.endswith(f"not {word}") for one in found), word
        conceded = {text(writer.conceded(HATE, INTERESTING)) for _ in range(50)}
        assert text((HATE, ("though", INTERESTING))) in conceded and text(but(INTERESTING, HATE)) in conceded

    def test_unknown_words_and_other_trees(self):
        with pytest.raises(ValueError, match="'zebra' has no planted meaning"):
            meaning.value(("good", "zebra"))
        for brackets in ("(2 (2 a) (2 movie) (2 .))", "(2 a movie)", "(2 (2 (2 a)) (2 movie))"):
            with pytest.raises(ValueError, match="has not two parts"):
                meaning.phrase(Tree.parse(brackets))

    def test_helpers(self):
        assert indefinite(("awful", "mess")) == ("an", ("awful", "mess")) and indefinite("gem") == ("a", "gem")
        assert capitalised((MOVIE, "is")) == (("The", "movie"), "is")


def naive_value(phrase, out):
    """The sentence written anew without one word: deleted if it acts on others, else replaced."""

    def rebuilt(phrase, start):
        if isinstance(phrase, str):
            word = phrase.lower()
            if start != out:
                return phrase, start + 1
            if word in STRENGTH:
                return "movie", start + 1
            return ("and" if word in CONCESSION else None), start + 1
        left, middle = rebuilt(phrase[0], start)
        right, end = rebuilt(phrase[1], middle)
        return ((left, right) if left and right else left or right), end

    return meaning.value(rebuilt(phrase, 0)[0])


class TestContributions:
    def test_left_out_is_what_a_rewritten_sentence_loses(self, corpus):
        for tree, weights in zip(corpus.test.trees, corpus.test.weights, strict=True):
            phrase = meaning.phrase(tree)
            whole = meaning.value(phrase)
            naive = [whole - naive_value(phrase, place) for place in meaning.carriers(phrase)]
            np.testing.assert_allclose(weights[meaning.carriers(phrase)], naive, atol=1e-12)

    def test_the_corpus_carries_them(self, corpus):
        again = polarity.contributions(corpus.validation)
        for tree, planted, weights in zip(corpus.validation.trees, corpus.validation.weights, again, strict=True):
            assert len(planted) == len(tree.words)
            np.testing.assert_array_equal(planted, weights)

    def test_of_a_part_of_a_split(self, corpus):
        part = corpus.train.take([7, 3])
        for one, other in zip(polarity.contributions(part), part.weights, strict=True):
            np.testing.assert_array_equal(one, other)

    def test_function_words_and_neutral_words_have_none(self, corpus):
        for kind in ("left out", "shapley"):
            for words, weights in zip(corpus.test.tokens, polarity.contributions(corpus.test, kind), strict=True):
                for word, weight in zip(words, weights, strict=True):
                    assert weight == 0 or word not in NEUTRAL | set(FUNCTION) | {"and"}

    def test_by_hand(self):
        np.testing.assert_allclose(meaning.left_out(HATE), [0, -0.8, 0, 0])
        np.testing.assert_allclose(meaning.left_out(("not", "good")), [-0.4675 - 0.55, -0.4675])
        concession = meaning.left_out((HATE, ("though", INTERESTING)))
        np.testing.assert_allclose(concession, [0, -0.75 - 0.05, 0, 0, -0.75 - (-0.8 + 0.25), 0, 0, 0, 0.05])

    def test_shapley_values_sum_to_the_value(self, corpus):
        for tree, weights in zip(corpus.test.trees, polarity.contributions(corpus.test, "shapley"), strict=True):
            phrase = meaning.phrase(tree)
            assert weights.sum() == pytest.approx(meaning.value(phrase), abs=1e-12)
            assert meaning.value(phrase, meaning.carriers(phrase)) == 0

    def test_shapley_values_are_means_over_all_orders(self, phrases):
        checked = Counter()
        for phrase in phrases:
            places = meaning.carriers(phrase)
            if not 2 <= len(places) <= 5 or checked[len(places)] >= 5:
                continue
            checked[len(places)] += 1
            gains = defaultdict(list)
            for order in permutations(places):
                out = set(places)
                for place in order:
                    before = meaning.value(phrase, out)
                    out.remove(place)
                    gains[place].append(meaning.value(phrase, out) - before)
            weights = meaning.shapley(phrase)
            np.testing.assert_allclose(weights[places], [np.mean(gains[place]) for place in places], atol=1e-12)
        assert set(checked.values()) == {5} and len(checked) == 4

    def test_both_kinds_agree_where_there_is_one_carrier(self):
        np.testing.assert_array_equal(meaning.left_out(SEEN), meaning.shapley(SEEN))

    def test_bad_kind_and_other_trees(self, corpus):
        with pytest.raises(ValueError, match="found the kind 'omitted', expected one of 'left out', 'shapley'"):
            polarity.contributions(corpus.test, "omitted")
        with pytest.raises(ValueError, match="'zebra' has no planted meaning"):
            polarity.contributions(Trees("sst", "test", (Tree.parse("(2 (2 a) (2 zebra))"),)))


class TestSaturation:
    def test_a_fair_share_of_sentences(self, corpus):
        share = np.mean([polarity.saturated(tree) for split in corpus.splits for tree in split.trees])
        assert 0.05 <= share <= 0.15

    def test_what_may_go_without_a_change_still_counts(self, corpus):
        stacked = [tree for tree in corpus.train.trees if polarity.saturated(tree)]
        both = [
            polarity.contributions(Trees("polarity", "own", tuple(stacked)), kind) for kind in ("left out", "shapley")
        ]
        for tree, single, shared in zip(stacked, *both, strict=True):
            carriers = meaning.carriers(meaning.phrase(tree))
            assert abs(shared.sum()) == pytest.approx(1)
            hidden = [place for place in carriers if single[place] == 0]
            assert hidden and max(abs(shared[hidden])) > 0

    def test_full_but_not_saturated(self):
        assert not polarity.saturated(meaning.tree(("incredibly", "superb")))
        assert not polarity.saturated(meaning.tree(MOVIE))
        assert polarity.saturated(meaning.tree((("this", ("superb", "film")), ("is", ("extremely", "excellent")))))


class TestMinimalPairs:
    def test_same_words_other_label(self, pairs):
        first, second = pairs
        assert len(first) == len(second) == 200 and first.split != second.split
        for one, other in zip(first.tokens, second.tokens, strict=True):
            assert Counter(one) == Counter(other) and one != other
        assert (first.labels != second.labels).all()

    def test_weights_belong_to_the_sentences(self, pairs):
        for side in pairs:
            for weights, again in zip(side.weights, polarity.contributions(side), strict=True):
                np.testing.assert_array_equal(weights, again)

    def test_well_formed(self, pairs, corpus):
        known = {word for words in corpus.train.tokens for word in words}
        for side in pairs:
            for tree, tokens in zip(side.trees, side.tokens, strict=True):
                assert tree.words[0][0].isupper() and tree.words[-1] == "." and known.issuperset(tokens)
                assert all(word == "I" or word.islower() or word in ",." for word in tree.words[1:])

    def test_each_way_to_rearrange(self):
        plot, cast = ("the", "plot"), ("the", "cast")
        feelings = (("I", (("like", plot), ("but", ("hate", cast)))), ".")
        found = [text(other) for other in polarity._rearranged(feelings)]
        assert found == ["I hate the plot but like the cast .", "I hate the cast but like the plot ."]
        qualities = (("It", ("is", (("not", "good"), ("but", "funny")))), ".")
        found = [text(other) for other in polarity._rearranged(qualities)]
        assert found == ["It is not funny but good .", "It is funny but not good ."]
        fronted = (((("Though", ("it", ("is", "dull"))), ","), ("I", ("like", "it"))), ".")
        assert [text(other) for other in polarity._rearranged(fronted)] == ["Though I like it , it is dull ."]
        assert list(polarity._rearranged((("It", ("is", ("good", ("and", "dark")))), "."))) == []

    def test_an_article_keeps_its_adjective(self):
        had = (((("It", ("had", ("an", ("awful", "plot")))), ","), ("but", ("it", ("was", "good")))), ".")
        assert [text(other) for other in polarity._rearranged(had)] == ["It was good , but it had an awful plot ."]

    def test_seed_and_none(self):
        trees = [polarity.minimal_pairs(20, seed=seed)[0].trees for seed in (1, 1, 2)]
        assert trees[0] == trees[1] != trees[2]
        with pytest.raises(ValueError, match="found 0 pairs"):
            polarity.minimal_pairs(0)


class TestPhrases:
    @pytest.mark.parametrize("kind", ["negation", "intensification", "diminution"])
    def test_modified(self, kind, corpus):
        table = polarity.modified(kind)
        assert list(table.columns) == ["base", "modified", "base_value", "modified_value", "head"]
        assert not table.duplicated(["base", "modified"]).any()
        known = {word for words in corpus.train.tokens for word in words}
        for row in table.itertuples(index=False):
            assert row[4] in row.base.split() and set(row.base.split()) < set(row.modified.split()) <= known
        sign, ratio = np.sign(table.base_value), table.modified_value / table.base_value
        if kind == "negation":
            assert (table.modified_value[sign > 0] <= -0.2).all()
            assert table.modified_value[sign < 0].between(0, 0.2).all()
            assert {"not good", "not bad", "not nice", "not like", "do n't like it"} <= set(table.modified)
        else:
            assert ((ratio > 1) if kind == "intensification" else (ratio < 1)).all()

    def test_modified_of_an_unknown_kind(self):
        with pytest.raises(ValueError, match="'irony', expected one of negation, intensification, diminution"):
            polarity.modified("irony")

    def test_clause_pairs(self):
        table = polarity.clause_pairs()
        assert set(table.connective) == set(CONCESSION) and not table.whole.duplicated().any()
        assert (table.main_polarity != table.concessive_polarity).all()
        for name in ("main", "concessive"):
            assert ((table[f"{name}_value"] > 0) == (table[f"{name}_polarity"] == "positive")).all()
        change = (table.whole_value - table.main_value).abs().groupby([table.connective, table.main_polarity]).mean()
        for connective in CONCESSION:
            assert change[connective, "positive"] > 1.2 * change[connective, "negative"]
        assert "i like the movie , but it is too long" in set(table.whole)
        assert "i like the movie although it had bad acting" in set(table.whole)

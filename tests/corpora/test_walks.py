"""Random walks of limited length: chances, draws and counts against all strings, listed one by one."""

from collections import Counter
from itertools import product

import numpy as np
import pytest

from reading_neurons.corpora import arithmetic, parentheses
from reading_neurons.corpora.walks import END, Move, Walk

WALKS = {
    "parentheses": parentheses.walk(shortest=2, longest=6, ending=0.3),
    "as printed": parentheses.walk("as_printed", shortest=8, longest=11),
    "arithmetic": arithmetic.walk(shortest=1, longest=4, deepest=1),
}


def listed(walk):
    """Every string of a walk with its chance, by following all moves."""
    found, open_ended = {}, {("", 0): 1.0}
    for read in range(walk.longest + 1):
        following = {}
        for (text, state), chance in open_ended.items():
            if walk.ending[state] and read >= walk.shortest:
                found[text] = chance * walk.ending[state]
            for move in walk.moves[state]:
                if move.chance:
                    following[text + move.character, move.to] = chance * move.chance
        open_ended = following
    total = sum(found.values())
    return {text: chance / total for text, chance in found.items()}


@pytest.fixture(scope="module", params=WALKS)
def walk(request):
    return WALKS[request.param]


def test_chances_of_a_string_multiply_to_its_own(walk):
    strings = listed(walk)
    column = {outcome: number for number, outcome in enumerate(walk.outcomes)}
    for text, chance in list(strings.items())[:200]:
        places = walk.chances(text)
        np.testing.assert_allclose(places.sum(axis=1), 1)
        actual = [row[column[outcome]] for row, outcome in zip(places, [*text, END], strict=True)]
        assert np.prod(actual) == pytest.approx(chance)


def test_strings_are_counted_by_length(walk):
    by_length = Counter(map(len, listed(walk)))
    assert walk.distinct.tolist() == [by_length[length] for length in range(walk.longest + 1)]


def test_draws_follow_the_chances():
    walk = WALKS["parentheses"]
    rng, strings, draws = np.random.default_rng(0), listed(walk), 20_000
    found = Counter(walk.draw(rng) for _ in range(draws))
    assert set(found) <= set(strings)
    for text, chance in strings.items():
        assert abs(found[text] - draws * chance) < 5 * np.sqrt(draws * chance + 1)


def test_draws_keep_to_the_lengths():
    walk = arithmetic.walk(shortest=9, longest=11)
    rng = np.random.default_rng(0)
    assert {len(walk.draw(rng)) for _ in range(300)} == {9, 11}  # an expression has an odd number of characters


def test_the_same_stream_draws_the_same_string(walk):
    assert walk.draw(np.random.default_rng(3)) == walk.draw(np.random.default_rng(3))


def test_nothing_else_is_a_string():
    walk = WALKS["parentheses"]
    strings = listed(walk)
    for text in map("".join, product("()01", repeat=4)):
        last = walk.chances(text)[-1, -1] if begins(walk, text) else 0.0
        assert (last > 0) == (text in strings)


def begins(walk, text):
    try:
        walk.chances(text)
    except ValueError:
        return False
    return True


def test_a_wrong_character_is_named_with_its_column():
    with pytest.raises(ValueError, match=r"found '2' at column 3 of '0\(2\)', expected '\(' or '\)' or '1'"):
        parentheses.walk().chances("0(2)")
    with pytest.raises(ValueError, match=r"found '\*' at column 4 of '1\+2\*', expected '</s>'"):
        arithmetic.walk(shortest=1, longest=4).chances("1+2*")


def test_near_the_longest_only_what_can_still_end():
    walk = parentheses.walk(longest=6)
    assert dict(zip(walk.outcomes, walk.chances("(((")[-1], strict=True))[")"] == 1.0


def test_chances_that_do_not_sum_to_one_are_refused():
    with pytest.raises(ValueError, match="chances of a state must be from 0 on and sum to 1, state 0"):
        Walk("a", ((Move("a", 0, 0.5),),), (0.4,), 1, 3)
    with pytest.raises(ValueError, match="sum to 1"):
        Walk("a", ((Move("a", 0, 1.5),),), (-0.5,), 1, 3)
    with pytest.raises(ValueError, match="two moves"):
        Walk("a", ((Move("a", 0, 0.25), Move("a", 0, 0.25)),), (0.5,), 1, 3)


@pytest.mark.parametrize(("shortest", "longest"), [(0, 5), (4, 3)])
def test_lengths_in_the_wrong_order_are_refused(shortest, longest):
    with pytest.raises(ValueError, match=f"found shortest={shortest}, longest={longest}"):
        parentheses.walk(shortest=shortest, longest=longest)


def test_lengths_that_no_string_has_are_refused():
    with pytest.raises(ValueError, match="no string of 'parentheses, as_printed' has 2 to 7 characters"):
        parentheses.walk("as_printed", longest=7)
    with pytest.raises(ValueError, match="no string of 'arithmetic' has 2 to 2 characters"):
        arithmetic.walk(shortest=2, longest=2)


def test_continuations_follow_the_chances_of_their_beginning():
    walk, rng, draws = WALKS["arithmetic"], np.random.default_rng(0), 4000
    strings = {text: chance for text, chance in listed(walk).items() if text.startswith("(1")}
    total = sum(strings.values())
    found = Counter(walk.draw(rng, "(1") for _ in range(draws))
    assert set(found) <= set(strings)
    for text, chance in strings.items():
        assert abs(found[text] / draws - chance / total) < 0.05


def test_a_beginning_that_no_string_has_is_refused():
    with pytest.raises(ValueError, match=r"found '\)' at column 1 of '\)', expected '\(' or '0'"):
        parentheses.walk().draw(np.random.default_rng(0), ")")

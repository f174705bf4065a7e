"""A tokenizer's rows in our order: nothing lost, nothing twice, and clear words where something is missing."""

import numpy as np
import pytest

from reading_neurons.models.subwords import Pieces, Subwords
from reading_neurons.text import SPECIALS, Vocabulary


def bare(**symbols):
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    known = {"<s>": 0, "a": 1, "  ": 2, "\t\t": 3, "<unk>": 4, "stop": 5}
    core = Tokenizer(models.WordLevel(known, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=core, **symbols)


@pytest.mark.parametrize("kind", ["wordpieces", "bytepieces"])
def test_every_token_has_one_row_and_numbers_lead_back_to_it(tiny, kind):
    tokenizer = getattr(tiny, kind)
    vocabulary = Subwords(tokenizer)
    own = vocabulary.rows[~vocabulary.copies]
    assert sorted(own) == sorted(tokenizer.get_vocab().values())
    for text in tiny.captions:
        ids = vocabulary.rows[vocabulary.encode(vocabulary.tokenizer(text))]
        assert ids[1:-1].tolist() == tokenizer(text, add_special_tokens=False)["input_ids"]


def test_the_frame_is_the_tokenizers_own(tiny):
    vocabulary = Subwords(tiny.wordpieces)
    for text in tiny.captions:
        framed = vocabulary.rows[vocabulary.encode(vocabulary.tokenizer(text))]
        assert framed.tolist() == tiny.wordpieces(text)["input_ids"]


def test_a_symbol_that_begins_and_ends_a_text_is_its_end(tiny):
    vocabulary = Subwords(tiny.bytepieces)
    assert vocabulary.copies[: len(SPECIALS)].tolist() == [True, True, False, True]
    assert vocabulary.number("<|endoftext|>") == Vocabulary.end
    assert len(set(vocabulary.rows[:4])) == 1


def test_what_is_no_piece_is_unknown_or_said(tiny):
    assert Subwords(tiny.wordpieces).encode(["zebra"]).tolist() == [1, 3, 2]
    with pytest.raises(ValueError, match="'zebra' is not a piece .* give the sentence as text"):
        Subwords(tiny.bytepieces).encode(["zebra"])


def test_names_hold_no_white_space_and_none_is_taken(tiny):
    tokenizer = bare(bos_token="a", eos_token="stop")
    vocabulary = Subwords(tokenizer)
    assert vocabulary.words[len(SPECIALS) :] == ("<s>#0", "␣␣", "␣␣#3", "<unk>#4")
    assert vocabulary.number("\t\t") == vocabulary.words.index("␣␣#3")
    assert vocabulary.number("<s>") == vocabulary.words.index("<s>#0")


def test_a_missing_frame_is_named_and_can_be_given():
    with pytest.raises(ValueError, match="for the start of a sentence: it has neither cls_token nor bos_token.*start="):
        Subwords(bare(eos_token="stop"))
    with pytest.raises(ValueError, match="for the end .* 'full stop' is not one of its 6 tokens"):
        Subwords(bare(bos_token="a"), end="full stop")
    given = Subwords(bare(eos_token="stop"), start="stop")
    assert given.rows[given.encode(["a"])].tolist() == [5, 1, 5]


def test_passes_over_a_corpus_give_its_texts(tiny):
    from reading_neurons.corpora.captions import Captions
    from reading_neurons.passes import cut, words_of

    captions = Captions("own", "train", ("Unreadable cats.",), np.array([0]), np.array([1]))
    assert words_of(captions, Pieces(tiny.wordpieces)) == [("un", "##read", "##able", "cat", "##s", "[UNK]")]
    assert next(cut(captions, Pieces(tiny.wordpieces))).content == words_of(captions, Pieces(tiny.wordpieces))
    assert words_of(captions) == [("unreadable", "cats")]

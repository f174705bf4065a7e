"""A treebank and a corpus of strings, small enough to be read at a glance, and transformers as small."""

from dataclasses import dataclass

import pytest
import torch

from reading_neurons.corpora.strings import Node, ParsedString, StringCorpus, Strings
from reading_neurons.corpora.trees import Tree, TreeCorpus, Trees

GRADES = {"awful": 0, "bad": 1, "good": 3, "superb": 4}
NOUNS = ("film", "plot", "cast", "score", "end")


def treebank(name="toy"):
    """Every adjective with every noun; "plain" is neutral; the test split has a word that training never met."""
    trees = [
        Tree.parse(f"({label} (2 a) ({label} ({label} {word}) (2 {noun})))")
        for word, label in {**GRADES, "plain": 2}.items()
        for noun in NOUNS
    ]
    unknown = Tree.parse("(3 (2 a) (3 (3 good) (2 Soundtrack)))")
    return TreeCorpus(
        name,
        Trees(name, "train", tuple(trees)),
        Trees(name, "validation", tuple(trees[::2])),
        Trees(name, "test", (*trees[1::2], unknown)),
    )


@pytest.fixture(scope="session")
def trees():
    return treebank()


def brackets(name="toy"):
    """Brackets around a digit, as deep as the digit says."""
    strings = []
    for depth in range(1, 5):
        nodes = tuple(Node("brackets", level, 2 * depth + 1 - level) for level in range(depth))
        strings.append(ParsedString("(" * depth + str(depth) + ")" * depth, (*nodes, Node("digit", depth, depth + 1))))
    return StringCorpus(name, *(Strings(name, split, tuple(strings)) for split in ("train", "validation", "test")))


@pytest.fixture(scope="session")
def strings():
    return brackets()


CAPTIONS = ("two black dogs chase a cat", "a cat", "a man rides the horse", "unreadable dogs", "the horse sees two cats")


def wordpieces():
    """A tokenizer as BERT's: pieces of words, framed by [CLS] and [SEP]."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = sorted({word for caption in CAPTIONS[:3] for word in caption.split()} | {"un", "##read", "##able", "##s"})
    pieces = ["[PAD]", "dog", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]
    known = {piece: number for number, piece in enumerate(pieces)}
    core = Tokenizer(models.WordPiece(known, unk_token="[UNK]"))
    core.normalizer, core.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    core.post_processor = processors.BertProcessing(("[SEP]", known["[SEP]"]), ("[CLS]", known["[CLS]"]))
    named = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    return PreTrainedTokenizerFast(
        tokenizer_object=core, model_max_length=20, **{f"{role}_token": token for role, token in named.items()}
    )


def bytepieces():
    """A tokenizer as GPT-2's: pieces of bytes, and one symbol that begins and ends a text."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.BPE())
    core.pre_tokenizer, core.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    core.train_from_iterator(
        CAPTIONS * 5,
        trainers.BpeTrainer(
            vocab_size=300, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False
        ),
    )
    end = "<|endoftext|>"
    return PreTrainedTokenizerFast(tokenizer_object=core, bos_token=end, eos_token=end, model_max_length=20)


def bert(kind, rows, seed=0, **settings):
    """A small BERT with random weights, large enough that words differ."""
    from transformers import BertConfig

    sizes = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(
        vocab_size=rows, max_position_embeddings=20, initializer_range=0.3, pad_token_id=0, **sizes, **settings
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return kind(config).eval()


def gpt2(kind, rows, seed=0, **settings):
    """A small GPT-2 with random weights."""
    from transformers import GPT2Config

    sizes = {"n_embd": 12, "n_layer": 2, "n_head": 2, "n_positions": 20, "initializer_range": 0.3}
    config = GPT2Config(vocab_size=rows, bos_token_id=0, eos_token_id=0, **sizes, **settings)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return kind(config).eval()


@dataclass(frozen=True)
class Transformers:
    """Small transformers with random weights, and their tokenizers."""

    wordpieces: object
    bytepieces: object
    captions: tuple[str, ...] = CAPTIONS

    def bert(self, kind, **settings):
        return bert(kind, len(self.wordpieces), **settings)

    def gpt2(self, kind, **settings):
        return gpt2(kind, len(self.bytepieces), **settings)


@pytest.fixture(scope="session")
def tiny():
    """Small transformers that nobody downloads, and their tokenizers."""
    pytest.importorskip("transformers", reason="the adapter for Hugging Face needs the extra 'huggingface'")
    return Transformers(wordpieces(), bytepieces())

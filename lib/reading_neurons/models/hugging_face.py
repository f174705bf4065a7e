"""Models of the transformers library as pathways.

:func:`pathway` wraps any encoder or decoder that takes ``inputs_embeds`` and ``attention_mask``: BERT and its kin,
GPT-2 and its kin. The states are the hidden states of one layer, the embedding is the model's own, ``<s>`` and ``</s>``
are its own symbols, and the outputs are its own scores, where it turns a single state into scores.

What follows from the network, not from us: a decoder reads from left to right, so its state at a word knows nothing of
later words, and the state at ``</s>`` stands for the sentence; every state of an encoder knows the whole sentence, and
the one at ``[CLS]`` stands for it. Leaving out a word leaves out a single piece of one, and what is left of a long word
may be something that the tokenizer would have split otherwise.

Easy to get wrong: the last hidden state is not like those of the layers before. GPT-2 and most decoders normalise it
once more, and scores are read from it alone: another layer has no outputs here, unless you give a ``head``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from reading_neurons.models.subwords import Subwords
from reading_neurons.models.transformer_pathways import (
    REPRESENTATIONS,
    Head,
    LinearHead,
    LinearNextPiece,
    NextPiece,
    TransformerPathway,
    heads,
    standing_for,
)
from reading_neurons.text import Vocabulary

_PIECES = 4  # of the sentence on which a model is tried
_INSTALL = "pip install './lib[huggingface]' in the folder of this project"


def pathway(
    model: Any,
    tokenizer: Any,
    *,
    layer: int = -1,
    representation: str | None = None,
    head: Callable[[Tensor], Tensor] | None = None,
    output_names: Sequence[str] | None = None,
    start: str | None = None,
    end: str | None = None,
    name: str | None = None,
) -> TransformerPathway:
    """A model of the transformers library as a pathway.

    The model is tried on a sentence of a few pieces: what it makes of their numbers must be what it makes of their
    embeddings, and its scores must be those that are read off its states here.

    Parameters
    ----------
    model : PreTrainedModel
        An encoder or a decoder, bare or with a head, in evaluation mode; its weights are left alone. Wrap it anew after
        training it further.
    tokenizer : PreTrainedTokenizerBase
        That of the model. Rows of the embedding that it has no token for are left out.
    layer : int
        Whose hidden states are the units: 0 for the sum of embeddings, 1 for the first layer, -1 for the last hidden
        state.
    representation : "first", "last" or "mean", optional
        What stands for a sentence: the state at ``<s>``, that at ``</s>``, or the mean over all pieces. By default what
        the model's own scores are read from; without such, the first of an encoder and the last of a decoder.
    head : callable, optional
        From states, shape (..., units), to scores, shape (..., outputs), in the place of the model's own.
    output_names : sequence of str, optional
        Names of the scores; by default the model's labels, and for a model of language the pieces.
    start, end : str, optional
        The tokens before and after a sentence; by default the tokenizer's ``cls`` and ``sep``, else ``bos``, ``eos``.
    name : str, optional
        By default the type of the model, as ``bert``.

    Returns
    -------
    TransformerPathway
        Without outputs where the model has no head, where another layer than the last is read, and for a masked
        language model, which scores the piece at a masked place: there is no next one.

    Raises
    ------
    ImportError
        If the transformers library is not installed.
    TypeError
        If this is no model of that library, or one that does not take embeddings.
    ValueError
        If the model is an encoder with a decoder, or in training mode; the layer, representation, tokenizer or head do
        not fit; or its scores are not read off one state.

    Examples
    --------
    >>> from tokenizers import Tokenizer, models, pre_tokenizers
    >>> from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
    >>> core = Tokenizer(models.WordLevel({"[CLS]": 0, "[SEP]": 1, "[UNK]": 2, "a": 3, "dog": 4}, unk_token="[UNK]"))
    >>> core.pre_tokenizer = pre_tokenizers.Whitespace()
    >>> named = {"cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
    >>> tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, **named)
    >>> sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    >>> bert = pathway(BertModel(BertConfig(vocab_size=5, **sizes)).eval(), tokenizer)
    >>> bert
    <pathway 'bert': last layer, 8 units, 6 pieces>
    >>> from reading_neurons.methods import omission
    >>> omission.scores(bert, ["a dog"])["word"].tolist()
    ['a', 'dog']
    """
    _checked(model)
    if representation not in (*REPRESENTATIONS, None):
        raise ValueError(f"a representation is one of {', '.join(REPRESENTATIONS)}, found {representation!r}")
    vocabulary = Subwords(tokenizer, start, end)
    _rows_checked(model.base_model, vocabulary)
    given = model.base_model, vocabulary, name or model.config.model_type
    trial = Trial(model, TransformerPathway(*given, None, "first"))
    layer = trial.layer(layer)
    own, place, headless = (None, None, None) if head else trial.head(layer)
    place = representation or place or ("last" if trial.left_to_right else "first")
    wrapped = _kind(own, trial)(*given, layer, place)
    wrapped.head, wrapped.headless = head or own, headless
    if not trial.scores_pieces or head:
        wrapped.output_names = trial.names(wrapped, output_names)
    return wrapped


def _checked(model: Any) -> None:
    """Raise an error if this is no model that can be wrapped."""
    try:
        from transformers import PreTrainedModel
    except ImportError as error:
        raise ImportError(f"a model of Hugging Face is wrapped with the transformers library: {_INSTALL}") from error
    kind = type(model).__name__
    if not isinstance(model, PreTrainedModel):
        raise TypeError(f"expected a model of the transformers library, found {kind}: wrap it in a class of your own")
    if model.training:
        raise ValueError(
            f"{kind} is in training mode, where dropout makes every reading another: call model.eval() first"
        )
    if "decoder_input_ids" in inspect.signature(model.forward).parameters:
        raise ValueError(
            f"{kind} is an encoder with a decoder, which reads two sequences: wrap one of them, as model.get_encoder()"
        )
    takes = inspect.signature(model.base_model.forward).parameters
    if missing := [name for name in ("inputs_embeds", "attention_mask") if name not in takes]:
        raise TypeError(
            f"{kind} does not take {' and '.join(missing)}, and methods give a network embeddings and say which are "
            f"padding; it takes {', '.join(takes)}"
        )


def _rows_checked(base: Any, vocabulary: Subwords) -> None:
    rows = len(base.get_input_embeddings().weight)
    if vocabulary.rows.max() >= rows:
        raise ValueError(
            f"the tokenizer numbers its tokens up to {vocabulary.rows.max()}, and the model has {rows} embeddings: "
            "take the tokenizer of the model, or call model.resize_token_embeddings(len(tokenizer)) and train it"
        )


def _kind(own: Head | None, trial: Trial) -> type[TransformerPathway]:
    linear = own is not None and len(own.modules) == 1 and isinstance(own.modules[0], nn.Linear)
    if own is not None and trial.scores_pieces:
        return LinearNextPiece if linear else NextPiece
    return LinearHead if linear else TransformerPathway


class Trial:
    """What a model makes of one short sentence, by which the wrapping is checked.

    Parameters
    ----------
    model : PreTrainedModel
    pathway : TransformerPathway
        Of the last hidden state.

    Raises
    ------
    ValueError
        If the model cannot read the sentence, or reads the numbers of its pieces otherwise than their embeddings.
    """

    def __init__(self, model: Any, pathway: TransformerPathway):
        self.model, self.pathway = model, pathway
        pieces = range(Vocabulary.unknown + 1, len(pathway.vocabulary))[:_PIECES]
        ids = torch.tensor([[Vocabulary.start, *pieces, Vocabulary.end]], device=pathway.rows.device)
        self.embedded, self.length = pathway.embedding[ids], torch.tensor([ids.shape[1]], device=ids.device)
        with torch.no_grad():
            found = pathway.hidden(self.embedded, self.length, every=True)
            asked = {"attention_mask": torch.ones_like(ids), "return_dict": True}
            by_number = pathway.network(input_ids=pathway.rows[ids], **asked)
            scored = model(inputs_embeds=self.embedded, **asked)
        self.last, self.hidden = found.last_hidden_state, found.hidden_states
        self.logits = scored.get("logits")
        if not self.alike(self.last, by_number.last_hidden_state):
            raise ValueError(
                f"{type(model).__name__} reads the numbers of pieces otherwise than what it looks up for them (it "
                "scales or adds to it first), so what methods put in the place of a piece is not what it would read: "
                "wrap it in a class of your own"
            )

    def alike(self, first: Tensor, second: Tensor) -> bool:
        """Whether two results are the same but for rounding."""
        if first.shape != second.shape:
            return False
        tolerance = 1e-4 if first.dtype == torch.float32 else 2e-2
        return bool((first - second).abs().max() <= tolerance * (1 + second.abs().max()))

    def layer(self, layer: int) -> int | None:
        """A layer that there is; None for the last hidden state."""
        count = len(self.hidden or ()) - 1
        if layer in (-1, count):
            return None
        if not -count - 1 <= layer <= count:
            raise ValueError(
                f"{type(self.model).__name__} has {count} layers: layer goes from 0, the embeddings, to {count}, the "
                f"last, found {layer}"
            )
        return layer

    @cached_property
    def left_to_right(self) -> bool:
        """Whether the first state knows nothing of later pieces: its derivative with respect to them is zero."""
        with torch.enable_grad():
            embedded = self.embedded.detach().requires_grad_()
            first = self.pathway.hidden(embedded, self.length).last_hidden_state[0, 0]
            (gradient,) = torch.autograd.grad(first @ torch.linspace(-1, 1, len(first)).to(first), embedded)
        return not bool(gradient[0, 1:].any())

    @property
    def scores_pieces(self) -> bool:
        """Whether the model scores every piece at every place."""
        rows = len(self.pathway.network.get_input_embeddings().weight)
        return self.logits is not None and self.logits.ndim == 3 and self.logits.shape[-1] == rows

    @torch.no_grad()
    def head(self, layer: int | None) -> tuple[Head | None, str | None, str | None]:
        """What scores a state, where it is read (None: everywhere), and why there is none.

        Raises
        ------
        ValueError
            If the model has scores, and it was not found how they come of one state.
        """
        if self.logits is None:
            return None, None, "a model without a head"
        if layer is not None:
            return None, None, f"read at layer {layer}, and the model scores its last hidden state"
        if self.scores_pieces and not self.left_to_right:
            return None, None, "a masked language model, which scores the piece at a masked place and knows no next one"
        places = (None,) if self.logits.ndim == 3 else REPRESENTATIONS
        for place in places:
            states = self.last if place is None else standing_for(self.last, self.length, place)
            for head in heads(self.model):
                if self._scores(head, states):
                    return head, place, None
        raise ValueError(
            f"{type(self.model).__name__} has scores of shape {tuple(self.logits.shape)}, and no way that is known "
            "leads to them from one state: give head=, a function from states to scores, or wrap model.base_model"
        )

    def _scores(self, head: Head, states: Tensor) -> bool:
        try:
            return self.alike(head(states), self.logits)
        except (RuntimeError, IndexError, TypeError, AttributeError, ValueError):  # modules that want another shape
            return False

    @torch.no_grad()
    def names(self, pathway: TransformerPathway, given: Sequence[str] | None) -> Sequence[str] | None:
        """The names of scores, as many as there are."""
        if pathway.head is None:
            return None
        scores = pathway.outputs(self.last[:, 0].float())
        labels = getattr(self.model.config, "id2label", None) or {}
        own = tuple(labels[number] for number in sorted(labels)) if self.logits is not None else ()
        if given is None:
            return own if len(own) == scores.shape[-1] else None
        if len(given) != scores.shape[-1]:
            raise ValueError(f"the head gives {scores.shape[-1]} scores, found {len(given)} output_names")
        return tuple(given)

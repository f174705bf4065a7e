"""Features of words, up to the relevance of a caption network's units."""

import numpy as np
import pytest

from reading_neurons import passes
from reading_neurons.annotation import token_table
from reading_neurons.corpora import scenes
from reading_neurons.features import Library
from reading_neurons.features.words import annotated, deprel_is, tag_is, unparsed, word_is


@pytest.fixture(scope="module")
def captions():
    return scenes.generate(scenes=40).test


def test_items_are_the_rows_of_the_table_of_tokens(captions):
    found, table = annotated(captions), token_table(captions, captions.parses)
    assert found.tokens == captions.tokens and len(found) == len(captions)
    assert [tag for item in found.items for tag in item.tags] == table["tag"].tolist()
    assert [label for item in found.items for label in item.deprels] == table["deprel"].tolist()
    assert found.groups.tolist() == captions.image.tolist()


def test_features_are_the_columns(captions):
    found, table = annotated(captions), token_table(captions, captions.parses)
    library = Library([word_is("a", "the"), tag_is("NN", "NNS"), deprel_is("nsubj"), tag_is("IN") | tag_is("DT")])
    labels = library.labels(found.items)
    assert labels[0].tolist() == table["word"].isin(["a", "the"]).tolist()
    assert labels[1].tolist() == table["tag"].isin(["NN", "NNS"]).tolist()
    assert labels[2].tolist() == (table["deprel"] == "nsubj").tolist()
    assert labels[3].tolist() == table["tag"].isin(["IN", "DT"]).tolist()
    assert 0 < labels.mean() < 1
    assert library.names[1] == "tag NN or NNS"


def test_rows_of_labels_are_rows_of_states(captions):
    from reading_neurons.models import SumPathway
    from reading_neurons.text import Vocabulary

    pathway = SumPathway(Vocabulary.of(captions.tokens), ["object:dog"], embedding=4).pathways["sum"]
    found = annotated(captions)
    assert len(passes.states(pathway, found.tokens)) == Library([word_is("a")]).labels(found.items).shape[1]


def test_words_without_a_parse_have_words_alone(captions):
    found, parsed = unparsed(captions), annotated(captions)
    assert found.tokens == parsed.tokens and (found.groups == parsed.groups).all()
    assert Library([word_is("a")]).labels(found.items).sum() > 0
    with pytest.raises(ValueError, match="asks what a parse says of .* it has none"):
        tag_is("NN").labels(found.items[0])


def test_bad_input(captions):
    with pytest.raises(ValueError, match="found 0 parses for"):
        annotated(captions, [])
    with pytest.raises(ValueError, match="at least one caption"):
        annotated(captions.take([]))
    with pytest.raises(ValueError, match="at least one tag"):
        tag_is()
    with pytest.raises(ValueError, match="labels words of captions, found str"):
        word_is("a").labels("a dog")
    assert np.isfinite(annotated(captions).groups).all()

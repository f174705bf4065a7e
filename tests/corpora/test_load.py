"""Corpora by name."""

import pytest

from reading_neurons import corpora


def test_an_unknown_name_lists_the_known():
    with pytest.raises(ValueError, match="unknown corpus 'flickr'; known are arithmetic, c_source, coco, flickr30k,"):
        corpora.load("flickr")


def test_an_option_that_a_corpus_does_not_have():
    with pytest.raises(TypeError, match="'coco' has no option 'hold_out'; .* folder, holdout, seed, features"):
        corpora.load("coco", hold_out=0.1)
    with pytest.raises(TypeError, match="'scenes' has no option 'folder'"):
        corpora.load("scenes", folder="data")


def test_options_and_folder_are_passed_on(monkeypatch, tmp_path):
    seen = {}

    def loader(folder=None, seed=0):
        seen.update(folder=folder, seed=seed)
        return "a corpus"

    monkeypatch.setitem(corpora._LOADERS, "toy", loader)
    assert corpora.load("toy", tmp_path, seed=3) == "a corpus"
    assert seen == {"folder": tmp_path, "seed": 3}


def test_scenes_are_generated_with_the_seed_given():
    first, again, other = (corpora.load("scenes", scenes=40, seed=seed) for seed in (1, 1, 2))
    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert sum(len(split.image_ids) for split in first.splits) == 40


def test_reviews_are_generated_with_options():
    corpus = corpora.load("polarity", sentences=50, seed=3)
    assert corpus.name == "polarity" and [len(split) for split in corpus.splits] == [40, 5, 5]
    with pytest.raises(TypeError, match="'polarity' has no option 'scenes'"):
        corpora.load("polarity", scenes=10)


def test_a_corpus_is_found_through_the_environment(monkeypatch, tmp_path):
    (tmp_path / "multi30k").mkdir()
    monkeypatch.setenv("READING_NEURONS_DATA", str(tmp_path))
    with pytest.raises(corpora.DataError, match=r"multi30k lacks train\.1\.en\.gz: .*found an empty folder"):
        corpora.load("flickr30k")

"""MS-COCO in the publisher's form: made-up files for the form, the real ones for the counts."""

import copy
import gzip
import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_neurons.corpora import coco
from reading_neurons.corpora.files import DataError

DATA = os.environ.get("READING_NEURONS_DATA", "")
needs_data = pytest.mark.skipif(
    not (Path(DATA) / "coco").is_dir() or not DATA, reason="READING_NEURONS_DATA names no folder with coco/"
)
CATEGORIES = [{"id": 18, "name": "dog"}, {"id": 1, "name": "person"}, {"id": 90, "name": "cup", "supercategory": "x"}]


def documents():
    """Twenty images to train on and three to test on; image 100 + n shows a dog where n is odd, image 104 nothing."""
    found = {}
    for part, ids in {"train2014": range(100, 120), "val2014": range(200, 203)}.items():
        images = [{"id": number, "file_name": f"{number}.jpg"} for number in reversed(ids)]
        captions = [
            {"image_id": number, "id": 10 * number + place, "caption": f"Text {place} of {number}.\n"}
            for place in (1, 0)
            for number in reversed(ids)
        ]
        objects = [
            {"id": number, "image_id": number, "category_id": 18 if number % 2 else 1, "segmentation": [[1.5, 2.5]]}
            for number in [*ids, *ids]
            if number != 104
        ]
        found[f"captions_{part}.json"] = {"info": {}, "images": images, "annotations": captions, "licenses": []}
        found[f"instances_{part}.json"] = {"images": images, "annotations": objects, "categories": CATEGORIES}
    return copy.deepcopy(found)


def write(folder, found, layout="plain"):
    if layout == "archive":
        (folder / "annotations_trainval2014.zip").write_bytes(archive(found))
        return folder
    place = folder / "annotations" if layout == "annotations" else folder
    place.mkdir(exist_ok=True)
    for name, document in found.items():
        content = json.dumps(document).encode()
        (place / name).with_suffix(".json.gz" if layout == "gz" else ".json").write_bytes(
            gzip.compress(content) if layout == "gz" else content
        )
    return folder


def archive(found):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, document in found.items():
            packed.writestr(f"annotations/{name}", json.dumps(document))
    return content.getvalue()


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path, documents())


def test_captions_are_sorted_by_image_then_annotation(folder):
    test = coco.load(folder).test
    assert test.texts == tuple(f"Text {place} of {number}." for number in (200, 201, 202) for place in (0, 1))
    assert test.image_ids.tolist() == [200, 201, 202] and test.image.tolist() == [0, 0, 1, 1, 2, 2]


def test_the_scene_vector_is_the_presence_of_categories(folder):
    corpus = coco.load(folder)
    for split in corpus.splits:
        assert split.dimensions == ("object:person", "object:dog", "object:cup")
        odd = split.image_ids % 2
        expected = np.stack([1 - odd, odd, 0 * odd], axis=1) * (split.image_ids != 104)[:, None]
        assert split.scenes.dtype == np.float32 and np.array_equal(split.scenes, expected)
    assert corpus.test.targets().shape == (6, 3)


def _outlines():
    numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers()
    polygons = st.lists(st.lists(numbers, max_size=4), max_size=3)
    return polygons | st.fixed_dictionaries({"counts": st.lists(st.integers(), max_size=3)})


@given(
    objects=st.lists(st.tuples(_outlines(), st.text(), st.permutations(["id", "segmentation", "name"])), max_size=4),
    indent=st.sampled_from([None, 1]),
    separators=st.sampled_from([None, (",", ":")]),
)
def test_leaving_out_the_outlines_changes_nothing_else(objects, indent, separators):
    values = [{"id": 3, "segmentation": outline, "name": f'"segmentation": [{text}]'} for outline, text, _ in objects]
    entries = [{key: value[key] for key in order} for value, (_, _, order) in zip(values, objects, strict=True)]
    found = json.loads(coco._without_outlines(json.dumps(entries, indent=indent, separators=separators)))
    assert found == [
        entry | {"segmentation": []} if isinstance(entry["segmentation"], list) else entry for entry in entries
    ]


@pytest.mark.parametrize("layout", ["gz", "annotations", "archive"])
def test_every_layout_reads_alike(folder, tmp_path_factory, layout):
    other = write(tmp_path_factory.mktemp("other"), documents(), layout)
    assert coco.load(other).fingerprint == coco.load(folder).fingerprint


@pytest.mark.parametrize(("holdout", "images"), [(0.001, 1), (0.2, 4), (0.5, 10)])
def test_the_holdout_is_one_of_images(folder, holdout, images):
    corpus = coco.load(folder, holdout=holdout)
    assert len(corpus.validation.image_ids) == images and len(corpus.validation) == 2 * images
    both = np.concatenate([corpus.train.image_ids, corpus.validation.image_ids])
    assert sorted(both.tolist()) == list(range(100, 120))
    assert corpus.train.split == "train" and corpus.validation.split == "validation"


def test_the_seed_decides_which_images_are_held_out(folder):
    first, again, other = (coco.load(folder, holdout=0.3, seed=seed).validation for seed in (1, 1, 2))
    assert first.image_ids.tolist() == again.image_ids.tolist() != other.image_ids.tolist()


@pytest.mark.parametrize("holdout", [0, 1, -0.1, 1.5])
def test_a_holdout_must_be_a_share(folder, holdout):
    with pytest.raises(ValueError, match=f"between 0 and 1, found {holdout}"):
        coco.load(folder, holdout=holdout)


def test_a_holdout_must_leave_something(folder):
    with pytest.raises(ValueError, match=r"holdout 0\.99 of 20 images leaves none to train on"):
        coco.load(folder, holdout=0.99)


def test_image_features_replace_the_categories(folder):
    ids = [*range(119, 99, -1), 202, 201, 200]
    np.save(folder / "vgg.npy", np.array([[number, -number] for number in ids], dtype=np.float32))
    (folder / "vgg.ids.txt").write_text("\n".join(map(str, ids)))
    for name in ("instances_train2014.json", "instances_val2014.json"):
        (folder / name).unlink()
    corpus = coco.load(folder, features=folder / "vgg.npy")
    for split in corpus.splits:
        assert split.dimensions == ("feature:0", "feature:1")
        assert np.array_equal(split.scenes, np.stack([split.image_ids, -split.image_ids], axis=1))


def test_without_a_folder_the_archive_is_downloaded_once(publisher, folder, cache):
    publisher.contents["coco/annotations_trainval2014.zip"] = archive(documents())
    assert coco.load().fingerprint == coco.load(folder).fingerprint
    coco.load()
    assert publisher.requests == ["coco/annotations_trainval2014.zip"]
    assert (cache / "data" / "coco" / "annotations_trainval2014.zip").is_file()


def test_a_missing_file(folder):
    (folder / "instances_val2014.json").unlink()
    with pytest.raises(DataError, match=r"lacks instances_val2014\.json: .*_trainval2014\.zip; found captions_train"):
        coco.load(folder)


def test_an_archive_that_lacks_a_file_or_is_none(tmp_path):
    found = documents()
    del found["captions_val2014.json"]
    write(tmp_path, found, "archive")
    with pytest.raises(DataError, match=r"must hold annotations/captions_val2014\.json, found no such member"):
        coco.load(tmp_path)
    path = tmp_path / "annotations_trainval2014.zip"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"annotations_trainval2014\.zip is damaged or cut short"):
        coco.load(tmp_path)


def test_broken_json_and_truncated_gzip(folder):
    path = folder / "captions_val2014.json"
    whole = path.read_text()
    path.write_text(whole[:100])
    with pytest.raises(DataError, match=r"captions_val2014\.json must be JSON, .*character \d+ of 100.*cut short"):
        coco.load(folder)
    path.unlink()
    (folder / "captions_val2014.json.gz").write_bytes(gzip.compress(whole.encode())[:60])
    with pytest.raises(DataError, match=r"captions_val2014\.json\.gz is damaged or cut short"):
        coco.load(folder)


def _change(table, key, value):
    def change(document):
        document[table][3] = {**document[table][3], key: value}

    return change


@pytest.mark.parametrize(
    ("name", "change", "complaint"),
    [
        ("captions_val2014", lambda d: d.pop("annotations"), "a list 'annotations', found: info, images, licenses"),
        ("captions_val2014", lambda d: d["annotations"].clear(), "found an empty list"),
        ("captions_val2014", lambda d: d["annotations"][3].pop("caption"), r"\[3\] must have 'caption' \(str\)"),
        ("captions_val2014", _change("annotations", "caption", None), r"annotations\[3\] must have 'caption' \(str\)"),
        ("captions_val2014", _change("annotations", "image_id", "200"), r"\[3\] must have 'image_id' \(int\)"),
        ("captions_val2014", lambda d: d["annotations"].insert(2, "text"), r"\[2\] must have .*found 'text'"),
        ("instances_train2014", lambda d: d.pop("categories"), "a list 'categories', found: images, annotations"),
        ("instances_train2014", lambda d: d["categories"].pop(0), "names image .* and category 18, which must both"),
        ("instances_train2014", _change("annotations", "image_id", 999), "names image 999 and category"),
        ("instances_val2014", lambda d: d["categories"].pop(2), "must list the same categories"),
    ],
)
def test_another_schema(folder, name, change, complaint):
    document = documents()[f"{name}.json"]
    change(document)
    (folder / f"{name}.json").write_text(json.dumps(document))
    with pytest.raises(DataError, match=complaint) as caught:
        coco.load(folder)
    assert f"{name}.json" in str(caught.value)


def test_a_document_that_is_no_object(folder):
    (folder / "captions_val2014.json").write_text("[1]")
    with pytest.raises(DataError, match="must be a JSON object with a list 'annotations', found: list"):
        coco.load(folder)


def test_instances_of_no_image(folder):
    empty = {"images": [], "annotations": [], "categories": CATEGORIES}
    (folder / "instances_val2014.json").write_text(json.dumps(empty))
    with pytest.raises(DataError, match=r"instances_val2014\.json must cover every image .* none of 3 of 3"):
        coco.load(folder)


def test_instances_of_other_images(folder):
    (folder / "instances_train2014.json").write_text(json.dumps(documents()["instances_val2014.json"]))
    with pytest.raises(DataError, match=r"instances_train2014\.json must cover every image .* none of 19 of 19"):
        coco.load(folder, holdout=0.01)


@needs_data
def test_the_real_files():
    corpus = coco.load()
    train, validation, test = corpus.splits
    assert len(train) + len(validation) == 69_755 and len(test) == 19_081
    assert len(train.image_ids) + len(validation.image_ids) == 35_576 and len(test.image_ids) == 3_816
    assert len(validation.image_ids) == round(0.02 * 35_576)
    assert not np.intersect1d(train.image_ids, validation.image_ids).size
    assert len(test.dimensions) == 80 and test.dimensions[0] == "object:person"


@needs_data
def test_the_real_captions_name_what_the_vector_shows():
    """A photograph with a dog is more often described with the word dog than one without."""
    test = coco.load().test
    shown = test.targets()[:, test.dimensions.index("object:dog")] > 0
    named = np.array(["dog" in words for words in test.tokens])
    assert named[shown].mean() > 0.5 > 0.01 > named[~shown].mean()

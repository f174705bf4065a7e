"""Vectors of images: looked up by number, in the two forms that users have."""

import json

import numpy as np
import pytest
import scipy.io
from hypothesis import given
from hypothesis import strategies as st

from reading_neurons.corpora import features
from reading_neurons.corpora.features import ImageVectors
from reading_neurons.corpora.files import DataError

IDS = [42, 7, 300]
VECTORS = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], dtype=np.float32)


@pytest.fixture
def npy(tmp_path):
    np.save(tmp_path / "vgg.npy", VECTORS)
    (tmp_path / "vgg.ids.txt").write_text("\n".join(map(str, IDS)) + "\n")
    return tmp_path / "vgg.npy"


@pytest.fixture
def mat(tmp_path):
    """The images are listed in another order than the columns, as nothing forbids."""
    scipy.io.savemat(tmp_path / "vgg_feats.mat", {"feats": VECTORS.T})
    images = [{"imgid": place, "cocoid": number, "filename": "x.jpg"} for place, number in enumerate(IDS)]
    (tmp_path / "dataset.json").write_text(json.dumps({"dataset": "coco", "images": images[::-1]}))
    return tmp_path / "vgg_feats.mat"


@given(st.permutations(range(0, 60, 3)), st.data())
def test_rows_are_found_by_number_in_any_order(numbers, data):
    wanted = np.array(data.draw(st.lists(st.sampled_from(numbers))), dtype=np.int64)
    vectors = ImageVectors("made up", np.array(numbers), np.array(numbers, dtype=float)[:, None], ("number",))
    assert vectors.of(wanted)[:, 0].tolist() == wanted.tolist()


def test_images_without_a_vector_are_named():
    vectors = ImageVectors("made up", np.array(IDS), VECTORS, ("a", "b"))
    with pytest.raises(DataError, match=r"made up must cover .*none of 2 of 3 \(image 8, 999\)"):
        vectors.of(np.array([7, 8, 999]))
    with pytest.raises(DataError, match=r"none of 9 of 9 \(image 0, 1, 2, 3, 4, \.\.\.\)"):
        vectors.of(np.array([0, 1, 2, 3, 4, 5, 6, 8, 9]))


def test_numbers_that_are_not_finite_are_named():
    vectors = ImageVectors("made up", np.array([1, 2]), np.array([[0.0], [np.nan]]), ("a",))
    assert vectors.of(np.array([1])).tolist() == [[0.0]]
    with pytest.raises(DataError, match="others in the vector of image 2"):
        vectors.of(np.array([1, 2]))


@pytest.mark.parametrize("form", ["npy", "mat"])
def test_both_forms_read_alike(form, request):
    found = features.read(request.getfixturevalue(form))
    assert found.dimensions == ("feature:0", "feature:1")
    assert found.of(np.array([7, 42, 300])).tolist() == [[3, 4], [1, 2], [5, 6]]
    assert found.of(np.array([7])).dtype == np.float32


def test_a_list_that_does_not_fit(npy):
    ids = npy.with_suffix(".ids.txt")
    ids.write_text("42\n7\n")
    with pytest.raises(DataError, match=r"each of the 2 images listed .* found an array of float32 with 3 x 2"):
        features.read(npy)
    ids.write_text("42\n7\n42\n")
    with pytest.raises(DataError, match="name each image once"):
        features.read(npy)
    ids.write_text("42\nseven\n300\n")
    with pytest.raises(DataError, match=r"vgg\.ids\.txt must hold one image number a line.*seven"):
        features.read(npy)
    ids.unlink()
    with pytest.raises(DataError, match=r"vgg\.ids\.txt cannot be read"):
        features.read(npy)


@pytest.mark.parametrize("content", [b"", b"no array at all", np.lib.format.MAGIC_PREFIX + b"\x01\x00"])
def test_a_file_that_is_no_array(npy, content):
    npy.write_bytes(content)
    with pytest.raises(DataError, match=r"vgg\.npy must be an array written by numpy\.save"):
        features.read(npy)


def test_an_array_cut_short(npy):
    npy.write_bytes(npy.read_bytes()[:-4])
    with pytest.raises(DataError, match=r"vgg\.npy must be an array written by numpy\.save"):
        features.read(npy)


def test_an_array_of_objects_is_never_unpickled(npy):
    np.save(npy, np.array([{}, {}, {}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match=r"vgg\.npy"):
        features.read(npy)


@pytest.mark.parametrize(
    ("listing", "complaint"),
    [
        ([], "must have a list 'images'"),
        ({"images": [{"imgid": 0}]}, "must have a list 'images' .*cocoid"),
        ({"images": [{"imgid": 0, "cocoid": 5}, {"imgid": 2, "cocoid": 6}]}, "from 0 without a gap"),
        ({"images": [{"imgid": 0, "cocoid": 5}]}, "each of the 1 images"),
    ],
)
def test_a_listing_that_does_not_fit(mat, listing, complaint):
    mat.with_name("dataset.json").write_text(json.dumps(listing))
    with pytest.raises(DataError, match=complaint):
        features.read(mat)


def test_a_matlab_file_without_features(mat):
    scipy.io.savemat(mat, {"other": VECTORS})
    with pytest.raises(DataError, match=r"vgg_feats\.mat must be a MATLAB file .*'feats', found: KeyError"):
        features.read(mat)
    mat.write_bytes(b"no such thing" * 20)
    with pytest.raises(DataError, match=r"vgg_feats\.mat must be a MATLAB file"):
        features.read(mat)


def test_another_kind_of_file(tmp_path):
    with pytest.raises(DataError, match=r"a \.npy or a \.mat file, found vgg\.h5"):
        features.read(tmp_path / "vgg.h5")

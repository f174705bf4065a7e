"""Pictures of many dimensions: what they keep, and that they show clusters in noise."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from reading_neurons.methods.projections import distortion, faithfulness, pictures, principal, tsne


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(0).normal(size=(30, 10))


@pytest.fixture(scope="module")
def clusters():
    rng = np.random.default_rng(0)
    return rng.normal(size=(3, 10)).repeat(10, axis=0) * 5 + rng.normal(size=(30, 10)) * 0.1


def test_planted_clusters_stay_together(clusters):
    for plane in (tsne(clusters, 5), principal(clusters)):
        nearest = NearestNeighbors(n_neighbors=6).fit(plane).kneighbors(return_distance=False)
        assert (nearest // 10 == np.arange(30)[:, None] // 10).all()


def test_a_seed_gives_one_picture_and_another_seed_another(noise):
    assert np.array_equal(tsne(noise, 5, 0), tsne(noise, 5, 0))
    assert not np.allclose(tsne(noise, 5, 0), tsne(noise, 5, 1))


def test_the_longer_axis_comes_first(noise):
    plane = tsne(noise, 5)
    assert plane[:, 0].std() >= plane[:, 1].std() and np.allclose(plane.mean(axis=0), 0, atol=1e-3)


def test_principal_components_are_those_of_the_library(noise):
    assert np.allclose(principal(noise), PCA(2).fit_transform(noise))


def test_kept_neighbours_are_a_naive_loop(noise):
    plane = tsne(noise, 5)
    kept = []
    for point in range(30):
        others = [other for other in range(30) if other != point]
        near, drawn = (
            set(sorted(others, key=lambda other: np.linalg.norm(space[other] - space[point]))[:4])
            for space in (noise, plane)
        )
        kept.append(len(near & drawn) / 4)
    assert faithfulness(noise, plane, 4)["kept"] == pytest.approx(np.mean(kept))


def test_places_at_random_keep_what_chance_keeps(noise):
    rng = np.random.default_rng(1)
    found = [faithfulness(noise, rng.normal(size=(30, 2))) for _ in range(30)]
    assert np.mean([one["kept"] for one in found]) == pytest.approx(found[0]["chance"], abs=0.03)
    assert np.mean([one["trustworthiness"] for one in found]) == pytest.approx(0.5, abs=0.05)


def test_a_plane_is_drawn_as_it_is():
    plane = np.random.default_rng(0).normal(size=(30, 2))
    assert faithfulness(plane, principal(plane))["kept"] == 1


def test_a_grid_has_every_picture_and_its_faithfulness(noise):
    table = pictures(noise, (3, 5), (0, 1))
    assert table.groupby(["projection", "perplexity", "seed"], sort=False).size().tolist() == [30] * 5
    found = distortion(noise, table)
    assert found["projection"].tolist() == ["t-SNE"] * 4 + ["PCA"]
    one = table.query("perplexity == 5 and seed == 1")[["x", "y"]].to_numpy()
    assert found.query("perplexity == 5 and seed == 1")["kept"].item() == faithfulness(noise, one)["kept"]
    assert np.allclose(one, tsne(noise, 5, 1))


def test_what_cannot_be_drawn_is_an_error(noise):
    with pytest.raises(ValueError, match="from 1 to below the number of points, 30, found 30"):
        tsne(noise, 30)
    with pytest.raises(ValueError, match="at least 4 phrases, found 3"):
        tsne(noise[:3])
    with pytest.raises(ValueError, match="of 30 points 1 to 14 neighbours can be compared, found 15"):
        faithfulness(noise, noise[:, :2], 15)

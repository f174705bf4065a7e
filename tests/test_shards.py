"""Shards read here and on a cluster of two worker processes: one result, whatever happens to the workers."""

import os
import platform
import resource
import signal
import subprocess
import sys
import threading
import time

import cloudpickle
import numpy as np
import pandas as pd
import pytest
import torch
from distributed import Client, LocalCluster

from reading_neurons import bins, passes, shards
from reading_neurons.asking import PathwayError
from reading_neurons.corpora import from_text, scenes
from reading_neurons.methods import carrying_units, contexts, intervene, levels, mutual_information, omission, runs
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.unit_groups import correlated, drawn_ngrams, unit_groups
from reading_neurons.models import Imaginet, SumPathway
from reading_neurons.models.detectors import Detector, DetectorPathway
from reading_neurons.neurons import unit
from reading_neurons.ridge import OneHot, collect
from reading_neurons.shards import AHEAD, Shard
from reading_neurons.summaries import Means, States
from reading_neurons.text import Vocabulary

# Workers cannot import a test: what they need of it is sent along.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

CAPTIONS = scenes.generate(scenes=1000).test
NETWORK = Imaginet(Vocabulary.of(CAPTIONS.tokens), CAPTIONS.dimensions, embedding=16, units=24).eval()
NETWORK.embedding.weight.data.mul_(30)  # so that words matter before training too
PATHWAY = NETWORK.pathways["visual"]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """So that a small corpus has many shards."""
    monkeypatch.setattr("reading_neurons.passes.run.__kwdefaults__", {**passes.run.__kwdefaults__, "sentences": 32})
    monkeypatch.setattr(carrying_units, "SENTENCES", 100)
    monkeypatch.setattr("reading_neurons.methods.corpus_search.ROWS", 500)
    monkeypatch.setattr("reading_neurons.ridge.CHUNK", 500)


@pytest.fixture(scope="module")
def client():
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster, Client(cluster) as client:
        yield client


@pytest.fixture(scope="module")
def one_process():
    """Workers that are threads of this process: quick, where it does not matter."""
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0") as cluster:
        with Client(cluster) as client:
            yield client


@pytest.fixture
def one_thread():
    """For convolutions, whose last bit depends on it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# Here


class Total:
    def __init__(self):
        self.seen = []

    def empty(self, first, count):
        return Total()

    def merge(self, later):
        self.seen += later.seen


def read(shared, shard, total):
    total.seen.append((shard.first, shard.content))


def numbered(count, taken):
    for number in range(count):
        taken.append(number)
        yield Shard(number, 1, number)


def test_shards_come_in_order_and_one_at_a_time():
    taken, seen = [], []

    def look(shared, shard, total):
        seen.append((len(taken), shard.content))

    shards.collect(Total(), look, None, numbered(4, taken))
    assert seen == [(1, 0), (2, 1), (3, 2), (4, 3)]


def test_importing_passes_does_not_import_dask():
    code = "import sys, reading_neurons.passes; sys.exit('dask' in sys.modules or 'distributed' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# On a cluster: identical results


def test_every_table_of_a_corpus_is_the_same(client, tmp_path):
    tokens, neurons, top = CAPTIONS.parses, [unit(0), unit(5)], contexts.top_contexts(PATHWAY, CAPTIONS, 5)
    level = levels.levels(PATHWAY, CAPTIONS)
    asked = {
        "top contexts": lambda **on: contexts.top_contexts(PATHWAY, CAPTIONS, 5, **on),
        "distinct": lambda **on: contexts.top_contexts(PATHWAY, CAPTIONS, 5, 2, distinct=True, lowest=True, **on),
        "readings": lambda **on: contexts.readings(PATHWAY, CAPTIONS, top, **on),
        "information": lambda **on: mutual_information.of_pathway(PATHWAY, CAPTIONS, tokens, permutations=1, **on),
        "persistence": lambda **on: carrying_units.persistence(PATHWAY, CAPTIONS, level=level, **on),
        "runs": lambda **on: runs.runs_of(PATHWAY, CAPTIONS, [3, 1], level, **on),
        "omission": lambda **on: omission.scores(PATHWAY, CAPTIONS.tokens, 150, **on),
        "groups": lambda **on: unit_groups(PATHWAY, CAPTIONS, 4, sample=3000, **on),
        "corpus search": lambda **on: optimize(PATHWAY, neurons, 3, "corpus", corpus=CAPTIONS, **on).iloc[:, :3],
    }
    for name, ask in asked.items():
        pd.testing.assert_frame_equal(ask(client=client), ask(), check_exact=True, obj=name)


def test_every_array_is_the_same_to_the_last_bit(client):
    drawn = drawn_ngrams(CAPTIONS, PATHWAY.vocabulary, sample=3000)
    asked = {
        "states": lambda **on: passes.states(PATHWAY, CAPTIONS, **on),
        "half": lambda **on: passes.states(PATHWAY, CAPTIONS, precision="bfloat16", units=[2, 0], **on),
        "bins": lambda **on: bins.of_pathway(PATHWAY, CAPTIONS, **on),
        "levels": lambda **on: levels.levels(PATHWAY, CAPTIONS, 500, **on).edges,
        "means": lambda **on: intervene.means(PATHWAY, CAPTIONS, **on),
        "correlations": lambda **on: correlated(PATHWAY, drawn, **on).result(),
    }
    for name, ask in asked.items():
        found, expected = ask(client=client), ask()
        assert found.dtype == expected.dtype and found.tobytes() == expected.tobytes(), name


def test_normal_equations_are_the_same_to_the_last_bit(client):
    words = [word for one in CAPTIONS.tokens for word in one]
    table = pd.DataFrame({"word": words, "length": [len(word) for word in words]})
    targets = np.random.default_rng(0).normal(size=(len(words), 2))
    design = OneHot.of(table, [("word",), ("length",)])
    found, expected = (collect(design, table, targets, on) for on in (client, None))
    assert found.tokens == expected.tokens == len(words)
    assert found._products.tobytes() == expected._products.tobytes()
    assert (found._gram != expected._gram).nnz == 0


class Convolutional:
    """Windows of three words: it cannot be driven word by word."""

    name, output_names, vocabulary = "convolutional", None, PATHWAY.vocabulary

    def __init__(self):
        generator = torch.Generator().manual_seed(0)
        self.embedding = torch.randn(len(self.vocabulary), 5, generator=generator)
        self.filters = torch.randn(6, 5, 3, generator=generator) / 6

    def states(self, embedded, lengths=None):
        real = torch.arange(embedded.shape[1]) < lengths[:, None]
        return torch.conv1d((embedded * real[..., None]).transpose(1, 2), self.filters, padding=1).transpose(1, 2).tanh()

    def representation(self, embedded, lengths=None):
        return self.states(embedded, lengths)[torch.arange(len(embedded)), lengths - 1]

    def outputs(self, states):
        return states


@pytest.mark.parametrize(
    "pathway",
    [
        Convolutional(),
        SumPathway(PATHWAY.vocabulary, ["a"], embedding=5).pathways["sum"],
        DetectorPathway(PATHWAY.vocabulary, [Detector("dog", on=["dog"], hold=0.5)], noise=3),
        Imaginet(PATHWAY.vocabulary, ["a"], embedding=4, units=6).double().eval().pathways["textual"],
    ],
    ids=["a class of one's own", "sum", "detectors", "double precision"],
)
def test_networks_of_all_kinds_can_be_sent(client, pathway, one_thread):
    found, expected = (passes.run(Means(), pathway, CAPTIONS, on).result() for on in (client, None))
    assert found.tobytes() == expected.tobytes() and np.abs(found).max() > 0


def test_sentences_of_ones_own(client, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("\n".join(f"A dog and {number} cats." for number in range(300)))
    mine = from_text(path).train
    vocabulary = Vocabulary.of(mine.tokens)
    pathway = Imaginet(vocabulary, ["none"], embedding=4, units=8).pathways["textual"]
    found, expected = (contexts.top_contexts(pathway, mine, 4, client=on) for on in (client, None))
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_a_generator_is_read_a_few_shards_ahead(client):
    taken = []

    def sentences():
        for number, words in enumerate(CAPTIONS.tokens):
            taken.append(number)
            yield words

    class Watched(Means):
        ahead = []

        def merge(self, later):
            self.ahead.append(len(taken) - 16 * (len(self.ahead) + 1))
            super().merge(later)

    found = passes.run(Watched(), PATHWAY, sentences(), client, sentences=16).result()
    assert len(taken) == len(CAPTIONS) > 3 * 2 * AHEAD * 16
    assert 0 < max(Watched.ahead) <= 2 * AHEAD * 16 and np.isfinite(found).all()


def test_workers_compute_with_one_thread_and_this_process_as_before(client, one_thread):
    torch.set_num_threads(2)
    assert set(shards.each(lambda shared, part: torch.get_num_threads(), None, range(4), client)) == {1}
    assert torch.get_num_threads() == 2


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="there is another C library")
def test_workers_keep_freed_memory_for_the_next_shard(client):
    def fresh_pages(shared, part):
        """Pages that the system had to find for blocks of 8 MB, each freed before the next."""
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(50):
            np.ones(2**20)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    assert list(shards.each(fresh_pages, None, range(4), client))[-1] < 50 * 2048 / 5


@pytest.mark.parametrize("units", [24, 64])
def test_the_number_of_threads_changes_nothing(units):
    pathway = Imaginet(PATHWAY.vocabulary, ["a"], embedding=units, units=units).pathways["visual"]
    found = []
    before = torch.get_num_threads()
    for threads in (1, 2):
        torch.set_num_threads(threads)
        found.append(passes.states(pathway, CAPTIONS))
    torch.set_num_threads(before)
    np.testing.assert_array_equal(*found)


# What can go wrong


class Waiting(Means):
    """Takes in the shard that begins at a word only when a file says so."""

    def __init__(self, folder, at):
        super().__init__()
        self.folder, self.at = folder, at

    def empty(self, first, count):
        return Waiting(self.folder, self.at)

    def update(self, window):
        if window.first == self.at:
            (self.folder / f"reading-{os.getpid()}").touch()
            while not (self.folder / "go on").exists():
                time.sleep(0.01)
        super().update(window)


def kill_the_first_reader(folder):
    """Kill the process that has begun to read, then let whoever reads the shard again go on."""
    for _ in range(3000):
        if begun := list(folder.glob("reading-*")):
            os.kill(int(begun[0].name.split("-")[1]), signal.SIGKILL)
            (folder / "go on").touch()
            return
        time.sleep(0.01)


def test_a_killed_worker_changes_nothing(client, tmp_path):
    expected = intervene.means(PATHWAY, CAPTIONS)
    before = set(client.run(os.getpid).values())
    third = next(shard for number, shard in enumerate(passes.cut(CAPTIONS, sentences=32)) if number == 3)
    killer = threading.Thread(target=kill_the_first_reader, args=(tmp_path,))
    killer.start()
    found = passes.run(Waiting(tmp_path, third.first), PATHWAY, CAPTIONS, client).result()
    killer.join()
    assert found.tobytes() == expected.tobytes()
    (killed, *_) = (int(path.name.split("-")[1]) for path in sorted(tmp_path.glob("reading-*"), key=os.path.getmtime))
    assert killed in before and len(list(tmp_path.glob("reading-*"))) == 2  # it was read again by another
    client.wait_for_workers(2)
    assert killed not in client.run(os.getpid).values()


def test_an_error_of_the_network_is_seen_here(client):
    class Broken(Convolutional):
        def states(self, embedded, lengths=None):
            raise ArithmeticError(f"no states of {len(embedded)} sentences today")

    with pytest.raises(PathwayError, match="'convolutional': states.* ArithmeticError: no states of 32 sentences today"):
        passes.run(Means(), Broken(), CAPTIONS, client)
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        list(shards.each(lambda shared, part: 1 / part, None, [1, 0], client))


def test_a_network_that_cannot_be_sent_is_an_error(one_process):
    pathway = Convolutional()
    pathway.lock = threading.Lock()
    with pytest.raises(TypeError, match="cannot be sent to workers, as something in it cannot be pickled .*lock"):
        passes.run(Means(), pathway, CAPTIONS, one_process)


def test_a_part_that_cannot_be_sent_is_an_error(one_process):
    with pytest.raises(TypeError, match="the network or the summary cannot be sent to workers.*lock"):
        list(shards.each(lambda shared, part: part, None, [threading.Lock()], one_process))


def test_nothing_is_left_on_the_cluster(client):
    def failing(shared, part):
        if part == 3:
            raise ValueError("three")
        return part

    with pytest.raises(ValueError, match="three"):
        list(shards.each(failing, None, range(50), client))
    given_up = shards.each(failing, None, range(3), client)
    assert next(given_up) == 0
    given_up.close()
    for _ in range(300):
        left = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
        if not left:
            break
        time.sleep(0.02)
    assert left == 0


def test_a_bad_corpus_is_an_error_wherever_it_is_read(one_process):
    with pytest.raises(ValueError, match="at least one sentence, found none"):
        passes.run(Means(), PATHWAY, [], one_process)
    with pytest.raises(ValueError, match="sentence 65 has no word"):
        passes.run(Means(), PATHWAY, ["a dog"] * 65 + ["!"], one_process)


def test_workers_of_other_versions_are_refused(one_process, monkeypatch):
    right = shards.version
    monkeypatch.setattr(shards, "version", lambda name: "9.9" if name == "torch" else right(name))
    with pytest.raises(ValueError, match=r"would compute something else: torch .* \(here 9.9\); install the same set"):
        passes.run(Means(), PATHWAY, CAPTIONS, one_process)


def test_workers_without_the_library_are_refused(one_process, monkeypatch):
    right = shards.version
    monkeypatch.setattr(shards, "PACKAGES", (*shards.PACKAGES, "read-no-neurons"))
    monkeypatch.setattr(shards, "version", lambda name: "1.0" if name == "read-no-neurons" else right(name))
    with pytest.raises(ValueError, match=r"read-no-neurons is missing \(here 1.0\)"):
        passes.run(Means(), PATHWAY, CAPTIONS, one_process)


def test_what_is_no_client_is_refused(one_process):
    with pytest.raises(TypeError, match="expected a dask.distributed.Client .*, found LocalCluster: write"):
        passes.run(Means(), PATHWAY, CAPTIONS, one_process.cluster)
    closed = Client(one_process.cluster)
    closed.close()
    with pytest.raises(ValueError, match="the client is closed"):
        passes.run(Means(), PATHWAY, CAPTIONS, closed)


def test_a_cluster_without_workers_is_refused():
    with LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as cluster, Client(cluster) as client:
        with pytest.raises(ValueError, match="has no worker: start some, or wait"):
            passes.run(Means(), PATHWAY, CAPTIONS, client)


@pytest.mark.parametrize("way", ["a worker is closed", "the scheduler is gone"])
def test_losing_every_worker_is_an_error(way, monkeypatch):
    monkeypatch.setattr(shards, "PATIENCE", 0.2)
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0") as cluster:
        with Client(cluster) as client:

            def lost(shared, part):
                time.sleep(0.05)
                return part

            found = shards.each(lost, PATHWAY, range(500), client)
            assert next(found) == 0
            if way == "a worker is closed":
                cluster.scale(0)
            else:
                cluster.close()
            with pytest.raises(RuntimeError, match="all workers that held it are gone|has had no worker for 0.2 seconds"):
                list(found)


def test_a_part_that_kills_every_worker_is_an_error(monkeypatch):
    from distributed import KilledWorker

    class Future:
        def result(self):
            raise KilledWorker("shard", None, 3)

        def release(self):
            self.released = True

    monkeypatch.setattr(shards, "_wait", lambda client, future: None)
    with pytest.raises(RuntimeError, match="several workers were lost, one after the other: most often they run out of"):
        shards._result(None, future := Future())
    assert future.released


def test_states_come_in_parts_that_are_forgotten(one_process):
    words = sum(map(len, CAPTIONS.tokens))
    held = passes.run(States(words), PATHWAY, CAPTIONS, one_process)
    assert held.result().shape == (words, 24)

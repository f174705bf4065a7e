"""The command line: what it answers, where, and with which status."""

from dataclasses import replace
from pathlib import Path

import pytest

from reading_neurons import __main__
from reading_neurons.__main__ import main
from reading_neurons.corpora import scenes
from reading_neurons.experiments import contexts, omission, panel
from reading_neurons.experiments.record import Claim, Record, read


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Nothing is read from or written to where it usually is."""
    monkeypatch.setenv("READING_NEURONS_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def test_a_record_is_written_and_its_claims_are_shown(tmp_path, monkeypatch, capsys):
    asked = []

    def run(corpus="coco", *, quick, seed):
        asked.append((corpus, quick, seed))
        return Record("omission", corpus, claims=[Claim("nouns count", "above 0", 0.5, (0.25, 0.75), True)])

    monkeypatch.setattr(__main__, "EXPERIMENTS", {"omission": run})
    assert main(["reproduce", "omission"]) == 0
    assert main(["reproduce", "omission", "--corpus", "scenes", "--quick", "--seed", "3", "--folder", "new"]) == 0
    assert asked == [("coco", False, 0), ("scenes", True, 3)]
    printed = capsys.readouterr().out
    assert "nouns count" in printed and "(0.25, 0.75)" in printed
    assert "recorded in book/results/omission-coco.json" in printed
    assert read(tmp_path / "new" / "omission-scenes.json").claims[0].holds


def test_verdicts_are_brought_up_to_date_and_named(tmp_path, monkeypatch, capsys):
    claims = [Claim(text, "", 0.1, (-0.1, 0.3), False) for text in ("nouns count", "verbs do")]
    for corpus in ("coco", "flickr30k"):
        Record("omission", corpus, claims=claims).write(tmp_path / "records")
    monkeypatch.setattr(omission, "claims_of", lambda tables: [replace(claims[0], holds=None), claims[1]])
    assert main(["judge", "--folder", "records"]) == 0
    printed = capsys.readouterr().out
    assert "omission-coco: fails -> undecided: nouns count" in printed and "2 verdicts changed in 2 records" in printed
    assert [claim.holds for claim in read(tmp_path / "records" / "omission-coco.json").claims] == [None, False]
    before = {path: path.read_bytes() for path in (tmp_path / "records").iterdir()}
    assert main(["judge", "--folder", "records"]) == 0
    assert "0 verdicts changed in 2 records" in capsys.readouterr().out
    assert before == {path: path.read_bytes() for path in (tmp_path / "records").iterdir()}


def test_where_one_record_cannot_be_judged_none_is_written(tmp_path, monkeypatch, capsys):
    claim = Claim("nouns count", "", 0.1, (-0.1, 0.3), False)
    Record("contexts", "coco", claims=[claim]).write(tmp_path / "records")
    Record("omission", "coco", claims=[claim]).write(tmp_path / "records")
    before = {path: path.read_bytes() for path in (tmp_path / "records").iterdir()}
    monkeypatch.setattr(contexts, "claims_of", lambda tables: [replace(claim, holds=None)])
    monkeypatch.setattr(omission, "claims_of", lambda tables: [])
    assert main(["judge", "--folder", "records"]) == 1
    assert "the tables of omission-coco lead to other claims" in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in (tmp_path / "records").iterdir()}
    assert main(["judge", "--folder", "nowhere"]) == 1
    assert "no record in nowhere" in capsys.readouterr().err


def test_an_unknown_corpus_is_named_with_those_there_are(tmp_path, capsys):
    assert main(["reproduce", "omission", "--corpus", "cocoa"]) == 1
    captured = capsys.readouterr()
    assert "unknown corpus 'cocoa'; known are arithmetic, c_source, coco, " in captured.err
    assert "Traceback" not in captured.err and captured.out == ""
    assert not list(tmp_path.rglob("*.json"))


def test_a_corpus_without_scenes_is_said_to_have_none(tmp_path, monkeypatch, capsys):
    made = scenes.generate(scenes=20)
    bare = replace(
        made,
        name="flickr30k",
        **{
            part: replace(getattr(made, part), corpus="flickr30k", scenes=None, dimensions=())
            for part in ("train", "validation", "test")
        },
    )
    monkeypatch.setattr(panel, "load", lambda name: bare)
    assert main(["reproduce", "omission", "--corpus", "flickr30k", "--quick"]) == 1
    captured = capsys.readouterr()
    assert "the corpus 'flickr30k' has no scene vectors" in captured.err
    assert "use 'scenes' or 'coco'" in captured.err and "Traceback" not in captured.err
    assert not list(tmp_path.rglob("*.json"))


def test_data_that_is_not_there_is_a_message(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("READING_NEURONS_DATA", str(tmp_path / "nowhere"))
    assert main(["reproduce", "omission", "--corpus", "coco"]) == 1
    assert "must be an existing folder, found nothing there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["reproduce", "omision"], "invalid choice: 'omision' (choose from 'autoencoder', 'carrying-units'"),
        (["reproduce"], "the following arguments are required: experiment"),
        ([], "the following arguments are required: command"),
        (["reproduce", "omission", "--seed", "one"], "invalid int value: 'one'"),
    ],
)
def test_a_command_that_is_not_one_stops_with_status_2(arguments, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_a_mistake_in_the_library_is_not_hidden(monkeypatch):
    monkeypatch.setattr(__main__, "EXPERIMENTS", {"omission": lambda *_, **__: {}["missing"]})
    with pytest.raises(KeyError):
        main(["reproduce", "omission"])


def test_what_is_shipped_goes_where_one_says(tmp_path, monkeypatch, capsys):
    asked = []

    def ship(name, corpus, **options):
        asked.append((name, corpus, options))
        return tmp_path / "card.json", Record("real-network", corpus, claims=[Claim("light", "promised", 1.0, (1.0, 1.0), True)])

    monkeypatch.setattr(__main__.shipping, "ship", ship)
    assert main(["ship", "imaginet"]) == 0
    assert main(["ship", "imaginet", "--corpus", "scenes", "--quick", "--folder", "new", "--seed", "2"]) == 0
    usual = {"quick": False, "seed": 0, "folder": None, "results": Path("book/results")}
    given = {"quick": True, "seed": 2, "folder": Path("new"), "results": Path("book/results")}
    assert asked == [("imaginet", "coco", usual), ("imaginet", "scenes", given)]
    assert "recorded in " in capsys.readouterr().out


def test_a_network_that_cannot_be_shipped_stops_with_status_2(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["ship", "sum"])
    assert stopped.value.code == 2 and "invalid choice: 'sum' (choose from 'imaginet')" in capsys.readouterr().err

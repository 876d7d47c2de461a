"""Loading the starter as a door does: quietly, without TensorFlow, and ready to play."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fakes import FakeEngine

from typebeat.engines import HubUnreachableError, Stopped, Weights, WeightsError
from typebeat.engines.load import hub_entries, load_beat_engine

ROOT = Path(__file__).parents[2]


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)


def test_making_a_pack_on_the_starter_says_nothing_and_loads_no_tensorflow(tmp_path):
    ran = run(
        "import sys\n"
        "from pathlib import Path\n"
        "from typebeat import BeatRequest, Engines, load_beat_engine, make_pack\n"
        "engine = load_beat_engine('starter')\n"
        f"make_pack(BeatRequest(style='kid-cudi', bpm=100, bars=1, seed=1), Engines(engine), Path({str(tmp_path)!r}))\n"
        "import einops, torch\n"
        "einops.rearrange(torch.zeros(2, 3), 'a b -> b a')\n"  # which a lasting None for TensorFlow would break
        "print(engine.weights.name, engine.weights.licence, 'tensorflow' in sys.modules)"
    )
    assert ran.stderr == ""
    name, licence, has_tensorflow = ran.stdout.split()
    assert (name, has_tensorflow) == ("starter", "False")
    assert licence != "unknown"


def load_while_the_hub_is_away(monkeypatch, tmp_path, source: str):
    """Loads weights of which one part, such as the text encoder, would have to come from the Hub."""
    from typebeat.engines import locate
    from typebeat.engines.beat import musicgen

    found = Weights("me/beats", source, "v1", "mit", "cpu", "")

    def load_musicgen(folder, asked):
        if asked.source != "starter":
            raise HubUnreachableError("the text encoder is not here")
        return FakeEngine(asked)

    monkeypatch.setattr(locate, "locate", lambda choice, device, kind: locate.Located(tmp_path, found))
    monkeypatch.setitem(locate.STARTERS, "beat", tmp_path)
    monkeypatch.setattr(musicgen, "load_musicgen", load_musicgen)
    return load_beat_engine("me/beats@v1").weights


def test_the_starter_stands_in_too_when_the_hub_goes_away_halfway(monkeypatch, tmp_path):
    loaded = load_while_the_hub_is_away(monkeypatch, tmp_path, "hub")
    assert loaded.source == "starter"
    assert "starter stands in for me/beats@v1" in loaded.notice


def test_nothing_stands_in_for_a_folder_that_somebody_named(monkeypatch, tmp_path):
    with pytest.raises(WeightsError, match="text encoder"):
        load_while_the_hub_is_away(monkeypatch, tmp_path, "folder")


def test_a_missing_folder_is_a_weights_error():
    with pytest.raises(WeightsError, match="no weights folder"):
        load_beat_engine("./no-such-folder")


def test_what_the_hub_has_is_told_without_asking_it():
    assert hub_entries()


def test_stopping_is_not_an_error_of_weights():
    assert not issubclass(Stopped, WeightsError)

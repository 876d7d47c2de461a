"""The weights that ship: they load, play what is asked for, and fit on the Hub. How well is measured in benchmarks/."""

import json

import numpy as np
import pytest
import soundfile

from benchmarks.measures import is_tempo, measure_bpm, what_is_broken
from typebeat.engines import BeatConditions, Engines, Job, Stopped
from typebeat.engines.load import load_beat_engine
from typebeat.engines.locate import STARTER_FOLDER
from typebeat.pipeline import make_pack
from typebeat.request.requests import BeatRequest

MEGABYTE = 1_000_000
DARK_BELLS = BeatConditions("Travis Scott type beat, 150 bpm, F minor, dark bells over a slow 808", 150, "F minor")
BAR = 4 * 60 / 150  # seconds
FOUR_BARS = 4 * BAR


@pytest.fixture(scope="module")
def engine():
    return load_beat_engine("starter")


@pytest.fixture(scope="module")
def four_bars(engine):
    return engine.generate(DARK_BELLS, FOUR_BARS, [5])[0]


def test_no_file_is_too_large_for_the_hub_and_the_beat_part_stays_small():
    sizes = [file.stat().st_size for file in STARTER_FOLDER.iterdir()]
    assert max(sizes) < 10 * MEGABYTE
    assert sum(sizes) < 64 * MEGABYTE
    assert (STARTER_FOLDER / "README.md").read_text().startswith("---\nlicense:")
    assert json.loads((STARTER_FOLDER / "config.json").read_text())["format"] == "typebeat-starter-1"


def test_it_says_what_it_is(engine):
    weights = engine.weights
    assert (weights.name, weights.source, weights.licence, weights.notice) == ("starter", "starter", "mit", "")
    assert len(weights.revision) == 12


def test_it_plays_at_the_tempo_that_was_asked_for(four_bars):
    samples = four_bars.samples[0]
    assert len(samples) >= FOUR_BARS * four_bars.sample_rate
    assert what_is_broken(samples) == ""
    assert is_tempo(measure_bpm(samples, four_bars.sample_rate), 150)


def test_the_first_hit_is_at_the_first_sample(four_bars):
    samples, rate = four_bars.samples[0], four_bars.sample_rate
    first_beat = np.abs(samples[: int(0.4 * rate)])
    assert first_beat[: int(0.03 * rate)].max() > 0.3 * first_beat.max()


def test_the_same_seed_plays_the_same_also_after_a_stop_and_another_seed_another_beat(engine):
    first = engine.generate(DARK_BELLS, BAR, [5])[0].samples
    with pytest.raises(Stopped):
        engine.generate(DARK_BELLS, FOUR_BARS, [5], job=Job(should_stop=lambda: True))
    again = BeatConditions(DARK_BELLS.caption, 150, "F minor")
    assert np.array_equal(engine.generate(again, BAR, [5])[0].samples, first)
    assert not np.array_equal(engine.generate(again, BAR, [6])[0].samples, first)


def test_it_goes_on_beyond_its_window_and_counts_every_step(engine):
    seen = []
    hum = BeatConditions("humming", 75, "A minor")
    (long,) = engine.generate(hum, 18.0, [1], job=Job(lambda done, needed, _: seen.append((done, needed))))
    assert long.samples.shape[1] >= 18.0 * long.sample_rate
    assert seen[0][0] == 0
    assert seen[-1][0] == seen[-1][1]
    second_half = long.samples[0, 16 * long.sample_rate :]
    assert what_is_broken(second_half) == ""


def test_a_pack_from_the_starter_is_as_long_as_its_bars_to_the_sample(engine, tmp_path):
    request = BeatRequest(prompt="glossy plucks", style="don-toliver", bpm=113, key="E minor", bars=2, seed=3)
    pack = make_pack(request, Engines(engine), tmp_path)
    assert soundfile.info(pack.takes[0]).frames == round(2 * 4 * 60 / 113 * 44_100)
    assert pack.recipe["weights"]["beat"]["name"] == "starter"


def test_a_longer_beat_from_the_same_seed_begins_like_the_shorter_one(engine, four_bars):
    begins = slice(int(1.5 * BAR * engine.sample_rate))
    shorter = engine.generate(DARK_BELLS, 2 * BAR, [5])[0].samples[0, begins]
    assert np.corrcoef(shorter, four_bars.samples[0, begins])[0, 1] > 0.99


def test_the_row_that_is_told_nothing_still_knows_the_position_in_the_bar(engine):
    from typebeat.engines.beat.conditions import condition_tensors

    tensors = {name: value for name, (value, _) in condition_tensors(engine._lm, DARK_BELLS).items()}
    assert tensors["grid"][0].equal(tensors["grid"][1])
    assert tensors["grid"].any()
    assert not tensors["key"][0].equal(tensors["key"][1])
    assert not tensors["description"][1].any()
    assert tensors["description"][0].any()

"""The sounds of corpus 2: every instrument in tune, every drum audible, every part as the score says."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.starter.corpus import effects, one_shots, soundfonts
from training.starter.corpus.bass_sounds import choose_bass
from training.starter.corpus.instruments import choose_sound
from training.starter.corpus.kits import LAYERS, LEVELS, make_kit
from training.starter.corpus.patches import PATCHES
from training.starter.corpus.playing import PLAYING
from training.starter.corpus.render import recordings_available, render, truth
from training.starter.corpus.score import DRUMS, PARTS, Event, Hit, Plan, Score, Section
from training.starter.corpus.sources import SOURCES
from training.starter.corpus.tracks import play_bass, play_drums
from typebeat.request.concepts import EFFECTS, INSTRUMENTS, MOODS

RATE = 32_000
COPYRIGHT = Path("/usr/share/doc/sonic-pi-samples/copyright")
needs_soundfonts = pytest.mark.skipif(not recordings_available(), reason="the soundfonts are not installed")


def score(effects=(), moods=("dark",), lead="saw", chord_sound="pad", **parts) -> Score:
    """Two bars at 120 BPM: a simple beat, two chords, a line and a bass."""
    plan = Plan(
        **{"seed": 5, "style": "", "bpm": 120.0, "key": "C minor", "scale": "minor", "bars": 2, "swing": 0.5},
        **{"groove": "trap", "moods": moods, "lead": lead, "chord_sound": chord_sound, "counter": "", "left_out": ()},
        **{"bass_sound": "808", "drum_traits": (), "bass_traits": (), "melody_traits": (), "harmony_traits": ()},
        **{"effects": effects, "sections": (Section("loop", 0, 2),)},
    )
    kicks = [Hit(beat, "kick", 0.9) for beat in (0.0, 2.5, 4.0, 6.5)]
    hats = [Hit(k / 2, "closed_hat", 0.5) for k in range(16)]
    notes = {
        "hits": (*kicks, Hit(2.0, "snare", 0.8, 0.01), Hit(6.0, "clap", 0.8), *hats),
        "bass": (Event(0, 2.5, 36, 0.9), Event(2.5, 1.5, 36, 0.9, glide_to=43), Event(4, 4, 32, 0.9)),
        "chords": tuple(
            Event(beat, 4, pitch, 0.7) for beat, root in ((0, 60), (4, 56)) for pitch in (root, root + 3, root + 7)
        ),
        "melody": tuple(Event(k, 0.9, pitch, 0.8) for k, pitch in enumerate((72, 75, 79, 80, 79, 75, 74, 72))),
    }
    return Score(plan, (), **{**notes, **parts})


def semitones_off(sound: np.ndarray, pitch: int) -> float:
    """How far the strongest period is from a pitch, by autocorrelation."""
    sound = sound[RATE // 20 : RATE // 20 + 8192].astype(np.float64)
    spectrum = np.fft.rfft(sound, 4 * len(sound))
    similar = np.fft.irfft(np.abs(spectrum) ** 2)[: len(sound)]
    wanted = RATE / (440 * 2 ** ((pitch - 69) / 12))
    lags = np.arange(max(4, int(wanted * 0.7)), int(wanted * 1.45))
    best = lags[np.argmax(similar[lags])]
    before, at, after = similar[best - 1 : best + 2]
    best += 0.5 * (before - after) / (before - 2 * at + after)
    return 12 * np.log2(wanted / best)


def test_every_instrument_has_two_sources_and_one_that_needs_no_soundfont():
    assert set(SOURCES) == set(INSTRUMENTS)
    for sources in SOURCES.values():
        assert len(sources) >= 2
        assert any(source.patch in PATCHES for source in sources)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_synthesised_instrument_sounds_in_tune_in_both_registers(name):
    playing = PLAYING[name]
    for seed, pitch in enumerate((playing.chord_low + 5, (playing.low + playing.high) // 2)):
        sound = choose_sound(name, np.random.default_rng(seed), synthetic=True)
        heard = sound.note(pitch, 0.5, 0.75, None, None)
        assert np.isfinite(heard).all()
        assert np.abs(heard).max() > 0.02
        assert abs(semitones_off(heard, pitch)) < 0.4


@needs_soundfonts
@pytest.mark.parametrize("name", ["piano", "organ", "violin", "whistle", "saxophone", "music-box"])
def test_recorded_instruments_sound_in_the_written_octave(name):
    pitch = (PLAYING[name].low + PLAYING[name].high) // 2
    for seed in range(6):
        sound = choose_sound(name, np.random.default_rng(seed))
        heard = sound.note(pitch, 0.5, 0.75, None, None)
        spectrum = np.abs(np.fft.rfft(heard[2000:14_000] * np.hanning(12_000)))
        at = 440 * 2 ** ((pitch - 69) / 12) * 12_000 / RATE
        below, here = (spectrum[int(place * 0.97) - 1 : int(place * 1.03) + 2].max() for place in (at / 2, at))
        assert here > 4 * below


def test_a_portamento_lead_slides_from_the_note_before_and_an_808_to_the_note_it_glides_to():
    lead = choose_sound("glide-lead", np.random.default_rng(0), synthetic=True)
    slid = lead.note(72, 0.6, 0.8, 60, None)
    assert abs(semitones_off(slid[int(0.2 * RATE) :], 72)) < 0.3
    assert not np.allclose(slid, lead.note(72, 0.6, 0.8, None, None))
    bass = choose_bass(np.random.default_rng(0), "808", ("distorted",))
    note = bass.note(36, 1.2, 0.9, None, 43)
    assert abs(semitones_off(note, 36)) < 0.4
    assert abs(semitones_off(note[int(0.9 * RATE) :], 43)) < 0.4


@pytest.mark.parametrize("traits", [(), ("kit-808",), ("kit-909",), ("kit-acoustic",)])
def test_a_kit_has_every_drum_at_its_level_in_three_layers(traits):
    kit = make_kit(np.random.default_rng(3), traits, "", synthetic=True)
    assert tuple(kit) == DRUMS
    for name, layers in kit.items():
        assert len(layers) == len(LAYERS)
        peaks = [float(np.abs(layer).max()) for layer in layers]
        assert peaks == pytest.approx([LEVELS[name] * gain for gain in LAYERS], rel=1e-3)
        assert np.abs(layers[-1][: RATE // 25]).max() > 0.25 * peaks[-1] or name == "riser"


def test_drums_that_are_not_asked_for_change_nothing_of_the_others():
    whole = make_kit(np.random.default_rng(9), (), "travis-scott", synthetic=True)
    few = make_kit(np.random.default_rng(9), (), "travis-scott", only={"snare", "kick"}, synthetic=True)
    assert list(few) == ["kick", "snare"]
    assert np.array_equal(few["snare"][0], whole["snare"][0])


def test_the_808_kick_is_longer_and_the_909_kick_clicks_harder():
    def kick(trait):
        return make_kit(np.random.default_rng(1), (trait,), "", only={"kick"}, synthetic=True)["kick"][-1]

    def lasting(sound):
        return np.flatnonzero(np.abs(sound) > 0.1 * np.abs(sound).max())[-1]

    eight, nine = kick("kit-808"), kick("kit-909")
    assert lasting(eight) > lasting(nine)
    clicks = [np.abs(effects.high_pass(sound, 2000)[: RATE // 50]).max() for sound in (eight, nine)]
    assert clicks[1] > clicks[0]


@pytest.mark.skipif(not COPYRIGHT.exists(), reason="sonic-pi-samples is not installed")
def test_every_recorded_drum_is_named_as_cc0_by_its_package():
    paragraphs = COPYRIGHT.read_text().split("\n\n")
    free = {Path(lines[0].split()[-1]).stem for lines in map(str.splitlines, paragraphs) if lines[-1] == "License: CC0"}
    assert {name for names in one_shots.CC0.values() for name in names} <= free


def test_a_closed_hat_ends_an_open_one():
    kit = {"open_hat": (np.ones(RATE, np.float32),) * 3, "closed_hat": (np.zeros(10, np.float32),) * 3}
    hits = (Hit(0, "open_hat", 1.0), Hit(0.5, "closed_hat", 1.0))
    track = play_drums(hits, kit, 120, RATE, np.random.default_rng(0))
    assert np.abs(track[: RATE // 4]).min() > 0.5
    assert np.abs(track[RATE // 4 + RATE // 50 :]).max() == 0


def test_a_bass_note_ends_where_the_next_one_begins():
    bass = choose_bass(np.random.default_rng(0), "808", ("long",))
    alone = play_bass((Event(0, 4, 36, 0.9),), bass, 120, 2 * RATE)
    followed = play_bass((Event(0, 4, 36, 0.9), Event(2, 0.1, 36, 0.001)), bass, 120, 2 * RATE)
    after = slice(int(1.2 * RATE), int(1.6 * RATE))
    assert np.abs(alone[after]).max() > 0.1
    assert np.abs(followed[after]).max() < 0.01


def test_a_beat_has_all_its_parts_at_a_sensible_level_and_the_same_every_time():
    stems, again = render(score(), synthetic=True), render(score(), synthetic=True)
    assert tuple(stems) == PARTS
    mix = np.sum(list(stems.values()), axis=0)
    assert 0.5 < np.abs(mix).max() <= 0.8901
    for name, stem in stems.items():
        assert stem.dtype == np.float32
        assert len(stem) == 4 * RATE
        assert np.sqrt(np.mean(stem**2)) > 0.01
        assert np.array_equal(stem, again[name])
    loudness = {name: float(np.sqrt(np.mean(stem**2))) for name, stem in stems.items()}
    assert max(loudness["chords"], loudness["melody"]) < max(loudness["drums"], loudness["808"])


def test_a_part_without_notes_is_silent():
    stems = render(score(melody=(), hits=()), synthetic=True)
    assert not np.any(stems["melody"])
    assert not np.any(stems["drums"])
    assert np.any(stems["chords"])
    empty = score(melody=(), hits=(), bass=(), chords=())
    assert not np.any(render(empty, synthetic=True)["chords"])
    assert truth(empty) == dict.fromkeys(PARTS, ())


@pytest.fixture(scope="module")
def dry():
    return render(score(), synthetic=True)


@pytest.mark.parametrize("effect", EFFECTS)
def test_every_effect_changes_the_sound_and_keeps_it_sound(dry, effect):
    wet = render(score(effects=(effect,)), synthetic=True)
    assert any(not np.allclose(dry[name], wet[name], atol=1e-3) for name in ("chords", "melody"))
    for stem in wet.values():
        assert np.isfinite(stem).all()


def test_moods_shape_the_highs():
    def highs(mood):
        beat = render(score(moods=(mood,)), synthetic=True)["chords"]
        return np.sum(effects.high_pass(beat, 2000) ** 2) / np.sum(beat**2)

    assert highs("bright") > 1.5 * highs("dark")
    for mood in MOODS:
        assert np.isfinite(render(score(moods=(mood,), hits=(), bass=(), chords=()), synthetic=True)["melody"]).all()


def test_a_sidechained_chord_ducks_at_the_kick():
    stem = render(score(effects=("sidechain",)), synthetic=True)["chords"]
    ducked, risen = (np.sqrt(np.mean(stem[int(at * RATE) :][: RATE // 20] ** 2)) for at in (1.28, 1.75))
    assert ducked < 0.7 * risen


def test_a_counter_melody_is_played_by_its_own_instrument():
    beat = score()
    second = tuple(replace(event, voice=1) for event in beat.melody)
    plan = replace(beat.plan, counter="marimba")
    alone = render(replace(beat, plan=plan, melody=second), synthetic=True)["melody"]
    assert not np.allclose(alone, render(replace(beat, plan=plan), synthetic=True)["melody"])


def test_the_truth_has_every_note_where_it_sounds():
    beat = score()
    known = truth(beat)
    assert [note.drum for note in known["drums"]].count("kick") == 4
    assert next(note.onset for note in known["drums"] if note.drum == "snare") == pytest.approx(1.01)
    assert [(note.onset, note.offset, note.pitch) for note in known["808"]][1] == (1.25, 2.0, 36)
    assert len(known["chords"]) == 6
    assert known["melody"][2].pitch == 79


def test_without_soundfonts_one_clear_line_names_the_packages(monkeypatch):
    monkeypatch.setattr(soundfonts, "available", lambda: False)
    with pytest.raises(FileNotFoundError, match="fluid-soundfont-gm"):
        render(score())


@needs_soundfonts
def test_recorded_beats_are_the_same_in_another_process_and_after_other_sounds():
    beat = score(lead="violin", chord_sound="piano")
    render(score(lead="trumpet", chord_sound="strings"))
    here = hashlib.sha256(b"".join(stem.tobytes() for stem in render(beat).values())).hexdigest()
    code = (
        "import hashlib; from test_corpus_sounds import render, score; "
        "stems = render(score(lead='violin', chord_sound='piano')); "
        "print(hashlib.sha256(b''.join(stem.tobytes() for stem in stems.values())).hexdigest())"
    )
    tests = Path(__file__).parent
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tests), *sys.path))}
    there = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120, env=paths
    )
    assert there.stdout.strip() == here

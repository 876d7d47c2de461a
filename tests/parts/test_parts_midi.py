"""MIDI of packs and of anybody's file: right files with right names, empty parts with reasons, nothing half done."""

from __future__ import annotations

import io
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from training.starter.simple_corpus.beats import TrueNote, make_beat
from typebeat.engines import Job, Listeners, Stopped
from typebeat.engines.basic_pitch import BasicPitch
from typebeat.engines.soft_masks import SoftMaskSplitter
from typebeat.hearing.grid import Grid
from typebeat.hearing.measuring import measure
from typebeat.hearing.passport import Passport
from typebeat.midi.notes import Note
from typebeat.midi.transcript import write_down
from typebeat.parts import PartMissing
from typebeat.parts import midi as parts_midi
from typebeat.parts.midi import TimeLimitError, hear_parts, make_midi, midi_of_file, write_again
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.sound.audio import Audio

RATE = 44_100
ENGINES = Listeners(stems=SoftMaskSplitter(), pitches=BasicPitch())
SEED = 200_009
ALL = {"drums", "808", "melody", "chords", "all"}


@pytest.fixture(scope="module")
def beat():
    return make_beat(SEED, bars=4)


@pytest.fixture(scope="module")
def loop(beat, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("loops") / "my loop.wav"
    soundfile.write(path, beat.mix, beat.sample_rate)
    return path


@pytest.fixture(scope="module")
def made(beat, loop, tmp_path_factory):
    options = MidiOptions(bpm=beat.score.bpm, key=beat.score.key)
    return midi_of_file(loop, options, ENGINES, tmp_path_factory.mktemp("out"))


def written(tmp_path: Path, samples: np.ndarray, rate: int = RATE, subtype: str = "PCM_16") -> Path:
    soundfile.write(tmp_path / "sound.wav", samples, rate, subtype=subtype)
    return tmp_path / "sound.wav"


def test_a_file_becomes_a_midi_file_a_part_with_tempo_and_key_in_its_name(made, beat):
    note, mode = beat.score.key.split()
    assert set(made.files) == ALL
    assert not made.missing
    for name, file in made.files.items():
        assert file.name == f"{name}_{beat.score.bpm:g}bpm_{note}{mode[:3]}.mid"
        song = mido.MidiFile(file)
        assert song.type == 1
        assert len(song.tracks) == (5 if name == "all" else 2)
    assert sorted(file.name for file in made.files["all"].parent.iterdir()) == sorted(
        file.name for file in made.files.values()
    )


def test_the_notes_are_mostly_those_of_the_beat(made, beat):
    parts = {part.name: part.notes for part in made.transcript.parts}
    truth = [note for name in ("melody", "chords") for note in beat.truth[name]]
    notes = [*parts["melody"], *parts["chords"]]
    hits = sum(any(n.pitch == t.pitch and abs(n.onset - t.onset) < 0.05 for n in notes) for t in truth)
    assert 2 * hits / (len(notes) + len(truth)) > 0.6
    assert made.transcript.markers


def test_other_options_are_written_from_what_was_heard(made, tmp_path):
    asked = MidiOptions(made.passport.asked_bpm, made.passport.asked_key, feel="raw", snap=False, sensitivity=0.9)
    again = write_again(made, asked, tmp_path / "new folder")
    assert again.heard is made.heard
    counts = [
        sum(len(p.notes) for p in each.transcript.parts if p.name in ("melody", "chords")) for each in (made, again)
    ]
    assert counts[1] > counts[0]
    assert {file.parent for file in again.files.values()} == {tmp_path / "new folder"}


def test_another_tempo_is_measured_again(made, tmp_path):
    again = write_again(made, MidiOptions(bpm=made.passport.grid.bpm / 2), tmp_path)
    assert again.passport.grid.bpm == pytest.approx(made.passport.grid.bpm / 2, rel=0.01)
    assert again.passport.asked_key is None


def test_the_same_file_gives_the_same_bytes(made, loop, tmp_path):
    again = midi_of_file(loop, MidiOptions(made.passport.asked_bpm, made.passport.asked_key), ENGINES, tmp_path)
    for name, file in again.files.items():
        assert file.read_bytes() == made.files[name].read_bytes()


def test_a_pack_gets_its_parts_under_midi(beat):
    audio = Audio(beat.mix, beat.sample_rate)
    passport = measure(audio, bpm=float(beat.score.bpm), key=beat.score.key)
    part = make_midi(audio, SoftMaskSplitter().split(audio), ENGINES, passport=passport)
    assert {name.split("_")[0] for name in part.files} == {f"midi/{name}" for name in ALL}
    assert not part.missing
    assert part.facts["chords"]
    song = mido.MidiFile(file=io.BytesIO(next(content for name, content in part.files.items() if "all_" in name)))
    ticks = max(sum(message.time for message in track) for track in song.tracks)
    assert ticks == 4 * 4 * song.ticks_per_beat


@pytest.mark.parametrize(("upper", "lower"), [("melody", "chords"), ("chords", "melody")])
def test_parts_that_were_played_apart_keep_their_own_notes(beat, upper, lower):
    sounds = {name: Audio(sound[None], beat.sample_rate) for name, sound in beat.stems.items()}
    sounds |= {"melody": sounds[upper], "chords": sounds[lower]}  # also where the chords lie above the melody
    passport = measure(Audio(beat.mix, beat.sample_rate), bpm=float(beat.score.bpm), key=beat.score.key)
    heard = hear_parts(sounds, ENGINES)
    transcript = write_down(heard, passport.grid, passport.key, MidiOptions(), has_beat=True)
    notes = {part.name: part.notes for part in transcript.parts}
    for part, played in (("melody", upper), ("chords", lower)):
        own = sum(_sounds(note, beat.truth[played]) for note in notes[part])
        assert own > 0.9 * len(notes[part]) > 0, part


def _sounds(note: Note, truth: tuple[TrueNote, ...]) -> bool:
    return any(t.pitch == note.pitch and t.onset - 0.1 < note.onset < t.offset + 0.1 for t in truth)


def test_a_loop_at_its_tempo_is_written_from_its_start_and_one_that_missed_it_as_it_was_measured():
    def grid_of(measured_bpm: float, confidence: float) -> Grid:
        measured = Grid(measured_bpm, 0.43, 7, 0.58)
        passport = Passport(measured, confidence, "A minor", 0.9, (), -14.0, -1.0, asked_bpm=140.0)
        return parts_midi._grid_of_loop(passport, 8 * 240 / 140)

    assert grid_of(140.04, 0.9) == Grid(140.0, 0.0, 8, 0.58)
    assert grid_of(120.0, 0.0) == Grid(140.0, 0.0, 8, 0.58)  # no beat was heard: the tempo asked for is as good as any
    assert grid_of(131.0, 0.9) == Grid(131.0, 0.43, 7, 0.58)


def test_a_pack_of_silence_says_what_is_missing():
    silence = Audio(np.zeros(4 * RATE), RATE)
    with pytest.raises(PartMissing, match="silent"):
        make_midi(silence, SoftMaskSplitter().split(silence), ENGINES, passport=measure(silence, bpm=120.0))


@pytest.mark.parametrize(
    ("name", "samples", "rate", "subtype"),
    [
        ("noise", 0.3 * np.random.default_rng(0).standard_normal(3 * RATE), RATE, "PCM_16"),
        ("a click", np.eye(1, 3 * RATE, 1000)[0], RATE, "PCM_16"),
        ("a sine", 0.5 * np.sin(np.arange(3 * RATE) * 0.05), RATE, "PCM_16"),
        ("8 bit", 0.3 * np.sin(np.arange(3 * RATE) * 0.05), RATE, "PCM_U8"),
        ("192 kHz", 0.3 * np.sin(np.arange(2 * 192_000) * 0.01), 192_000, "PCM_24"),
        ("six channels", 0.1 * np.random.default_rng(0).standard_normal((2 * RATE, 6)), RATE, "FLOAT"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_odd_sounds_give_honest_parts(name, samples, rate, subtype, tmp_path):
    out = tmp_path / "out"
    made = midi_of_file(written(tmp_path, samples, rate, subtype), MidiOptions(bpm=170), ENGINES, out)
    empty = {part.name: part.why_empty for part in made.transcript.parts if not part.notes}
    assert made.missing == empty
    assert all(empty.values())
    assert set(made.files) == ({part.name for part in made.transcript.parts} - set(empty)) | (
        {"all"} if len(empty) < 4 else set()
    )
    for file in made.files.values():
        assert file.parent == out
        mido.MidiFile(file)


def test_somebody_who_talks_plays_no_drums_and_no_808(tmp_path):
    rng, samples, at = np.random.default_rng(5), np.zeros(12 * RATE), 0.2
    while at < 11.5:  # syllables: a hiss or a burst, then a buzz that falls; no two as long
        hiss = rng.standard_normal(round(rng.uniform(0.02, 0.12) * RATE))
        time = np.arange(round(rng.uniform(0.08, 0.3) * RATE)) / RATE
        buzz = 0.4 * np.sin(np.cumsum(2 * np.pi * rng.uniform(90, 140) * (1 - 0.3 * time) / RATE)) ** 5
        syllable = np.concatenate([0.15 * hiss * np.hanning(len(hiss)), buzz * np.hanning(len(buzz))])
        start = round(at * RATE)
        samples[start : start + len(syllable)] += syllable[: len(samples) - start]
        at += len(syllable) / RATE + rng.exponential(0.12)
    made = midi_of_file(written(tmp_path, samples), MidiOptions(), ENGINES, tmp_path / "out")
    assert not made.passport.has_beat
    for name in ("drums", "808"):
        assert "no steady beat" in made.missing[name]
        assert name not in made.files


def test_files_that_hold_no_sound_are_refused_in_one_line(tmp_path):
    (tmp_path / "text.wav").write_text("this is no sound")
    written(tmp_path, np.zeros(3 * RATE)).rename(tmp_path / "silence.wav")
    for path in (tmp_path / "text.wav", tmp_path / "silence.wav", written(tmp_path, np.ones(RATE // 10) * 0.1)):
        with pytest.raises(RequestError) as refused:
            midi_of_file(path, MidiOptions(), ENGINES, tmp_path / "out")
        assert "\n" not in str(refused.value)
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_a_limit_of_time_holds_and_leaves_nothing(loop, tmp_path, monkeypatch):
    monkeypatch.setattr(parts_midi, "TIME_LIMIT_SECONDS", 0.3)
    with pytest.raises(TimeLimitError, match="my loop"):
        midi_of_file(loop, MidiOptions(), ENGINES, tmp_path)
    assert not list(tmp_path.iterdir())


def test_it_stops_when_told_to_and_leaves_nothing(loop, tmp_path):
    asked = []

    def stop_after_a_while() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(Stopped):
        midi_of_file(loop, MidiOptions(), ENGINES, tmp_path, Job(should_stop=stop_after_a_while))
    assert not list(tmp_path.iterdir())


def test_without_a_network_or_a_splitter_it_says_so(loop, tmp_path):
    with pytest.raises(PartMissing, match="pitches"):
        midi_of_file(loop, MidiOptions(), Listeners(stems=SoftMaskSplitter()), tmp_path)
    with pytest.raises(PartMissing, match="splitter"):
        midi_of_file(loop, MidiOptions(), Listeners(pitches=BasicPitch()), tmp_path)


def test_a_full_disk_leaves_no_half_file(made, tmp_path, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write_again(made, MidiOptions(made.passport.asked_bpm, made.passport.asked_key), tmp_path)
    assert not list(tmp_path.iterdir())

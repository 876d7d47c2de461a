"""The record, the cut to the sample, and the WAV that other programs read."""

from __future__ import annotations

import struct
import wave

import numpy as np
import pytest
import soundfile
from wavinfo import WavInfoReader

from typebeat.sound.audio import SAMPLE_RATE, Audio, WavTags, loop_length, resample, wav_bytes

TAGS = WavTags(
    "Dark 🎹 beat, 140 BPM, F# minor",
    140,
    "F# minor",
    32,
    "Travis Scott type",
    "Typebeat 1",
    "mit",
    "140 BPM, F# minor",
)


def noise(seconds: float = 0.5, channels: int = 1, sample_rate: int = SAMPLE_RATE) -> Audio:
    samples = np.random.default_rng(0).uniform(-0.9, 0.9, (channels, round(seconds * sample_rate)))
    return Audio(samples, sample_rate)


def chunks_of(content: bytes) -> dict[bytes, bytes]:
    chunks, at = {}, 12
    while at < len(content):
        name, size = content[at : at + 4], struct.unpack("<I", content[at + 4 : at + 8])[0]
        chunks[name] = content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    assert at == len(content) == struct.unpack("<I", content[4:8])[0] + 8
    return chunks


def test_audio_is_float32_in_channels_and_samples():
    audio = Audio(np.zeros(100), 32_000)
    assert audio.samples.dtype == np.float32
    assert audio.samples.shape == (1, 100)
    assert (audio.length, audio.seconds) == (100, 100 / 32_000)


@pytest.mark.parametrize(("shape", "rate"), [((1, 0), 44_100), ((1, 2, 3), 44_100), ((1, 9), 0)])
def test_what_is_no_sound_is_refused(shape, rate):
    with pytest.raises(ValueError, match="sample"):
        Audio(np.zeros(shape), rate)


@pytest.mark.parametrize(
    ("bars", "bpm", "length"), [(8, 140, 604_800), (1, 70, 151_200), (64, 170, 3_984_565), (3, 92.5, 343_265)]
)
def test_a_loop_is_its_bars_long_to_the_nearest_sample(bars, bpm, length):
    assert loop_length(bars, 4, bpm) == length
    assert abs(length - bars * 4 * 60 / bpm * SAMPLE_RATE) <= 0.5


def test_resampling_moves_nothing_in_time():
    click = np.zeros(32_000, np.float32)
    click[16_000] = 1
    assert np.argmax(np.abs(resample(Audio(click, 32_000), SAMPLE_RATE).samples)) == 22_050


def test_what_is_made_exactly_long_enough_stays_long_enough_after_resampling():
    for bpm in range(70, 171):
        length = loop_length(1, 4, bpm)
        made = Audio(np.zeros(int(np.ceil((4 * 60 / bpm + 0.01) * 32_000))), 32_000)
        assert resample(made, SAMPLE_RATE).length >= length


@pytest.mark.parametrize("channels", [1, 2])
def test_soundfile_and_pythons_wave_read_what_is_written(tmp_path, channels):
    audio, path = noise(channels=channels), tmp_path / "beat.wav"
    path.write_bytes(wav_bytes(audio, TAGS))
    samples, rate = soundfile.read(path, always_2d=True)
    assert rate == SAMPLE_RATE
    assert soundfile.info(path).subtype == "PCM_24"
    np.testing.assert_allclose(samples.T, audio.samples, atol=2**-22)
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getnframes()) == (channels, 3, audio.length)


def test_samples_beyond_full_scale_are_clipped_and_do_not_wrap(tmp_path):
    (tmp_path / "loud.wav").write_bytes(wav_bytes(Audio(np.array([2.0, -2.0, 1.0, -1.0]), SAMPLE_RATE), TAGS))
    samples, _ = soundfile.read(tmp_path / "loud.wav")
    assert samples == pytest.approx([1, -1, 1, -1], abs=1e-6)


def test_title_tempo_key_and_licence_stand_in_the_tags(tmp_path):
    (tmp_path / "beat.wav").write_bytes(wav_bytes(noise(), TAGS))
    with soundfile.SoundFile(tmp_path / "beat.wav") as file:
        tags = file.copy_metadata()
    assert tags["title"] == TAGS.title
    assert (tags["genre"], tags["software"], tags["copyright"]) == (TAGS.genre, TAGS.software, TAGS.licence)
    assert tags["comment"] == TAGS.comment


def test_id3_frames_hold_tempo_and_key_as_dj_software_writes_them():
    id3 = chunks_of(wav_bytes(noise(), TAGS))[b"id3 "]
    assert id3[:3] == b"ID3"
    assert b"TBPM" in id3
    assert "140".encode("utf-16") in id3
    assert "F#m".encode("utf-16") in id3


def test_an_acid_chunk_tells_daws_tempo_beats_and_root():
    flags, root, _, _, beats, lower, upper, bpm = struct.unpack(
        "<IHHfIHHf", chunks_of(wav_bytes(noise(), TAGS))[b"acid"]
    )
    assert (flags & 1, beats, lower, upper, bpm) == (0, 32, 4, 4, 140)
    assert root % 12 == 6


def test_a_sampler_chunk_loops_the_whole_file():
    audio = noise()
    sampler = struct.unpack("<15I", chunks_of(wav_bytes(audio, TAGS))[b"smpl"])
    assert sampler[7] == 1
    assert sampler[11:13] == (0, audio.length - 1)


def test_another_makers_reader_finds_the_same_tags_and_loop(tmp_path):
    audio = noise(channels=2)
    (tmp_path / "beat.wav").write_bytes(wav_bytes(audio, TAGS))
    read = WavInfoReader(str(tmp_path / "beat.wav"), info_encoding="utf-8")
    info, sampler = read.info.to_dict(), read.smpl.to_dict()
    assert (info["title"], info["genre"], info["comment"]) == (TAGS.title, TAGS.genre, TAGS.comment)
    assert (info["software"], info["copyright"], info["keywords"]) == (TAGS.software, TAGS.licence, "140 BPM; F# minor")
    assert sampler["midi_note"] % 12 == 6
    (loop,) = sampler["loops"]
    assert (loop["start_samples"], loop["end_samples"], loop["repetition_count"]) == (0, audio.length - 1, 0)
    assert (read.fmt.channel_count, read.fmt.bits_per_sample, read.fmt.sample_rate) == (2, 24, SAMPLE_RATE)


def test_the_same_sound_gives_the_same_bytes():
    assert wav_bytes(noise(), TAGS) == wav_bytes(noise(), TAGS)

"""Files that people bring: what is read, and the one line that refuses the rest."""

from __future__ import annotations

import os

import numpy as np
import pytest
import soundfile
from limits import in_megabytes

from typebeat.hearing.measuring import measure
from typebeat.request.options import RequestError
from typebeat.sound.audio import Audio, resample
from typebeat.sound.files import read_audio

RATE = 44_100
NOISE = np.random.default_rng(0).normal(0, 0.1, (2 * RATE, 2)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.wav", {}),
        ("8bit.wav", {"subtype": "PCM_U8"}),
        ("24bit.wav", {"subtype": "PCM_24"}),
        ("float.wav", {"subtype": "FLOAT"}),
        ("a.flac", {}),
        ("a.ogg", {}),
        ("a.mp3", {}),
        ("wrong name.txt", {"format": "WAV"}),
    ],
)
def test_every_kind_of_file_is_read(tmp_path, name, options):
    soundfile.write(tmp_path / name, NOISE, RATE, **options)
    audio = read_audio(tmp_path / name)
    assert audio.samples.shape[0] == 2
    assert (audio.sample_rate, audio.seconds) == (RATE, pytest.approx(2, abs=0.1))
    assert audio.samples.std() == pytest.approx(0.1, rel=0.15)


def test_six_channels_become_their_mean(tmp_path):
    soundfile.write(tmp_path / "six.wav", np.tile(NOISE[:, :1], (1, 6)), RATE, subtype="FLOAT")
    np.testing.assert_allclose(read_audio(tmp_path / "six.wav").samples[0], NOISE[:, 0], atol=1e-6)


@pytest.mark.parametrize(("rate", "read_rate"), [(8_000, 8_000), (48_000, 48_000), (96_000, 44_100), (192_000, 44_100)])
def test_a_fine_rate_is_brought_down_and_lasts_as_long(tmp_path, rate, read_rate):
    soundfile.write(tmp_path / "a.wav", NOISE[: 2 * RATE], rate)
    if 2 * RATE / rate < 1:
        soundfile.write(tmp_path / "a.wav", np.tile(NOISE, (4, 1)), rate)
    audio = read_audio(tmp_path / "a.wav")
    assert audio.sample_rate == read_rate
    assert audio.seconds == pytest.approx(soundfile.info(tmp_path / "a.wav").duration, abs=0.001)


@pytest.mark.parametrize(("rate", "channels"), [(96_000, 1), (192_000, 2)])
def test_a_file_that_is_brought_down_in_blocks_is_the_same_to_the_bit_as_in_one_piece(tmp_path, rate, channels):
    sound = np.tile(NOISE[:, :channels], (8, 1))  # longer than two blocks
    soundfile.write(tmp_path / "a.wav", sound, rate, subtype="FLOAT")
    np.testing.assert_array_equal(read_audio(tmp_path / "a.wav").samples, resample(Audio(sound.T, rate), RATE).samples)


@pytest.mark.parametrize(("rate", "seconds"), [(44_100, 30), (192_000, 5)])
def test_reading_holds_the_sound_at_the_rate_that_is_kept_once_and_some_blocks(tmp_path, rate, seconds):
    soundfile.write(tmp_path / "a.wav", np.resize(NOISE, (seconds * rate, 2)), rate)
    with in_megabytes(seconds * RATE * 2 * 4 / 1e6 + 8):
        read_audio(tmp_path / "a.wav")


def refused(path) -> str:
    with pytest.raises(RequestError) as error:
        read_audio(path)
    assert error.value.field == "file"
    assert "\n" not in str(error.value)
    assert path.name[:20] in str(error.value)
    return str(error.value)


def test_text_named_wav_nothing_and_folders_are_refused(tmp_path):
    (tmp_path / "text.wav").write_text("not a sound\n" * 100)
    (tmp_path / "text.mp3").write_text("not a sound\n" * 100)
    (tmp_path / "empty.wav").touch()
    for name in ("text.wav", "text.mp3", "empty.wav"):
        assert "no sound that can be read; allowed: WAV, FLAC, MP3, OGG, AIFF or CAF" in refused(tmp_path / name)
    assert "there is no file" in refused(tmp_path / "nowhere.wav")
    (tmp_path / "folder.wav").mkdir()
    assert "there is no file" in refused(tmp_path / "folder.wav")


@pytest.mark.parametrize("name", ["a.mp3", "a.flac"])
def test_a_file_that_is_cut_off_is_refused_and_its_decoder_keeps_quiet(tmp_path, name, capfd):
    soundfile.write(tmp_path / name, np.tile(NOISE, (4, 1)), RATE)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    assert "cut off" in refused(tmp_path / name)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg"])
def test_stderr_is_left_alone_where_no_decoder_writes_to_it(tmp_path, monkeypatch, ending):
    soundfile.write(tmp_path / f"a.{ending}", NOISE, RATE)
    with monkeypatch.context() as watched:
        watched.setattr(os, "dup2", lambda *_: pytest.fail("it took stderr away"))
        assert read_audio(tmp_path / f"a.{ending}").seconds == pytest.approx(2, abs=0.1)


def test_a_wav_that_was_cut_off_is_what_is_left_of_it(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.tile(NOISE, (2, 1)), RATE)
    whole = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(whole[: len(whole) // 2])
    assert read_audio(tmp_path / "a.wav").seconds == pytest.approx(2, abs=0.01)


def test_too_short_too_long_and_silent_files_are_refused(tmp_path):
    soundfile.write(tmp_path / "short.wav", NOISE[:4_410], RATE)
    assert "0.1 s long; at least 1 s" in refused(tmp_path / "short.wav")
    soundfile.write(tmp_path / "long.flac", np.zeros(8_000 * 660), 8_000)
    assert "11.0 minutes long; up to 10 are allowed" in refused(tmp_path / "long.flac")
    soundfile.write(tmp_path / "silent.wav", 0 * NOISE, RATE)
    assert "silent" in refused(tmp_path / "silent.wav")


def test_samples_that_are_no_numbers_are_refused(tmp_path):
    broken = NOISE.copy()
    broken[100] = np.nan
    soundfile.write(tmp_path / "nan.wav", broken, RATE, subtype="FLOAT")
    assert "not numbers" in refused(tmp_path / "nan.wav")


def test_another_kind_of_sound_file_is_named(tmp_path):
    soundfile.write(tmp_path / "a.au", NOISE, RATE)
    assert "AU" in refused(tmp_path / "a.au")


def test_ten_minutes_are_measured_without_a_hang(tmp_path):
    """Hits at 120 BPM, at a low rate, so that the test itself is quick to write."""
    rate, bar = 16_000, np.zeros(16_000, np.float32)
    for at in (0, 8_000):
        bar[at : at + 400] = np.random.default_rng(1).normal(0, 0.3, 400) * np.linspace(1, 0, 400)
    soundfile.write(tmp_path / "long.wav", np.tile(bar, 599), rate)
    found = measure(read_audio(tmp_path / "long.wav"))
    assert min(abs(found.grid.bpm * octave - 120) for octave in (0.5, 1, 2)) < 0.1

"""Stems: they sum to the mix whoever splits, and what is low, strikes or sounds on goes where it belongs."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from scipy.ndimage import median_filter

from typebeat.engines import Job, Listeners, Stopped, WeightsError, soft_masks
from typebeat.engines.soft_masks import METHOD, SoftMaskSplitter
from typebeat.engines.stems import DEMUCS_CLASS, DemucsSplitter, load_demucs, load_stem_splitter
from typebeat.parts import PartMissing
from typebeat.parts.stems import make_stems, split_stems
from typebeat.sound.audio import Audio, WavTags

RATE = 44_100
TAGS = WavTags("Beat", 120, "A minor", 8, "Kid Cudi", "Typebeat", "mit", "")
NAMES = ("drums", "bass", "other")


def instruments(seconds: float = 4.0, rate: int = RATE) -> dict[str, np.ndarray]:
    """Noise bursts on each beat, a held low tone, held high tones."""
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(0).standard_normal(len(time))
    bass = 0.3 * np.sin(2 * np.pi * 55 * time)
    other = 0.1 * sum(np.sin(2 * np.pi * hz * time) for hz in (440, 554.4, 659.3))
    return {"drums": 0.4 * noise * np.exp(-(time % 0.5) * 60), "bass": bass, "other": other}


def mixed(sounds: dict[str, np.ndarray], rate: int = RATE) -> Audio:
    return Audio(sum(sounds.values()), rate)


def tiny_demucs():
    import torch
    from demucs.htdemucs import HTDemucs

    torch.manual_seed(0)
    options = {"channels": 8, "t_layers": 1, "t_heads": 2, "depth": 4, "bottom_channels": 8, "segment": 2}
    return HTDemucs(["drums", "bass", "other", "vocals"], **options), options


def saved(folder, model, options, klass=DEMUCS_CLASS):
    from safetensors.torch import save_file

    about = {"klass": klass, "args": json.dumps([model.sources]), "kwargs": json.dumps(options)}
    folder.mkdir(exist_ok=True)
    save_file({name: each.contiguous() for name, each in model.state_dict().items()}, folder / "a.safetensors", about)
    return folder


def error_of_sum(stems, audio: Audio) -> float:
    return float(np.abs(sum(stems.sounds[name].samples for name in NAMES) - audio.samples).max())


@pytest.mark.parametrize(("rate", "channels", "seconds"), [(44_100, 1, 2.0), (22_050, 6, 1.0), (96_000, 2, 0.1)])
def test_soft_masks_sum_to_the_mix_at_any_rate_and_channel_count(rate, channels, seconds):
    mono = mixed(instruments(seconds, rate), rate).samples
    audio = Audio(np.concatenate([mono * (1 - 0.1 * each) for each in range(channels)]), rate)
    stems = SoftMaskSplitter().split(audio)
    assert tuple(stems.sounds) == NAMES
    assert all(each.samples.shape == audio.samples.shape and each.sample_rate == rate for each in stems.sounds.values())
    assert error_of_sum(stems, audio) < 1e-3
    assert stems.method == METHOD


def test_soft_masks_put_each_sound_where_it_belongs():
    truth = instruments()
    stems = SoftMaskSplitter().split(mixed(truth))
    for name in NAMES:
        error = stems.sounds[name].samples[0] - truth[name]
        assert 10 * np.log10(np.sum(truth[name] ** 2) / np.sum(error**2)) > 8, name


def test_a_long_sound_has_no_seam_where_blocks_meet(monkeypatch):
    audio = mixed(instruments(8.0))
    whole = SoftMaskSplitter().split(audio)
    monkeypatch.setattr("typebeat.engines.soft_masks.BLOCK_SECONDS", 3.0)
    parts = SoftMaskSplitter().split(audio)
    assert np.abs(parts.sounds["drums"].samples - whole.sounds["drums"].samples).max() < 0.02
    assert error_of_sum(parts, audio) < 1e-3


def test_medians_in_short_passes_are_those_of_each_row(monkeypatch):
    rows = np.random.default_rng(3).random((7, 40), np.float32)
    whole = np.stack([median_filter(row, size=9, mode="mirror") for row in rows])
    for most in (1, 100, 50_000):
        monkeypatch.setattr(soft_masks, "VALUES_A_PASS", most)
        assert np.array_equal(soft_masks._running_median(rows, 8), whole)


def test_one_sample_and_silence_are_split_too():
    for samples in (np.ones(1), np.zeros(RATE // 10)):
        stems = SoftMaskSplitter().split(Audio(samples, RATE))
        assert error_of_sum(stems, Audio(samples, RATE)) < 1e-3


def test_demucs_of_a_folder_splits_into_stems_that_sum_to_the_mix(tmp_path):
    folder = saved(tmp_path / "mine", *tiny_demucs())
    splitter = load_stem_splitter(str(folder))
    assert isinstance(splitter, DemucsSplitter)
    for rate, channels in ((44_100, 2), (32_000, 1)):
        mono = mixed(instruments(2.5, rate), rate).samples
        audio = Audio(np.repeat(mono, channels, axis=0), rate)
        stems = splitter.split(audio)
        assert all(each.samples.shape == audio.samples.shape for each in stems.sounds.values())
        assert error_of_sum(stems, audio) < 1e-3
        assert np.abs(stems.sounds["drums"].samples).max() > 0
        again = splitter.split(audio).sounds["bass"].samples
        assert np.array_equal(again, stems.sounds["bass"].samples)
    assert "mine" in stems.method
    assert "unknown" in stems.method


def test_demucs_takes_voices_out_and_leaves_the_length(tmp_path):
    splitter = load_stem_splitter(str(saved(tmp_path / "mine", *tiny_demucs())))
    audio = mixed(instruments(2.5))
    left = splitter.without_vocals(audio)
    assert left.samples.shape == audio.samples.shape
    assert not np.array_equal(left.samples, audio.samples)


def test_demucs_stops_between_segments(tmp_path):
    model, _ = tiny_demucs()
    asked = []

    def stop_the_second_time() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Stopped):
        DemucsSplitter(model, "cpu", "tiny").split(mixed(instruments(8.0)), Job(should_stop=stop_the_second_time))
    assert len(asked) == 3


def test_a_file_that_names_another_class_is_not_imported(tmp_path):
    folder = saved(tmp_path, *tiny_demucs(), klass="os.system")
    with pytest.raises(WeightsError, match=r"os\.system"):
        load_demucs(folder)


def test_truncated_weights_are_named_in_one_line(tmp_path):
    folder = saved(tmp_path, *tiny_demucs())
    file = folder / "a.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(WeightsError, match="truncated"):
        load_demucs(folder)
    file.unlink()
    with pytest.raises(WeightsError, match="must hold one"):
        load_demucs(folder)


def test_auto_without_a_gpu_or_cached_weights_needs_no_weights(monkeypatch):
    from huggingface_hub import errors

    def nothing_cached(*args, local_files_only, **kwargs):
        assert local_files_only
        raise errors.LocalEntryNotFoundError("nothing")

    monkeypatch.setattr("huggingface_hub.snapshot_download", nothing_cached)
    monkeypatch.setattr("typebeat.engines.stems.best_device", lambda: "cpu")
    assert load_stem_splitter("auto").split(Audio(np.zeros(9000), RATE)).method == METHOD


def test_auto_on_a_gpu_says_so_when_the_hub_cannot_be_reached(monkeypatch):
    from huggingface_hub import errors

    def unreachable(*args, local_files_only, **kwargs):
        assert not local_files_only
        raise errors.LocalEntryNotFoundError("nothing")

    monkeypatch.setattr("huggingface_hub.snapshot_download", unreachable)
    monkeypatch.setattr("typebeat.engines.stems.best_device", lambda: "cuda")
    assert "could not be reached" in load_stem_splitter("auto").split(Audio(np.zeros(9000), RATE)).method


def test_a_choice_that_is_nothing_is_refused():
    with pytest.raises(WeightsError, match="no weights folder"):
        load_stem_splitter("./nothing-here")


def test_stems_are_wavs_with_the_tags_of_the_beat_that_sum_to_it(tmp_path):
    audio = mixed(instruments(2.0))
    made = make_stems(SoftMaskSplitter().split(audio), TAGS)
    names = ("drums", "bass", "other")
    assert list(made.files) == [f"stems/{i}_{name}_120bpm.wav" for i, name in enumerate(names, start=1)]
    assert made.facts == {"method": METHOD}
    total = np.zeros(audio.length)
    for name, content in made.files.items():
        (tmp_path / "stem.wav").write_bytes(content)
        samples, rate = soundfile.read(tmp_path / "stem.wav")
        assert rate == RATE
        assert b"acid" in content
        assert name.split("_")[1].encode() in content
        total += samples
    assert np.abs(total - audio.samples[0]).max() < 1e-3


def test_a_splitter_that_fails_costs_the_stems_alone():
    class Failing:
        def split(self, audio, job):
            raise RuntimeError("out of memory")

    with pytest.raises(PartMissing, match="out of memory"):
        split_stems(mixed(instruments(0.5)), Listeners(stems=Failing()))
    with pytest.raises(PartMissing, match="no stem splitter"):
        split_stems(mixed(instruments(0.5)), Listeners())

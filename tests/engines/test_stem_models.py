"""MusicGen-Stem's layout: a codec a stem, tokens equal to audiocraft's loop, one stem made anew while others stay."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_musicgen import own_greedy
from tiny_models import DARK, FRAME_RATE, SAMPLE_RATE, WINDOW_SECONDS, load, refusal

from benchmarks.tiny_musicgen import held_in, save_held
from benchmarks.tiny_stems import BOOKS, MORE_BOOKS, ours_anew, save_stems, theirs, theirs_anew
from typebeat.engines import Job
from typebeat.engines.beat.formats import STEM_CODEC_FILES, STEMS
from typebeat.request.options import RequestError

LONG = 6.0  # seconds: two windows
SEEN = int(5 / 6 * WINDOW_SECONDS * FRAME_RATE)  # frames behind a prefix
STREAMS = {"bass": [0], "drums": [1], "other": [2, 3, 4, 5]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_stems(tmp_path_factory.mktemp("stems"))


@pytest.fixture(scope="module")
def engine(folder: Path) -> Any:
    return load(folder)


@pytest.fixture(scope="module")
def beat(engine: Any) -> Any:
    return engine.generate(DARK, LONG, [1], top_k=20)[0]


@pytest.mark.parametrize("books", [BOOKS, MORE_BOOKS], ids=["6cb", "7cb"])
def test_tokens_are_those_of_audiocraft(books, tmp_path):
    import torch

    engine = load(save_stems(tmp_path, books))
    streams = sum(books.values())
    own = own_greedy(engine, 60, 3.0, torch.zeros((streams, 0), dtype=torch.long))
    assert own.shape == (streams, 60)
    assert own.tolist() == theirs(engine._lm, DARK.caption, 60).tolist()
    assert own.unique().numel() > 10
    assert engine.codec.books == tuple(books.values())


@pytest.mark.parametrize("anew", [["bass"], ["drums"], ["other"], ["bass", "other"], ["drums", "bass"]], ids="+".join)
@pytest.mark.parametrize("frames", [45, SEEN])
def test_a_stem_is_made_anew_with_the_tokens_of_the_makers_own_recipe(folder, anew, frames):
    import torch

    from typebeat.engines.beat.loading import load_models

    models = load_models(folder, "cpu")
    codes = torch.randint(0, 48, (6, frames), generator=torch.Generator().manual_seed(3))
    streams = [stream for part in anew for stream in STREAMS[part]]
    expected = theirs_anew(models.lm, codes, streams, models.codec.silence(), DARK.caption)
    own = ours_anew(models, codes, [part for part in STEMS if part not in anew], DARK.caption)
    assert own.tolist() == expected.tolist()
    kept = [stream for stream in range(6) if stream not in streams]
    assert own[kept].tolist() == codes[kept].tolist()
    assert own[streams].unique().numel() > 10
    assert own[streams].tolist() != codes[streams].tolist()


def test_the_prefix_of_thirty_seconds_is_that_of_the_weights_people_have():
    import torch

    from typebeat.engines.beat.stem_prefix import StemPrefix, frames_behind

    assert frames_behind(1500) == 1250
    anew = torch.tensor([True, False, True])
    prefix = StemPrefix(1250, anew, torch.tensor([870, 530, 83]), 2048)
    song = torch.arange(3)[:, None] * 0 + torch.arange(600)
    shown = prefix.before(song)
    assert shown.shape == (3, 251) == (3, prefix.columns)
    assert shown[1].tolist() == [*range(0, 600, 5), *[530] * 130, 2048]
    assert shown[0].tolist() == shown[2].tolist() == [2048] * 251
    assert prefix.before(torch.zeros(2, 3, 9000, dtype=torch.long)).shape == (2, 3, 251)


def test_stems_sum_to_the_mix_also_while_it_streams(engine, beat):
    assert engine.parts == tuple(beat.parts) == STEMS
    total = sum(part.samples for part in beat.parts.values())
    np.testing.assert_allclose(total / max(1, np.abs(total).max()), beat.samples, atol=1e-6)
    assert all(np.abs(part.samples).max() > 1e-3 for part in beat.parts.values())
    assert beat.tokens.shape == (6, LONG * FRAME_RATE)
    pieces = []
    engine.generate(DARK, LONG, [1], top_k=20, job=Job(hear=pieces.append))
    streamed = np.concatenate([piece.samples for piece in pieces], axis=1)
    assert streamed.shape == beat.samples.shape == (1, LONG * SAMPLE_RATE)
    assert np.corrcoef(streamed[0], beat.samples[0])[0, 1] > 0.98


def test_each_stem_is_what_its_own_codec_plays(folder, engine, beat):
    import torch
    from audiocraft.models.loaders import load_compression_model

    for part, streams in STREAMS.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # torch's about weight_norm
            codec = load_compression_model(str(folder / STEM_CODEC_FILES[part]))
        with torch.inference_mode():
            sound = codec.decode(torch.from_numpy(beat.tokens[streams].astype(np.int64))[None])[0].numpy()
        np.testing.assert_array_equal(sound, beat.parts[part].samples)


@pytest.mark.parametrize("anew", STEMS)
def test_again_on_one_stem_keeps_the_others_bit_for_bit_also_beyond_one_window(engine, beat, anew):
    kept = {part: engine.part_tokens(beat.tokens, part) for part in STEMS if part != anew}
    steps = []
    job = Job(lambda done, needed, _: steps.append((done, needed)))
    (again,) = engine.generate(replace(DARK, kept=kept), LONG, [2], top_k=20, job=job)
    for part in kept:
        np.testing.assert_array_equal(engine.part_tokens(again.tokens, part), kept[part])
        np.testing.assert_array_equal(again.parts[part].samples, beat.parts[part].samples)
    made = engine.part_tokens(again.tokens, anew)
    assert np.mean(made != engine.part_tokens(beat.tokens, anew)) > 0.5
    assert 0 <= made.min() <= made.max() < 48
    assert steps[-1][0] == steps[-1][1]
    (same,) = engine.generate(replace(DARK, kept=kept), LONG, [2], top_k=20)
    np.testing.assert_array_equal(same.samples, again.samples)


def test_what_is_kept_is_heard_by_what_is_made_anew(engine, beat):
    kept = {part: engine.part_tokens(beat.tokens, part) for part in ("bass", "drums")}
    later = {part: tokens.copy() for part, tokens in kept.items()}
    for tokens in later.values():
        tokens[:, 100:] = (tokens[:, 100:] + 24) % 48  # two seconds on: only the prefix can tell of it
    first, second = (
        engine.generate(replace(DARK, kept=tokens), 3.0, [2], top_k=1)[0].tokens
        for tokens in ({part: t[:, :150] for part, t in each.items()} for each in (kept, later))
    )
    assert not np.array_equal(first[2:, :90], second[2:, :90])


def test_keeping_all_or_no_stems_needs_no_prefix(engine, beat):
    kept = {part: engine.part_tokens(beat.tokens, part) for part in STEMS}
    (again,) = engine.generate(replace(DARK, kept=kept), LONG, [99], top_k=20)
    np.testing.assert_array_equal(again.samples, beat.samples)


def test_a_stem_that_is_left_out_is_silent(engine, beat):
    (quiet,) = engine.generate(replace(DARK, left_out=("drums", "other")), LONG, [1], top_k=20)
    assert not quiet.parts["drums"].samples.any()
    np.testing.assert_array_equal(quiet.parts["bass"].samples, beat.parts["bass"].samples)


@pytest.mark.parametrize(
    ("kept", "line"),
    [
        ({"808": (1, 300)}, "know no part '808'; they know bass, drums, other"),
        ({"drums": (1, 200)}, "not as long as the beat"),
        ({"other": (1, 300)}, "not as long as the beat"),
        ({"bass": 48}, "none of these weights"),
    ],
)
def test_a_part_that_the_weights_do_not_know_or_that_does_not_fit_is_refused(engine, kept, line):
    tokens = {part: np.full((1, 300), of) if isinstance(of, int) else np.zeros(of, int) for part, of in kept.items()}
    with pytest.raises(RequestError, match=line) as raised:
        engine.generate(replace(DARK, kept={part: t.astype(np.int16) for part, t in tokens.items()}), LONG, [1])
    assert "\n" not in str(raised.value)


def test_stems_of_different_lengths_are_not_encoded(engine):
    import torch

    with pytest.raises(ValueError, match=r"differ in length \(bass 16000, drums 8000, other 16000 samples\)"):
        engine.codec.encode_parts([torch.zeros(1, 1, n) for n in (16_000, 8_000, 16_000)])
    with pytest.raises(NotImplementedError, match="split the mix first"):
        engine.codec.encode(torch.zeros(1, 1, 16_000))


def test_silence_is_what_each_codec_makes_of_it(engine):
    import torch

    nothing = torch.zeros(1, 1, 4 * SAMPLE_RATE)
    codes = torch.cat([codec.encode(nothing)[0][0] for codec in engine.codec.codecs])
    inner = codes[:, 30:-30]
    assert (inner == engine.codec.silence()[:, None]).float().mean() > 0.95


@pytest.mark.parametrize("gone", [["drums"], ["bass", "other"]])
def test_a_folder_without_one_of_its_codecs_is_refused(tmp_path, gone):
    folder = save_stems(tmp_path)
    for stem in gone:
        (folder / STEM_CODEC_FILES[stem]).unlink()
    told = refusal(folder)
    assert f"its codec for {' and '.join(gone)} is missing" in told
    assert all(STEM_CODEC_FILES[stem] in told for stem in gone)


def test_codecs_that_do_not_belong_together_are_refused(tmp_path):
    from omegaconf import OmegaConf

    folder = save_stems(tmp_path)
    file = folder / STEM_CODEC_FILES["drums"]
    held = held_in(file)
    config = OmegaConf.create(held["xp.cfg"])
    config.encodec.sample_rate = 24_000
    save_held(file, {**held, "xp.cfg": OmegaConf.to_yaml(config)})
    assert "differ in sample rate: bass 16000, drums 24000, other 16000" in refusal(folder)
    (folder / STEM_CODEC_FILES["bass"]).write_bytes(file.read_bytes()[:1000])
    assert "compression_state_dict_bass.bin is truncated" in refusal(folder)


def test_codecs_of_another_model_of_stems_are_refused(tmp_path):
    folder = save_stems(tmp_path / "7cb", MORE_BOOKS)
    (folder / STEM_CODEC_FILES["bass"]).write_bytes(
        (save_stems(tmp_path / "6cb") / STEM_CODEC_FILES["bass"]).read_bytes()
    )
    assert "the language model makes 7 x 48 tokens, the codec decodes 6 x 48" in refusal(folder)


def test_an_xp_cfg_that_looks_up_the_environment_where_it_is_used_is_refused(tmp_path, monkeypatch):
    from omegaconf import OmegaConf

    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    folder = save_stems(tmp_path)
    held = held_in(folder / "state_dict.bin")
    assert "${oc.env:USER}" in held["xp.cfg"]  # where nothing reads it, it is nobody's business
    config = OmegaConf.create(held["xp.cfg"])
    config.codebooks_pattern = {"modeling": "${oc.env:HF_TOKEN}"}
    save_held(folder / "state_dict.bin", {**held, "xp.cfg": OmegaConf.to_yaml(config)})
    told = refusal(folder)
    assert "outside of the file" in told
    assert "hf_secret" not in told

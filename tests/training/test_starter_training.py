"""The starter's training steps do what they say, on sizes that take seconds."""

import json
from dataclasses import asdict

import numpy as np
import pytest
import torch

from training.beat.losses import loss_per_codebook
from training.runs.checkpoints import load_best
from training.runs.loop import make_accelerator, run_loop
from training.runs.loop_options import LoopOptions
from training.starter import train_codec
from training.starter.compose import compose
from training.starter.dataset import TRAINING_SEEDS_FROM, StemCrops, render
from training.starter.tokens import TokenWindows, tokenize
from training.starter.train_lm import StarterTask, as_excerpt
from typebeat.engines.quiet import quiet_import

with quiet_import():
    from typebeat.engines.beat.codec import PARTS, CodecConfig, StarterCodec
    from typebeat.engines.beat.starter import build_lm, save_codec

SMALL = CodecConfig(width=32, fine_width=32, latent=8, cardinality=16)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    return render(tmp_path_factory.mktemp("beats"), first=0, count=2, bars=2, workers=1)


@pytest.fixture
def windows(tmp_path):
    paths = []
    for seed in range(3):
        codes = np.random.default_rng(seed).integers(0, 16, (8, 60)).astype(np.int16)
        tags = compose(seed, 1).tags
        paths.append(tmp_path / f"{seed}.npz")
        np.savez(paths[-1], codes=codes, tags=json.dumps(asdict(tags)))
    return TokenWindows(paths, frames=40, frame_rate=25.0, seed=0)


def test_a_part_of_the_codec_learns(rendered):
    torch.manual_seed(0)
    codec, drums = StarterCodec(SMALL).train(), PARTS.index("drums")
    stems = torch.from_numpy(StemCrops(rendered, train_codec.CROP, seed=0).batch(2))
    optimizer = torch.optim.AdamW(codec.parameters(), lr=3e-3)
    losses = []
    for _ in range(25):
        loss = train_codec.part_loss(codec, stems, drums, np.random.default_rng(0), quantise=False)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]


def test_training_goes_on_where_it_was_stopped(rendered, tmp_path):
    crops, drums = StemCrops(rendered, train_codec.CROP, seed=0), PARTS.index("drums")
    first, second = StarterCodec(SMALL).train(), StarterCodec(SMALL).train()
    train_codec.train_part(first, drums, crops, tmp_path, minutes=0.01, batch=1, lr=2e-3)
    train_codec.train_part(second, drums, crops, tmp_path, minutes=0.01, batch=1, lr=2e-3)
    for name, weight in first.encoders[drums].state_dict().items():
        assert torch.equal(second.encoders[drums].state_dict()[name], weight), "its time was up: nothing more to train"


def test_the_chords_start_from_the_melody_with_oscillators_of_the_same_pitch():
    codec = StarterCodec(SMALL)
    chords, melody = PARTS.index("chords"), PARTS.index("melody")
    train_codec.start_from(codec, chords, melody)
    mine, theirs = codec.decoders[chords], codec.decoders[melody]
    middle = mine.sines.count // 2
    same = int((theirs.sines.turns / mine.sines.turns[middle]).log2().abs().argmin())
    assert torch.equal(mine.levels.weight[middle], theirs.levels.weight[same])
    assert torch.equal(mine.up.weight, theirs.up.weight)


def test_tokens_are_as_long_as_asked_and_belong_to_their_tags(tmp_path):
    save_codec(tmp_path / "codec", StarterCodec(SMALL).eval())
    (path,) = tokenize(tmp_path / "tokens", tmp_path / "codec", first=0, count=1, seconds=5.0, workers=1)
    with np.load(path) as file:
        codes, tags = file["codes"], json.loads(str(file["tags"]))
    assert codes.shape[0] == 8
    assert codes.shape[1] >= 5.0 * 25
    assert tags["bpm"] == compose(TRAINING_SEEDS_FROM, 1).bpm


def test_windows_say_where_in_the_beat_they_begin(windows):
    batch = windows.batch(40, step=0)
    assert {w.codes.shape for w in batch} == {(8, 40)}
    assert any(w.start_seconds == 0 for w in batch)
    assert any(w.start_seconds > 0 for w in batch)
    assert len({w.caption for w in batch}) > 10
    assert [w.caption for w in windows.batch(40, step=0)] == [w.caption for w in batch]
    assert [w.caption for w in windows.batch(40, step=1)] != [w.caption for w in batch]


def test_the_language_models_loss_falls_and_hears_every_item_of_a_batch(windows):
    torch.manual_seed(0)
    codec = StarterCodec(SMALL)
    lm = build_lm({"dim": 32, "num_layers": 2, "num_heads": 2, "dropout": 0.0}, codec, ["mood:dark"], 4.0)
    batch = [as_excerpt(window) for window in windows.all_from_start()]
    optimizer = torch.optim.AdamW(lm.parameters(), lr=3e-3)
    losses = []
    for _ in range(30):
        loss = loss_per_codebook(lm, batch)
        optimizer.zero_grad()
        loss.mean().backward()
        optimizer.step()
        losses.append(float(loss.detach().mean()))
    assert losses[0] == pytest.approx(np.log(16), rel=0.25)
    assert losses[-1] < 0.9 * losses[0]
    lm.eval()
    first, second, third = batch
    with torch.no_grad():
        assert not torch.equal(loss_per_codebook(lm, [first, second]), loss_per_codebook(lm, [first, third]))
        assert not torch.equal(loss_per_codebook(lm, [second, first]), loss_per_codebook(lm, [third, first]))


def test_the_starter_learns_in_the_loop_that_finetunes_with_muon_and_resumes_to_the_same_bits(windows, tmp_path):
    def train(run, steps):
        torch.manual_seed(0)
        lm = build_lm(
            {"dim": 32, "num_layers": 2, "num_heads": 2, "dropout": 0.0}, StarterCodec(SMALL), ["mood:dark"], 4.0
        )
        task = StarterTask(lm, windows, windows.all_from_start(), batch=3, seed=0)
        assert [type(each).__name__ for each in task.optimizers(1e-3)] == ["Muon", "AdamW"]
        told = [each.texts for step in range(40) for each in task.draw(step)]
        assert 0.03 < np.mean([not any(texts.values()) for texts in told]) < 0.25, "guidance needs some told nothing"
        options = LoopOptions(steps=steps, batch=3, micro_batch=3, lr=3e-3, ema_decay=0.9, check_every=4, final_lr=1.0)
        return run_loop(task, options, run, make_accelerator("no")).progress

    whole = train(tmp_path / "whole", 12)
    assert whole.best_loss < whole.history[0]["validation_loss"]
    train(tmp_path / "cut", 4)
    resumed = train(tmp_path / "cut", 12)
    # the cosine is flat here, so that fewer steps at first change nothing
    assert resumed.best_loss == whole.best_loss
    best = load_best(tmp_path / "whole")
    assert all(torch.equal(tensor, best[name]) for name, tensor in load_best(tmp_path / "cut").items())


def test_the_808s_pitch_is_compared_more_finely_than_a_semitone_and_its_phase_not_at_all():
    time = torch.arange(32_000) / 32_000

    def sine(hertz: float, phase: float = 0.0) -> torch.Tensor:
        return 0.5 * torch.sin(2 * torch.pi * hertz * time + phase)[None]

    shifted = train_codec.advance_loss(sine(50, 1.0), sine(50), hop=1024)
    detuned = train_codec.advance_loss(sine(50 * 2 ** (0.5 / 12)), sine(50), hop=1024)
    semitone = train_codec.advance_loss(sine(50 * 2 ** (1 / 12)), sine(50), hop=1024)
    assert shifted < 0.1 * detuned < 0.1 * semitone

"""The starter's training steps do what they say, on sizes that take seconds."""

import json
from random import Random

import numpy as np
import pytest
import torch
from tiny_codec import TINY_CODEC, TINY_LM

from training.beat.losses import codebook_sums, loss_per_codebook, use_no_dropout_of_conditions
from training.runs.checkpoints import load_best
from training.runs.loop import make_accelerator, run_loop
from training.runs.loop_options import LoopOptions
from training.starter import train_codec
from training.starter.corpus.compose import compose
from training.starter.corpus.render import render
from training.starter.corpus.score import PARTS
from training.starter.corpus.store import Crops
from training.starter.tokens import TokenWindows, draw_concepts, draw_given, facts_of, read_tokens, tokenize
from training.starter.train_lm import StarterTask, as_excerpt, codebook_weights, stacked
from typebeat.engines.quiet import quiet_import

with quiet_import():
    from training.starter.lm_loss import LossOfTokens, window_sums
    from typebeat.engines.beat.codec import StarterCodec
    from typebeat.engines.beat.starter import build_lm, save_codec

VOCABULARY = ["mood:dark", "lead:flute"]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """Two short beats as training stores them, played by synthesis alone."""
    folder, paths = tmp_path_factory.mktemp("beats"), []
    for seed in (1, 2):
        stems = render(compose(seed, 2, style="travis-scott", loop=True), synthetic=True)
        paths.append(folder / f"{seed}.s16")
        (np.stack([stems[name] for name in PARTS]) * 32_767).astype(np.int16).tofile(paths[-1])
    return paths


@pytest.fixture
def windows(tmp_path):
    paths = []
    for seed in range(3):
        codes = np.random.default_rng(seed).integers(0, 16, (7, 60)).astype(np.int16)
        paths.append(tmp_path / f"{seed}.npz")
        np.savez(paths[-1], codes=codes, facts=json.dumps(facts_of(compose(seed, 2)).__dict__))
    return TokenWindows(paths, frames=40, frame_rate=25.0, seed=0)


def test_a_network_of_the_codec_learns_and_goes_on_to_the_same_bits(rendered):
    crops = Crops(rendered, train_codec.NETWORKS["drums"], train_codec.CROP, seed=0)

    def trainer():
        torch.manual_seed(0)
        return train_codec.NetworkTrainer(StarterCodec(TINY_CODEC).train(), "drums", 24, 5e-3)

    def run(one, until):
        return [one.train_step(torch.from_numpy(crops.batch(4, one.step))) for _ in range(until - one.step)]

    whole, first, second = trainer(), trainer(), trainer()
    losses = run(whole, 24)
    assert np.mean(losses[-4:]) < 0.8 * losses[0]
    run(first, 10)
    second.load(first.state())
    run(second, 24)
    for name, weight in whole.modules.state_dict().items():
        assert torch.equal(second.modules.state_dict()[name], weight), name


def test_crops_are_mostly_sounding_and_the_same_for_the_same_step(rendered):
    crops = Crops(rendered, (0,), 16_000, seed=0)
    batch = crops.batch(12, step=3)
    assert batch.shape == (12, 16_000)
    assert np.abs(batch).max() < 1
    assert (np.abs(batch[:11]).max(axis=1) > 1e-3).all()
    assert np.array_equal(batch, crops.batch(12, step=3))


def test_tokens_know_the_notes_chords_and_form_of_their_beat(rendered, tmp_path, monkeypatch):
    monkeypatch.setattr("training.starter.tokens._codec", StarterCodec(TINY_CODEC).eval())
    save_codec(tmp_path / "codec", StarterCodec(TINY_CODEC).eval())
    (path, _) = tokenize(tmp_path / "tokens", tmp_path / "codec", rendered, workers=1)
    codes, facts = read_tokens(path)
    assert codes.shape[0] == 7
    assert set(facts.notes) == {*PARTS, "harmony"}
    assert facts.sections
    assert all(0 <= note[0] < 60 for notes in facts.notes.values() for note in notes)


def test_windows_say_where_in_the_beat_they_begin(windows):
    batch = windows.batch(40, step=0)
    assert {w.codes.shape for w in batch} == {(7, 40)}
    assert any(w.start_seconds == 0 for w in batch)
    assert any(w.start_seconds > 0 for w in batch)
    assert [w.start_seconds for w in windows.batch(40, step=0)] == [w.start_seconds for w in batch]


def test_what_is_left_out_is_always_told_and_notes_only_at_times():
    facts = facts_of(next(s for s in map(compose, range(100)) if "drums" in s.plan.left_out))
    rng = Random(0)
    assert all("without:drums" in draw_concepts(facts, rng) for _ in range(20))
    drawn = [frozenset(draw_given(facts, rng)) for _ in range(300)]
    assert 0.3 < np.mean([not names for names in drawn]) < 0.55
    for part in PARTS:
        assert frozenset(PARTS) - {part} in drawn, f"{part} is made anew at times"
    assert frozenset({"harmony"}) in drawn


def test_the_language_models_loss_falls_and_hears_every_item_of_a_batch(windows):
    torch.manual_seed(0)
    lm = build_lm(TINY_LM, StarterCodec(TINY_CODEC), VOCABULARY, 4.0)
    batch = [as_excerpt(window, Random(1)) for window in windows.all_from_start()]
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


def test_the_loss_is_that_of_audiocrafts_layers_and_so_are_its_gradients(windows):
    torch.manual_seed(0)
    lm = build_lm(TINY_LM, StarterCodec(TINY_CODEC), VOCABULARY, 4.0)
    batch = [as_excerpt(window, Random(seed)) for seed, window in enumerate(windows.batch(6, step=0))]
    assert {text is None for each in batch for text in each.texts.values()} == {True, False}

    def measured(sums):
        lm.zero_grad()
        (sums * torch.arange(1, 8)).sum().backward()
        slopes = {name: p.grad for name, p in lm.named_parameters() if p.grad is not None}
        return sums.detach(), slopes

    use_no_dropout_of_conditions(lm)
    true, true_slopes = measured(codebook_sums(lm, lm, batch)[0])
    sums, slopes = measured(window_sums(lm, LossOfTokens(lm), batch))
    assert torch.allclose(sums, true, rtol=1e-5)
    assert slopes.keys() == true_slopes.keys()
    for name, slope in slopes.items():
        assert torch.allclose(slope, true_slopes[name], rtol=1e-3, atol=1e-4 * true_slopes[name].abs().max()), name


def test_layers_are_stacked_upon_each_other_again_and_again():
    small, large = (
        build_lm({**TINY_LM, "num_layers": layers}, StarterCodec(TINY_CODEC), VOCABULARY, 4.0) for layers in (2, 5)
    )
    large.load_state_dict(stacked(small.state_dict(), 5))
    for i, layer in enumerate(large.transformer.layers):
        assert torch.equal(layer.linear1.weight, small.transformer.layers[i % 2].linear1.weight)
    assert torch.equal(large.linears[0].weight, small.linears[0].weight)


def test_first_codebooks_count_most():
    weights = codebook_weights((3, 2, 4, 4))
    assert weights.mean() == pytest.approx(1)
    assert weights[0] == weights[3] == weights[5] > weights[1] > weights[2]


def test_the_starter_learns_in_the_loop_that_finetunes_with_muon_and_resumes_to_the_same_bits(windows, tmp_path):
    def train(run, steps):
        torch.manual_seed(0)
        lm = build_lm(TINY_LM, StarterCodec(TINY_CODEC), VOCABULARY, 4.0)
        task = StarterTask(lm, windows, windows.all_from_start(), 3, codebook_weights((2, 1, 2, 2)), seed=0)
        assert [type(each).__name__ for each in task.optimizers(1e-3)] == ["Muon", "AdamW"]
        told = [each.texts for step in range(40) for each in task.draw(step)]
        nothing = [not texts["description"] and not texts["key"] for texts in told]
        assert 0.03 < np.mean(nothing) < 0.3, "guidance needs some told nothing"
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

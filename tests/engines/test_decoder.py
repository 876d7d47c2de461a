"""The decoder against audiocraft's own loop, each precision, takes in one batch, and pieces of sound on the way."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from test_musicgen import audiocraft_greedy, own_greedy
from tiny_models import CODEBOOKS, DARK, FRAME_RATE, LM_CONFIG, changed, load, refusal, save_model

from typebeat.engines import Job
from typebeat.engines.beat.linear import FP16_WEIGHTS, has_fbgemm, has_int8
from typebeat.request.options import RequestError

fbgemm = pytest.mark.skipif(not has_fbgemm(), reason="this processor has no AVX2")
int8 = pytest.mark.skipif(not has_int8(), reason="this processor has no VNNI")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load(save_model(tmp_path_factory.mktemp("tiny")))


def decoder_logits(lm: Any, precision: str, takes: int = 1, steps: int = 20) -> np.ndarray:
    """Returns the logits (steps, 2, takes, codebooks, card) of random tokens, each take's its own."""
    import torch

    from typebeat.engines.beat.conditions import condition_tensors
    from typebeat.engines.beat.decoder import Decoder

    decoder = Decoder(lm, precision)
    rng = torch.Generator().manual_seed(0)
    tokens = torch.randint(lm.card, (4, CODEBOOKS, steps), generator=rng)[:takes]
    with torch.inference_mode():
        session = decoder.start(condition_tensors(lm, DARK), takes, steps)
        return torch.stack([decoder.step(session, tokens[..., i : i + 1]) for i in range(steps)]).numpy()


@pytest.mark.parametrize(
    "changes",
    [
        {"fuser": {"prepend": [], "sum": ["bpm"]}},
        {"fuser": {"prepend": [], "sum": [], "cross": ["description", "bpm"]}},
        {"fuser": {"cross_attention_pos_emb": True}},
        {"transformer_lm": {"bias_ff": True, "bias_attn": True, "bias_proj": True}},
        {"transformer_lm": {"n_q": 8}, "codebooks_pattern": {"delay": {"delays": [0, 0, 1, 1, 2, 2, 3, 3]}}},
    ],
    ids=["a summed condition", "two texts", "positions in the text", "biases", "the stereo models' delays"],
)
def test_greedy_tokens_are_audiocrafts_for_every_kind_of_model(tmp_path, changes):
    import torch
    from audiocraft.models.builders import get_lm_model
    from omegaconf import OmegaConf

    class OfThisKind:
        with torch.random.fork_rng():
            torch.manual_seed(1)
            _lm = get_lm_model(OmegaConf.create(changed(LM_CONFIG, **changes))).eval()

    if changes.get("transformer_lm", {}).get("bias_attn"):
        with torch.no_grad():
            for name, weight in OfThisKind._lm.named_parameters():
                if name.endswith("bias"):
                    weight.normal_(std=0.1)
    nothing_known = None
    codebooks = OfThisKind._lm.num_codebooks
    if codebooks != CODEBOOKS:
        nothing_known = torch.zeros((codebooks, 0), dtype=torch.long)
    own = own_greedy(OfThisKind, 50, 3.0, nothing_known)
    assert own.tolist() == audiocraft_greedy(OfThisKind, 50, 3.0).tolist()
    assert own.unique().numel() > 10


def test_ten_seconds_of_greedy_tokens_are_audiocrafts(tmp_path):
    long = load(save_model(tmp_path, changed(LM_CONFIG, dataset={"segment_duration": 10.0})))
    assert own_greedy(long, 500, 3.0).tolist() == audiocraft_greedy(long, 500, 3.0).tolist()


@int8
def test_int8_logits_stay_close_to_those_of_fp32(engine):
    exact, rounded = decoder_logits(engine._lm, "fp32"), decoder_logits(engine._lm, "int8")
    assert 0 < np.abs(exact - rounded).max() < 0.1 * exact.std()


@fbgemm
def test_weights_in_fp16_give_nearly_the_logits_of_fp32_and_the_same_ones_alone_and_among_others(engine):
    exact, rounded = (decoder_logits(engine._lm, precision, 4) for precision in ("fp32", FP16_WEIGHTS))
    assert 0 < np.abs(exact - rounded).max() < 2e-3 * exact.std()
    for takes in (1, 2, 3):
        assert np.array_equal(decoder_logits(engine._lm, FP16_WEIGHTS, takes), rounded[:, :, :takes])


@fbgemm
def test_weights_beyond_the_range_of_fp16_stay_in_fp32():
    import torch

    from typebeat.engines.beat.linear import pack_linear

    weight = torch.tensor([[1e6, 1.0], [0.5, 2.0]])
    assert pack_linear(weight, None, FP16_WEIGHTS)(torch.tensor([[1.0, 1.0]])).tolist() == [[1_000_001.0, 2.5]]


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_as_on_a_gpu_gives_logits_close_to_those_of_fp32(engine, precision):
    import torch

    half = {"bf16": torch.bfloat16, "fp16": torch.float16}[precision]
    exact, rounded = decoder_logits(engine._lm, "fp32"), decoder_logits(deepcopy(engine._lm).to(half), precision)
    assert rounded.dtype == np.float32
    assert 0 < np.abs(exact - rounded).max() < 0.1 * exact.std()


@pytest.mark.parametrize("precision", ["fp32", pytest.param("int8", marks=int8)])
def test_a_take_gets_the_same_logits_alone_and_among_others(engine, precision):
    alone, together = (decoder_logits(engine._lm, precision, takes)[:, :, 0] for takes in (1, 4))
    np.testing.assert_allclose(together, alone, atol=1e-5 * np.abs(alone).max())


def test_each_seed_makes_its_take_whatever_the_others_are(engine):
    together = engine.generate(DARK, 2.0, [5, 6, 7, 6], top_k=20)
    assert len({take.samples.tobytes() for take in together}) == 3
    for seed, take in zip([5, 6, 7], together, strict=False):
        (alone,) = engine.generate(DARK, 2.0, [seed], top_k=20)
        np.testing.assert_allclose(take.samples, alone.samples, atol=1e-6)


@pytest.mark.parametrize("seconds", [0.7, 6.0])
def test_pieces_heard_on_the_way_join_to_the_first_take(engine, seconds):
    steps_at_first_piece: list[int] = []
    done: list[int] = [0]
    pieces: list[np.ndarray] = []

    def hear(piece: Any) -> None:
        steps_at_first_piece.append(done[-1])
        pieces.append(piece.samples)

    takes = engine.generate(DARK, seconds, [3, 4], job=Job(lambda now, *_: done.append(now), hear=hear))
    heard = np.concatenate(pieces, axis=1)
    assert heard.shape[1] >= seconds * engine.sample_rate
    assert max(piece.shape[1] for piece in pieces) < 1.3 * engine.sample_rate
    if seconds > 2:
        assert steps_at_first_piece[0] < 2 * FRAME_RATE
    length = min(heard.shape[1], takes[0].length)
    apart = heard[:, :length] - takes[0].samples[:, :length]
    assert np.abs(apart).max() < 0.05 * np.abs(takes[0].samples).max()


def test_a_listener_that_leaves_ends_the_request_and_the_next_one_runs(engine):
    def leave(piece: Any) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        engine.generate(DARK, 6.0, [3], job=Job(hear=leave))
    assert engine.generate(DARK, 0.5, [3])[0].length


def test_more_takes_than_memory_holds_are_refused_with_the_figure(engine, monkeypatch):
    from typebeat.engines.beat import musicgen

    monkeypatch.setattr(musicgen, "free_memory", lambda device: 100_000)
    with pytest.raises(RequestError, match=r"4 beats of this length at once need 0\.0 GB .* ask for fewer takes"):
        engine.generate(DARK, 3.0, [1, 2, 3, 4])


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"transformer_lm": {"layer_scale": 0.1}}, "layer scale"),
        ({"transformer_lm": {"norm_first": False}}, "norms"),
        ({"fuser": {"sum": ["description"], "cross": []}}, "sums beside prepended conditions"),
    ],
)
def test_a_model_with_other_parts_is_refused_by_their_names(tmp_path, changes, named):
    assert named in refusal(save_model(tmp_path, changed(LM_CONFIG, **changes)))

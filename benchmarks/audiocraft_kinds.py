"""audiocraft's models beside the plain one: of melody, of style, and those that name their text encoder or codec."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.tiny_musicgen import CODEC_CONFIG, LM_CONFIG, SAMPLE_RATE, changed, held_in, save_held, save_model

if TYPE_CHECKING:
    from collections.abc import Iterator

T5_NAME = "t5-small"  # which audiocraft knows; a folder of that name in the working folder stands in for the Hub's
NAMED_CARD = 64  # of the codec that is named
STEREO = {
    "transformer_lm": {"n_q": 8},
    "codebooks_pattern": {"modeling": "delay", "delay": {"delays": [0, 0, 1, 1, 2, 2, 3, 3]}},
    "interleave_stereo_codebooks": {"use": True, "per_timestep": False},
}
_MELODY = {"model": "chroma_stem", "chroma_stem": {
    "sample_rate": SAMPLE_RATE, "n_chroma": 12, "radix2_exp": 11, "argmax": True, "match_len_on_eval": False,
    "cache_path": None, "eval_wavs": None, "n_eval_wavs": 0,
}}  # fmt: skip


_STYLE = {"model": "style", "style": {
    "model_name": "encodec", "transformer_scale": "xsmall", "sample_rate": SAMPLE_RATE, "encodec_n_q": 3,
    "encodec_checkpoint": "//pretrained/own", "length": 0.6, "ds_factor": 7, "n_q_out": 4, "eval_q": 2, "bins": 32,
    "q_dropout": True, "varying_lengths": [0.3, 0.6], "batch_norm": True, "compute_mask": False,
    "use_middle_of_segment": True, "num_codebooks_lm": 4,
}}  # fmt: skip


def melody_config(**more: Any) -> dict[str, Any]:
    """Returns the `xp.cfg` of a melody model; `more` changes sections."""
    made = changed(LM_CONFIG, **more, fuser={"prepend": ["self_wav", "description"], "cross": [], "sum": []})
    made["conditioners"] = {"description": LM_CONFIG["conditioners"]["description"], "self_wav": _MELODY}
    return made


def text_config(**more: Any) -> dict[str, Any]:
    """Returns the `xp.cfg` of AudioGen's kind: text alone, by T5, in clips of ten seconds; `more` changes sections."""
    made = changed(LM_CONFIG, **more, fuser={"prepend": []}, dataset={"segment_duration": 10})
    t5 = {"name": T5_NAME, "finetune": False, "word_dropout": 0.3}
    made["conditioners"] = {"description": {"model": "t5", "t5": t5}}
    return made


def save_melody(folder: Path, **more: Any) -> Any:
    """Writes a melody model; returns audiocraft's own, which has no separator of stems: silence never reaches it."""
    import torch
    from audiocraft.models.builders import get_lm_model
    from omegaconf import OmegaConf

    save_model(folder)
    config = OmegaConf.create(melody_config(**more))
    with torch.random.fork_rng(), _no_separator():
        torch.manual_seed(1)
        lm = get_lm_model(config).eval()
        with torch.no_grad():
            for weight in lm.condition_provider.parameters():
                weight.normal_(std=0.5)
    melody = lm.condition_provider.conditioners["self_wav"]
    melody.match_len_on_eval, melody._use_masking = True, False  # as MusicGen.get_pretrained sets them
    save_held(folder / "state_dict.bin", {"best_state": lm.state_dict(), "xp.cfg": OmegaConf.to_yaml(config)})
    return lm


def style_config(**more: Any) -> dict[str, Any]:
    """Returns the `xp.cfg` of a style model that hears by its own codec; `more` changes sections."""
    made = changed(LM_CONFIG, **more, fuser={"prepend": ["self_wav", "description"], "cross": [], "sum": []})
    made["compression_model_checkpoint"] = _STYLE["style"]["encodec_checkpoint"]
    made["conditioners"] = {"description": LM_CONFIG["conditioners"]["description"], "self_wav": _STYLE}
    return made


def save_style(folder: Path) -> Any:
    """Writes a style model; returns audiocraft's own."""
    import torch
    from audiocraft.models.builders import get_compression_model, get_lm_model
    from audiocraft.solvers.compression import CompressionSolver
    from omegaconf import OmegaConf

    held = held_in(save_model(folder) / "compression_state_dict.bin")
    codec = get_compression_model(OmegaConf.create(CODEC_CONFIG)).eval()
    codec.load_state_dict(held["best_state"])
    config = OmegaConf.create(style_config())
    usual = CompressionSolver.model_from_checkpoint
    CompressionSolver.model_from_checkpoint = lambda name, device: codec
    try:
        with torch.random.fork_rng():
            torch.manual_seed(1)
            lm = get_lm_model(config).eval()
            style = lm.condition_provider.conditioners["self_wav"]
            with torch.no_grad():
                for weight in lm.condition_provider.parameters():
                    weight.normal_(std=0.2)
                for name, table in style.named_buffers():
                    if name.endswith(("_codebook.embed", "running_mean")):
                        table.normal_(std=0.5)
                    if name.endswith("inited"):  # else the first sound would make the codebooks anew
                        table.fill_(1)
    finally:
        CompressionSolver.model_from_checkpoint = usual
    save_held(folder / "state_dict.bin", {"best_state": lm.state_dict(), "xp.cfg": OmegaConf.to_yaml(config)})
    return lm


def tokens_without_melody(lm: Any, caption: str, frames: int) -> Any:
    """Returns the likeliest tokens (codebooks, frames) of audiocraft's loop for a text and no melody."""
    import torch
    from audiocraft.modules.conditioners import ConditioningAttributes, WavCondition

    silence = WavCondition(torch.zeros(1, 1, 1), torch.tensor([0]), [SAMPLE_RATE], [None], [0.0])
    asked = ConditioningAttributes(text={"description": caption}, wav={"self_wav": silence})
    return lm.generate(None, [asked], max_gen_len=frames, use_sampling=False, cfg_coef=3.0)[0]


def save_t5(folder: Path) -> Path:
    """Writes a T5 of one layer that knows four words."""
    from transformers import T5Config, T5EncoderModel, T5Tokenizer

    words = ["<pad>", "</s>", "<unk>", "▁", "▁dark", "▁bells", "▁warm", "▁keys"]
    T5Tokenizer(vocab=[(word, -float(i)) for i, word in enumerate(words)], extra_ids=0).save_pretrained(folder)
    sizes = T5Config(vocab_size=16, d_model=512, d_kv=8, d_ff=8, num_layers=1, num_heads=1)
    T5EncoderModel(sizes).save_pretrained(folder)
    return folder


def save_codec(folder: Path) -> Path:
    """Writes an EnCodec in transformers' format, for models of `NAMED_CARD` tokens."""
    from transformers import EncodecConfig, EncodecModel

    sizes = {"num_filters": 2, "num_residual_layers": 1, "upsampling_ratios": [8, 5, 4, 2], "hidden_size": 16}
    tokens = {"codebook_size": NAMED_CARD, "codebook_dim": 16, "target_bandwidths": [1.2], "sampling_rate": SAMPLE_RATE}
    config = EncodecConfig(**sizes, **tokens, use_causal_conv=False, norm_type="weight_norm", num_lstm_layers=1)
    EncodecModel(config).save_pretrained(folder)
    return folder


@contextmanager
def _no_separator() -> Iterator[None]:
    """Keeps audiocraft from fetching a separator of stems."""
    import torch
    from demucs import pretrained

    usual = pretrained.get_model
    stub = type("Separator", (torch.nn.Module,), {"sources": ["drums", "bass", "other", "vocals"]})
    pretrained.get_model = lambda name: stub()
    try:
        yield
    finally:
        pretrained.get_model = usual

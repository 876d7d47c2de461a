"""Style models in audiocraft's format: which of them can hear a style here, and how.

MusicGen-Style hears an excerpt by a network of its own or by an EnCodec. The network (MERT) brings code, which is not
run: such a model plays with text alone. An EnCodec hears it where it is the very codec that the model speaks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omegaconf import DictConfig

STYLE_KIND = "style"
_SCALES = {  # of the encoder, by audiocraft's names: width, heads, layers
    "xsmall": (256, 8, 4),
    "default": (512, 8, 8),
    "large": (1_024, 16, 24),
    "none": (512, 8, 0),
}
LONGEST_SECONDS = 30.0  # of an excerpt; known models hear 3
_USUAL: dict[str, Any] = {
    "transformer_scale": "default",
    "ds_factor": 15,
    "encodec_n_q": 4,
    "n_q_out": 6,
    "eval_q": 3,
    "bins": 1_024,
    "batch_norm": True,
    "length": 3.0,
}


def style_of(told: dict[str, Any], config: dict[str, Any]) -> dict[str, Any] | None:
    """Returns the options of `conditioners.Style` for a configuration's style section; None where no style is heard."""
    named = config.get("compression_model_checkpoint")
    if told.get("model_name") != "encodec" or not named or told.get("encodec_checkpoint") != named:
        return None
    options = {name: told.get(name, usual) for name, usual in _USUAL.items()}
    width, heads, layers = _SCALES[options.pop("transformer_scale")]
    rate, length, ds_factor = int(told["sample_rate"]), float(options["length"]), int(options["ds_factor"])
    if int(options["encodec_n_q"]) > int(config["transformer_lm"]["n_q"]):
        raise ValueError("its style has more codebooks than its codec")
    if not (0 < length <= LONGEST_SECONDS and min(ds_factor, options["eval_q"]) > 0 and 8_000 <= rate <= 192_000):
        raise ValueError("its style section asks for what no sound is")
    return {
        **options,
        "ds_factor": ds_factor,
        "sample_rate": rate,
        "card": int(config["transformer_lm"]["card"]),
        "d_model": width,
        "num_heads": heads,
        "num_layers": layers,
    }


def width_of(told: dict[str, Any]) -> int:
    """Returns the width in which a configuration's style section is heard."""
    return _SCALES[told.get("transformer_scale", _USUAL["transformer_scale"])][0]


def style_names(config: DictConfig) -> list[str]:
    """Returns the names of the conditions that are styles."""
    conditioners = config.get("conditioners") or {}
    return [str(name) for name, told in conditioners.items() if name != "args" and told.get("model") == STYLE_KIND]


def deaf_to_style(held: dict[str, Any], config: DictConfig) -> dict[str, Any]:
    """Takes what hears a style out of a checkpoint of a model that hears none here, and returns the checkpoint.

    The projection stays: `conditioners.NoStyle` has one.
    """
    from omegaconf import OmegaConf

    plain = OmegaConf.to_container(config)
    names = [name for name in style_names(config) if style_of(plain["conditioners"][name][STYLE_KIND], plain) is None]
    prefixes = tuple(f"condition_provider.conditioners.{name}." for name in names)
    state = held.get("best_state")
    if isinstance(state, dict) and isinstance(state.get("model"), dict):
        state = state["model"]
    if isinstance(state, dict):
        for name in [each for each in state if str(each).startswith(prefixes) and ".output_proj." not in str(each)]:
            del state[name]
    return held

"""Models that hear sound, in audiocraft's format: what hears is replaced, and `Melody` needs no separator of stems.

audiocraft's own conditioner would fetch a separator of stems before it is asked for anything; its weights in the file
but for the projection are constants of the chroma's filters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typebeat.engines.beat.style import STYLE_KIND, deaf_to_style, style_names, style_of, width_of

if TYPE_CHECKING:
    from audiocraft.models.lm import LMModel
    from omegaconf import DictConfig

MELODY_KIND = "chroma_stem"
_USUAL_RATE, _USUAL_EXPONENT, _USUAL_CLASSES = 32_000, 14, 12
_HOPS_A_WINDOW = 4
MOST_FRAMES = 10_000  # of chroma: 40 times as many as the models that are known have


def build_lm(config: DictConfig) -> LMModel:
    """As audiocraft's `get_lm_model`, with this project's conditioners in place of those that hear a melody or style.

    Only the conditioners hold numbers; the transformer is on torch's "meta" device until it gets its weights.
    """
    import torch
    from audiocraft.models.builders import get_conditioner_provider, get_lm_model
    from omegaconf import OmegaConf

    from typebeat.engines.beat.conditioners import Melody, NoMelody, NoStyle, Style

    plain = OmegaConf.to_container(config)
    melodies = {name: plain["conditioners"].pop(name)[MELODY_KIND] for name in melody_names(config)}
    styles = {name: plain["conditioners"].pop(name)[STYLE_KIND] for name in style_names(config)}
    with torch.device("meta"):
        lm = get_lm_model(OmegaConf.create({**plain, "conditioners": {}, "device": "meta"}))
    lm.condition_provider = get_conditioner_provider(lm.dim, OmegaConf.create(plain)).to(plain["device"])
    for name, told in melodies.items():
        frames = melody_frames(told, float(plain["dataset"]["segment_duration"]))
        classes = int(told.get("n_chroma", _USUAL_CLASSES))
        # of models that hear more than the strongest pitch class nobody has shown what they are told
        heard = told.get("argmax") and frames <= MOST_FRAMES
        melody = Melody(frames, lm.dim, chroma_of(told)) if heard else NoMelody(frames, lm.dim, classes)
        lm.condition_provider.conditioners[name] = melody.to(plain["device"])
    for name, told in styles.items():
        heard = style_of(told, plain)
        style = Style(lm.dim, heard) if heard else NoStyle(lm.dim, width_of(told))
        lm.condition_provider.conditioners[name] = style.to(plain["device"])
    return lm


def melody_names(config: DictConfig) -> list[str]:
    """Returns the names of the conditions that are melodies."""
    conditioners = config.get("conditioners") or {}
    return [str(name) for name, told in conditioners.items() if name != "args" and told.get("model") == MELODY_KIND]


def melody_frames(told: dict[str, Any], seconds: float) -> int:
    """Returns how many frames of chroma a clip of the longest length has."""
    window = 2 ** min(20, int(told.get("radix2_exp", _USUAL_EXPONENT)))
    hop = int(told.get("winhop") or window // _HOPS_A_WINDOW)
    return int(int(told.get("sample_rate", _USUAL_RATE)) * min(seconds, 600)) // hop + 1


def chroma_of(told: dict[str, Any]) -> dict[str, Any]:
    """Returns the options of audiocraft's `ChromaExtractor` that a configuration names."""
    window = {name: int(told[name]) for name in ("nfft", "winlen", "winhop") if told.get(name)}
    return {
        "sample_rate": int(told.get("sample_rate", _USUAL_RATE)),
        "n_chroma": int(told.get("n_chroma", _USUAL_CLASSES)),
        "radix2_exp": min(20, int(told.get("radix2_exp", _USUAL_EXPONENT))),
        **window,
    }


def without_strangers(held: dict[str, Any], config: DictConfig) -> dict[str, Any]:
    """Takes out of a checkpoint the constants of the chroma's filters, and what is not run; returns it."""
    deaf_to_style(held, config)
    state = held.get("best_state")
    if isinstance(state, dict) and isinstance(state.get("model"), dict):
        state = state["model"]
    prefixes = tuple(f"condition_provider.conditioners.{name}.chroma." for name in melody_names(config))
    if isinstance(state, dict):
        for name in [each for each in state if str(each).startswith(prefixes)]:
            del state[name]
    return held

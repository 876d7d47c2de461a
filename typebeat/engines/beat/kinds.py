"""Tells MusicGen from audiocraft's other models by `xp.cfg` alone, before anything is built of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from typebeat.engines import WeightsError
from typebeat.engines.beat.melody import MELODY_KIND
from typebeat.engines.beat.style import STYLE_KIND, style_of, width_of
from typebeat.engines.foreign import one_line, quoted

if TYPE_CHECKING:
    from omegaconf import DictConfig

ENGLISH_WORDS = "en_core_web_sm"  # the spaCy package that audiocraft would install by itself


def refuse_other_kinds(config: DictConfig, file: Path) -> None:
    """Raises WeightsError for models that need more than text, or make audiocraft fetch or install things."""
    from omegaconf import DictConfig

    if config.get("lm_model") != "transformer_lm":
        raise WeightsError(
            f"{file} is of the kind {quoted(config.get('lm_model'))}; a transformer_lm (MusicGen) is needed"
        )
    conditioners = config.get("conditioners") or {}
    if not isinstance(conditioners, DictConfig | dict):
        raise WeightsError(f"{file}: its xp.cfg has broken conditioners")
    for name, conditioner in conditioners.items():
        if name == "args":
            continue
        kind = conditioner.get("model") if isinstance(conditioner, DictConfig | dict) else None
        if kind == STYLE_KIND:
            _check_style(str(name), config, file)
        if kind in (MELODY_KIND, STYLE_KIND):
            continue
        if kind not in ("t5", "lut"):
            wanted = f"{quoted(str(kind))[1:-1]} audio beside the text ({quoted(str(name))[1:-1]})"
            raise WeightsError(f"{file} wants {wanted}: nothing here hears it; text-to-music and melody models play")
        options = conditioner.get(kind) or {}
        if (options.get("tokenizer") == "whitespace" or options.get("normalize_text")) and not _knows_english():
            raise WeightsError(f"{file} wants spaCy's {ENGLISH_WORDS}; python -m spacy download {ENGLISH_WORDS}")


def _check_style(name: str, config: DictConfig, file: Path) -> None:
    from omegaconf import OmegaConf

    plain: Any = OmegaConf.to_container(config)
    try:
        told = plain["conditioners"][name][STYLE_KIND]
        style_of(told, plain)
        width_of(told)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WeightsError(f"{file}: its xp.cfg has a broken style section ({one_line(error)})") from error


def _knows_english() -> bool:
    import spacy.util

    return spacy.util.is_package(ENGLISH_WORDS)

"""What a language model is told: its conditions as texts and as tensors, in serving and in training alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typebeat.engines import BeatConditions
from typebeat.engines.beat.roll import notes_text
from typebeat.request.concepts import CONCEPT_IDS
from typebeat.sound.audio import Audio

if TYPE_CHECKING:
    import torch
    from audiocraft.models.lm import LMModel

POSITION = "grid"  # the condition that says where in the song a window begins, and at which tempo
NOTES = "notes"  # the condition that tells given notes; the first versions of the starter have none
FACTS = (POSITION, "form")  # conditions that the row without wishes is told as well
LOOP, LOOP_BARS = "loop", 64.0  # the song form of a beat that is complete throughout
WINDOW_SECONDS = 40.0  # longer than any window: notes beyond it are not told


def concept_ids(lm: LMModel) -> tuple[str, ...]:
    """Returns the concepts that a model is told by their ids; none for a model that reads words."""
    conditioners = lm.condition_provider.conditioners
    vocabulary = getattr(conditioners["description"], "vocabulary", ()) if "description" in conditioners else ()
    return tuple(vocabulary) if any(name in CONCEPT_IDS for name in vocabulary if name.startswith("lead:")) else ()


def condition_texts(lm: LMModel, conditions: BeatConditions, start_seconds: float = 0.0) -> dict[str, str | None]:
    """Returns the text of each of the model's conditions, in serving and in training alike.

    A model may know some of: description, bpm, key and (the starter) grid, which says where in the song the window
    begins. Other conditions get no text.
    """
    names = lm.condition_provider.text_conditions
    texts: dict[str, str | None] = {
        "description": conditions.caption,
        "bpm": f"{conditions.bpm:g}",
        "key": conditions.key,
    }
    if POSITION in names:
        from typebeat.engines.beat.starter_conditions import form_text, grid_text

        texts[POSITION] = grid_text(conditions.bpm, start_seconds)
        texts["form"] = form_text(conditions.sections or ((LOOP, 0, LOOP_BARS),), conditions.bpm, start_seconds)
        texts[NOTES] = notes_text(conditions.given, start_seconds, WINDOW_SECONDS)
    if conditions.melody is not None:
        rest = _from(conditions.melody, start_seconds)
        texts |= {name: lm.condition_provider.conditioners[name].listen(rest) for name in hearing(lm, "melody")}
    if conditions.style is not None:
        told = {name: lm.condition_provider.conditioners[name] for name in hearing(lm, "style")}
        texts |= {name: conditioner.listen(conditions.style) for name, conditioner in told.items()}
    return {name: texts.get(name) for name in names}


def hearing(lm: LMModel, what: str) -> list[str]:
    """Returns the names of the conditions that hear a "melody" or a "style"."""
    conditioners = lm.condition_provider.conditioners.items()
    return [name for name, conditioner in conditioners if getattr(conditioner, "hears", "") == what]


def _from(melody: Audio, seconds: float) -> Audio:
    """What is left of a tune from a time on; its last moment where it is over."""
    start = min(round(seconds * melody.sample_rate), melody.length - 1)
    return Audio(melody.samples[:, start:], melody.sample_rate)


def condition_tensors(
    lm: LMModel, conditions: BeatConditions, start_seconds: float = 0.0
) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Returns the conditions in two rows: what is asked for, and nothing (for classifier-free guidance).

    The second row knows the position in the bar and the song form as well: they are facts and not wishes, and guidance
    away from a row without them would strengthen the rhythm instead of the words.
    """
    from audiocraft.modules.conditioners import ConditioningAttributes

    texts = condition_texts(lm, conditions, start_seconds)
    nothing = {name: text if name in FACTS else None for name, text in texts.items()}
    rows = [ConditioningAttributes(text=texts), ConditioningAttributes(text=nothing)]
    return lm.condition_provider(lm.condition_provider.tokenize(rows))

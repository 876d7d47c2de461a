"""What a recipe keeps of the sound that its beat is made around, so that parts are made anew beside that very sound.

The sound itself is in no recipe: whoever makes parts anew brings it again, and its hash tells that it is the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typebeat.parts.own import Reference
from typebeat.parts.own.refusals import wrong
from typebeat.request.options import RequestError, shown
from typebeat.request.reference import CONTINUE, OPTIONS, SAMPLE, ReferenceOptions

LOUDEST_GAIN = 1e6


@dataclass(frozen=True)
class KeptSample:
    """The sound of an earlier beat.

    Attributes:
        name: Of its file.
        sha256: The beginning of its content's hash.
        options: How it was used and corrected.
        gain: By which it was made louder beside the other parts.
    """

    name: str
    sha256: str
    options: ReferenceOptions
    gain: float


def kept_sample(recipe: Mapping[str, Any]) -> KeptSample | None:
    """Reads what a recipe says of the sound in its beat; None if it holds none.

    Raises:
        RequestError: of the field "of": it was made before sounds could be kept, or was edited.
    """
    told = recipe.get("reference")
    if not isinstance(told, Mapping) or told.get("use") not in (SAMPLE, CONTINUE):
        return None
    if "gain" not in told:
        raise RequestError("of", "that beat was made before parts beside a sample could be kept; make a new one")
    try:
        options = options_told(told)
        gain, name, content = float(told["gain"]), str(told["name"]), str(told["sha256"])
    except (RequestError, TypeError, ValueError, KeyError, OverflowError, AttributeError) as error:
        raise RequestError("of", "the recipe was edited: it does not say how its sample is used") from error
    if not (math.isfinite(gain) and 0 < gain <= LOUDEST_GAIN):
        raise RequestError("of", "the recipe was edited: its sample cannot be as loud as it says")
    return KeptSample(name, content, options, gain)


def options_told(told: Mapping[str, Any]) -> ReferenceOptions:
    """Returns how a reference was used, of what a recipe says of it; raises RequestError for what is not allowed."""
    options = {name: value for name, value in told["options"].items() if name in OPTIONS}
    return ReferenceOptions(**{**options, "use": told["use"]})


def check_kept(kept: KeptSample | None, reference: object) -> None:
    """Refuses a reference beside an earlier beat without one, and that beat without the sound that it is made around.

    Raises:
        RequestError: of the field "reference".
    """
    if kept is None and reference is not None:
        raise wrong("a beat is made around a reference or of an earlier beat, not of both: leave out reference or of")
    if kept is not None and reference is None:
        raise wrong(f"that beat is made around the sound {shown(kept.name)}: bring the same file as reference again")


def check_same(kept: KeptSample | None, reference: Reference | None) -> None:
    """Refuses another sound than the one that the earlier beat is made around."""
    check_kept(kept, reference)
    if kept and reference and reference.sha256 != kept.sha256:
        raise wrong(
            f"this is not the sound that the beat is made around, which was {shown(kept.name)}; bring that file"
        )

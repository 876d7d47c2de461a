"""The cover of a beat: a picture by a diffusion model that belongs to the beat, with its title set in type."""

from __future__ import annotations

from typebeat.engines import Engines, Progress, ShouldStop
from typebeat.parts import MadePart, PartMissing
from typebeat.request import BeatRequest


def make_cover(
    request: BeatRequest, engines: Engines, *, progress: Progress | None = None, should_stop: ShouldStop | None = None
) -> MadePart:
    """Draws the cover of a resolved request.

    Raises:
        PartMissing: there is no cover model, or it fails.
        Stopped: `should_stop` turned true.
    """
    if engines.cover is None:
        raise PartMissing("this version does not draw covers yet")
    raise PartMissing("this version does not draw covers yet")

"""Which family a picture model is of, and which one an adapter says that it was trained on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

SDXL, KLEIN = "SDXL", "Flux 2"
# how names of repositories and files, and trainers' metadata, spell a family; the first that is found counts
_SPELLINGS = tuple(
    (family, re.compile(pattern, re.IGNORECASE))
    for family, pattern in (
        (SDXL, r"sd[-_ ]?xl|stable[-_ ]?diffusion[-_ ]?xl|illustrious|noobai"),
        ("SD 3", r"stable[-_ ]?diffusion[-_ ]?3|\bsd[-_ ]?3"),
        ("SD 2", r"stable[-_ ]?diffusion[-_ ]?v?2|\bsd[-_ ]?v?2"),
        ("SD 1", r"stable[-_ ]?diffusion[-_ ]?v?1|\bsd[-_ ]?v?1"),
        (KLEIN, r"flux[-_. ]?2"),
        ("Flux 1", r"flux"),
        ("Z-Image", r"z[-_ ]?image"),
        ("Qwen-Image", r"qwen[-_ ]?image"),
        ("Wan", r"\bwan[-_ ]?[12]"),
    )
)
_CLASSES = {
    "StableDiffusionXLPipeline": SDXL,
    "StableDiffusion3Pipeline": "SD 3",
    "FluxPipeline": "Flux 1",
    "Flux2Pipeline": KLEIN,
    "Flux2KleinPipeline": KLEIN,
    "ZImagePipeline": "Z-Image",
    "QwenImagePipeline": "Qwen-Image",
}
_WIDTHS = {768: "SD 1", 1024: "SD 2"}
# where trainers write it: kohya's, and the Stability AI model specification
METADATA_KEYS = ("ss_base_model_version", "modelspec.architecture")


def family_of(pipe: DiffusionPipeline) -> str:
    """Returns a pipeline's family; empty for one that has no name here, such as the starter's."""
    kind = type(pipe).__name__
    if kind == "StableDiffusionPipeline":
        return _WIDTHS.get(pipe.unet.config.cross_attention_dim, "")
    return _CLASSES.get(kind, "")


def family_named(text: str) -> str:
    """Returns the family that a name or a trainer's word for it means; empty if it is none that is known."""
    return next((family for family, pattern in _SPELLINGS if pattern.search(text[:200])), "")


def family_told(metadata: Mapping[str, str]) -> tuple[str, str]:
    """Returns the family that an adapter's metadata names, with the metadata's own word; both empty for none."""
    for key in METADATA_KEYS:
        if key in metadata and (family := family_named(metadata[key])):
            return family, metadata[key]
    return "", ""

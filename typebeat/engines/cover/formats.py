"""Which format picture weights are in, told by the names of files and by small configurations alone.

Whatever can be refused on that ground is refused here, so that nobody fetches gigabytes to read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from typebeat.engines.cover.naming import ADAPTER_FILE, PEFT_FILE
from typebeat.engines.foreign import quoted
from typebeat.engines.locate import PIPELINE_FILE

# text-to-image pipelines of diffusers that a picture was drawn with here; others may draw as well
DRAWN = {
    "StableDiffusionPipeline": "Stable Diffusion",
    "StableDiffusionXLPipeline": "SDXL",
    "StableDiffusion3Pipeline": "Stable Diffusion 3",
    "FluxPipeline": "FLUX.1",
    "Flux2KleinPipeline": "FLUX.2 klein",
    "ZImagePipeline": "Z-Image",
}
LIBRARIES = ("diffusers", "transformers")  # a pipeline may name their classes and no others


@dataclass(frozen=True)
class PictureVerdict:
    """What picture weights are.

    Attributes:
        format: In a few words, with the class of a pipeline.
        draws: Whether this program can draw with them, as far as can be told before they are read.
        told: How they draw, or why they do not.
        files: What has to be fetched for it.
    """

    format: str
    draws: bool
    told: str
    files: tuple[str, ...] = ()


def judge_pictures(files: Mapping[str, int], read: Callable[[str], dict[str, Any]]) -> PictureVerdict | None:
    """Tells what a repository of pictures is; None for what holds none.

    Args:
        files: Path -> bytes of what is in it.
        read: Returns a small JSON file of it; raises WeightsError where that is broken.
    """
    if PIPELINE_FILE in files:
        return _pipeline(files, read(PIPELINE_FILE))
    styles = tuple(name for name in files if name.startswith("lora/") and name.endswith(".safetensors"))
    if styles:
        return PictureVerdict("LoRAs of styles", True, "draws on the base that they name, which is fetched too", styles)
    found = [name for name in files if "/" not in name and name.endswith(".safetensors")]
    usual = [name for name in found if name in (ADAPTER_FILE, PEFT_FILE)]
    if len(usual or found) == 1:
        told = "draws on its base, if it is a LoRA, or as it is, if it is an SDXL or SD 1.5; the file says so once read"
        return PictureVerdict("one file of pictures", True, told, tuple(usual or found))
    return None


def _pipeline(files: Mapping[str, int], index: Mapping[str, Any]) -> PictureVerdict:
    kind = index.get("_class_name")
    name = f"diffusers, {quoted(str(kind))[1:-1]}"
    parts = {part: told for part, told in index.items() if isinstance(told, list) and told[:1] != [None]}
    strangers = [part for part, told in parts.items() if told[:1] not in ([library] for library in LIBRARIES)]
    if strangers:
        told = f"it names code outside {' and '.join(LIBRARIES)} ({quoted(strangers[0])[1:-1]}), which is not run"
        return PictureVerdict(name, False, told)
    if not _is_text_to_image(kind):
        return PictureVerdict(name, False, "diffusers knows no pipeline of that name that draws what a text says")
    weights = [file for file in files if file.partition("/")[0] in parts and file.endswith(".safetensors")]
    if not weights:
        pickles = any(file.endswith((".bin", ".ckpt", ".pt")) for file in files)
        told = "its weights are pickles, which are refused" if pickles else "it has no weights"
        return PictureVerdict(name, False, f"{told}; wanted are *.safetensors")
    halves = [file for file in weights if file.endswith(".fp16.safetensors")]
    chosen = (
        halves if any(file.startswith("unet/") for file in halves) else [each for each in weights if each not in halves]
    )
    known = f"as {DRAWN[kind]}" if kind in DRAWN else "as its own class has it, which nobody tried here"
    return PictureVerdict(name, True, f"draws covers, {known}; name it in TYPEBEAT_COVER", tuple(chosen))


def _is_text_to_image(kind: object) -> bool:
    if kind in DRAWN:
        return True
    from diffusers.pipelines.auto_pipeline import AUTO_TEXT2IMAGE_PIPELINES_MAPPING

    return any(each.__name__ == kind for each in AUTO_TEXT2IMAGE_PIPELINES_MAPPING.values())

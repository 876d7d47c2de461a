"""How each kind of pipeline is run: steps, guidance, noise schedule, arguments; told by its class and configuration."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typebeat.covers.vocabulary import VERSION_1, VERSION_2, Vocabulary

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

# what a picture must not show; told only where guidance pulls away from it, and to text encoders whose vocabulary is
# large enough to hold these words
NOT_WANTED = "text, letters, words, watermark, signature, logo, portrait, face, blurry, low quality"
LARGE_VOCABULARY = 10_000
UNETS = ("StableDiffusionPipeline", "StableDiffusionXLPipeline")
TURBO_SHIFT = 3.0  # of Z-Image-Turbo's schedule; the undistilled Z-Image has 6

_DISTILLED = re.compile(r"turbo|schnell|lightning|distill", re.IGNORECASE)


@dataclass(frozen=True)
class Plan:
    """How a pipeline is run.

    Attributes:
        steps: Denoising steps for each picture.
        guidance: Scale of guidance as the pipeline counts it; 0 or 1 is none.
        side: Width and height in pixels; 0 for what the pipeline draws by itself.
        drafts: Pictures drawn for each cover, of which the best is kept.
        vocabulary: What the pipeline was taught to draw.
    """

    steps: int
    guidance: float
    side: int = 0
    drafts: int = 1
    vocabulary: Vocabulary = VERSION_1


SMALL_PLAN = Plan(steps=20, guidance=3.0)  # the starter's version 1 and its like
FLOW_PLAN = Plan(steps=16, guidance=3.0, drafts=3, vocabulary=VERSION_2)  # the starter's version 2
FLOW = "flow_prediction"
LARGE_PLAN = Plan(steps=25, guidance=6.0)  # Stable Diffusion with DPM++
SPEED_PLAN = Plan(steps=6, guidance=1.5)  # with a consistency adapter or model, and LCM
TURBO_PLAN = Plan(steps=4, guidance=0.0)  # SDXL-Turbo and SD-Turbo
SD3_PLAN, SD3_TURBO_PLAN = Plan(28, 4.5), Plan(4, 0.0)
FLUX_PLAN, SCHNELL_PLAN = Plan(28, 3.5), Plan(4, 0.0)
KLEIN_PLAN, KLEIN_BASE_PLAN = Plan(4, 1.0), Plan(50, 4.0)
Z_PLAN, Z_TURBO_PLAN = Plan(28, 4.0), Plan(9, 0.0)  # nine counted are eight made


def plan_of(pipe: DiffusionPipeline, name: str, with_speed: bool) -> Plan:
    """Returns how a pipeline is run, and gives UNets the noise schedule that suits them; others keep their own.

    Args:
        pipe: With its adapters.
        name: The weights' name; Stable Diffusion 3.5 Turbo differs from its base in nothing else.
        with_speed: Whether an adapter is loaded with which few steps are enough.
    """
    from diffusers import LCMScheduler

    kind, config = type(pipe).__name__, pipe.scheduler.config
    if kind in UNETS:
        return _unet_plan(pipe, with_speed)
    if isinstance(pipe.scheduler, LCMScheduler):
        return Plan(4, _own_default(pipe, "guidance_scale", 1.0))
    if kind == "StableDiffusion3Pipeline":
        return SD3_TURBO_PLAN if _DISTILLED.search(name) else SD3_PLAN
    if kind == "FluxPipeline":
        return FLUX_PLAN if pipe.transformer.config.guidance_embeds else SCHNELL_PLAN
    if kind == "Flux2KleinPipeline":
        return KLEIN_PLAN if pipe.config.is_distilled else KLEIN_BASE_PLAN
    if kind == "ZImagePipeline":
        return Z_TURBO_PLAN if config.get("shift") == TURBO_SHIFT else Z_PLAN
    return Plan(int(_own_default(pipe, "num_inference_steps", 28)), _own_default(pipe, "guidance_scale", 1.0))


def taken_by(pipe: DiffusionPipeline) -> frozenset[str]:
    """Returns the names of the arguments that a pipeline takes."""
    return frozenset(inspect.signature(type(pipe).__call__).parameters)


def arguments(pipe: DiffusionPipeline, plan: Plan, prompt: str, takes: Collection[str]) -> dict[str, Any]:
    """Returns the arguments of a call, each by its name and none that the pipeline does not take."""
    told: dict[str, Any] = {"prompt": prompt, "num_inference_steps": plan.steps, "guidance_scale": plan.guidance}
    if plan.guidance > 1 and is_well_read(pipe):
        told["negative_prompt"] = NOT_WANTED
    elif plan.guidance > 1 and type(pipe).__name__ in UNETS:
        told["negative_prompt"] = ""
    if plan.side:
        told |= {"height": plan.side, "width": plan.side}
    if type(pipe).__name__ == "FluxPipeline":
        told.pop("negative_prompt", None)  # its guidance is an input of the network, and pulls away from nothing
        if not pipe.transformer.config.guidance_embeds:
            told["max_sequence_length"] = 256  # schnell was distilled with so many tokens
    return {name: value for name, value in told.items() if name in takes}


def is_well_read(pipe: DiffusionPipeline) -> bool:
    """Whether a pipeline's text encoder knows common words."""
    return len(pipe.tokenizer) >= LARGE_VOCABULARY


def _unet_plan(pipe: DiffusionPipeline, with_speed: bool) -> Plan:
    """Gives a UNet LCM if it is made for few steps by it, its own schedule if it is distilled otherwise, else DPM++."""
    from diffusers import DPMSolverMultistepScheduler, LCMScheduler

    if with_speed or isinstance(pipe.scheduler, LCMScheduler):
        pipe.scheduler = LCMScheduler.from_config(pipe.scheduler.config)
        return SPEED_PLAN
    if is_turbo(pipe):
        return TURBO_PLAN
    if pipe.scheduler.config.get("prediction_type") == FLOW:
        return LARGE_PLAN if is_well_read(pipe) else FLOW_PLAN
    if not isinstance(pipe.scheduler, DPMSolverMultistepScheduler):
        config = pipe.scheduler.config
        # in few steps Karras' noise levels are better, unless the first must be pure noise
        karras = not config.get("rescale_betas_zero_snr", False)
        pipe.scheduler = DPMSolverMultistepScheduler.from_config(config, use_karras_sigmas=karras)
    return LARGE_PLAN if is_well_read(pipe) else SMALL_PLAN


def is_turbo(pipe: DiffusionPipeline) -> bool:
    """Whether a UNet is distilled as SDXL-Turbo is: Euler's steps count from the end, though its SNR ends above 0."""
    from diffusers import EulerAncestralDiscreteScheduler, EulerDiscreteScheduler

    config = pipe.scheduler.config
    return (
        isinstance(pipe.scheduler, (EulerDiscreteScheduler, EulerAncestralDiscreteScheduler))
        and config.get("timestep_spacing") == "trailing"
        and config.get("prediction_type", "epsilon") == "epsilon"
        and not config.get("rescale_betas_zero_snr", False)
    )


def is_distilled(pipe: DiffusionPipeline, name: str) -> bool:
    """Whether a pipeline is made for few steps, which training on it would undo."""
    from diffusers import LCMScheduler

    if isinstance(pipe.scheduler, LCMScheduler) or type(pipe).__name__ in UNETS:
        return isinstance(pipe.scheduler, LCMScheduler) or is_turbo(pipe)
    return plan_of(pipe, name, with_speed=False) in (SD3_TURBO_PLAN, SCHNELL_PLAN, KLEIN_PLAN, Z_TURBO_PLAN)


def _own_default(pipe: DiffusionPipeline, name: str, usual: float) -> float:
    parameter = inspect.signature(type(pipe).__call__).parameters.get(name)
    return float(parameter.default) if parameter and isinstance(parameter.default, (int, float)) else usual

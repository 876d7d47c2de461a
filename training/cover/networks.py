"""The network of a pipeline that an adapter is trained in, and what suits a kind of base."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.runs.errors import TrainingError

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
ALL_LAYERS = (*ATTENTION, "ff.net.0.proj", "ff.net.2", "proj_in", "proj_out", "conv1", "conv2", "time_emb_proj")
# of FLUX.2: attention to picture and text in its double blocks, and what its single blocks have in place of it
FLUX2_LAYERS = (
    *ATTENTION,
    *("add_q_proj", "add_k_proj", "add_v_proj", "to_add_out"),
    "attn.to_qkv_mlp_proj",
)
UNET, TRANSFORMER = "unet", "transformer"


@dataclass(frozen=True)
class BaseKind:
    """Defaults for a kind of base model: rank, adapted layers and picture size."""

    name: str
    rank: int
    targets: tuple[str, ...]
    side: int  # pixels


SD15 = BaseKind("SD 1.5", 16, ATTENTION, 512)
SDXL = BaseKind("SDXL", 16, ATTENTION, 1024)
SMALL = BaseKind("starter", 16, ALL_LAYERS, 256)
KLEIN = BaseKind("FLUX.2 klein", 16, FLUX2_LAYERS, 1024)
TRAINED = "Stable Diffusion 1.5, SDXL, FLUX.2 klein and the starter"


def part_of(pipe: DiffusionPipeline) -> str:
    """Returns what a pipeline calls its network. Raises TrainingError for a kind that cannot be trained here."""
    if type(pipe).__name__ == "Flux2KleinPipeline":
        return TRANSFORMER
    if getattr(pipe, UNET, None) is None:
        raise TrainingError(f"a {type(pipe).__name__} cannot be trained here; known are {TRAINED}")
    return UNET


def network_of(pipe: DiffusionPipeline) -> Any:
    """Returns the network that an adapter is trained in; raises TrainingError as `part_of`."""
    return getattr(pipe, part_of(pipe))


def kind_of_base(network: Any) -> BaseKind:
    """Returns the kind of base that a network belongs to, by its configuration."""
    if "timestep_guidance_channels" in network.config:
        return KLEIN
    if network.config.addition_embed_type == "text_time":
        return SDXL
    return SD15 if network.config.cross_attention_dim in (768, 1024) else SMALL

"""Picture models and their adapters in each format that people have, of random weights, and what each must draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.format_folders import Format
from benchmarks.one_file_pictures import as_one_file
from benchmarks.tiny_pictures import SIDE, as_kohya, lora_state, save_picture_model, write_adapter

PROMPT, STEPS = "album cover art, a full moon, black and red palette", 2
ATTENTION = ("attn.to_q", "attn.to_v", "attention.to_q", "attention.to_v", "attn1.to_q", "attn2.to_v")
ADAPTER = "adapter"  # folder of the adapter, beside the model's
ONE_FILE_BASE = "base"  # folder of the pipeline whose small files a model in one file takes
GUIDANCE = {"klein": 1.0, "klein-base": 4.0, "z-image": 4.0, "z-image-turbo": 0.0, "sd3": 4.5, "flux": 0.0, "sdxl": 3.0,
            "sdxl-turbo": 0.0, "sd": 3.0}  # fmt: skip
Deltas = Mapping[str, Tensor]


def by_diffusers(folder: Path, kind: str, deltas: Deltas | None = None) -> Any:
    """Returns what diffusers alone draws, with numbers added to the weights of its network by hand."""
    from diffusers import AutoPipelineForText2Image, DPMSolverMultistepScheduler

    pipe = AutoPipelineForText2Image.from_pretrained(folder)
    pipe.set_progress_bar_config(disable=True)
    if kind in ("sd", "sdxl"):
        pipe.scheduler = DPMSolverMultistepScheduler.from_config(pipe.scheduler.config, use_karras_sigmas=True)
    network = network_of(pipe)
    with torch.no_grad():
        for path, delta in (deltas or {}).items():
            network.get_submodule(path).weight += delta
    call: dict[str, Any] = {"num_inference_steps": STEPS, "guidance_scale": GUIDANCE[kind]}
    call |= (
        {"max_sequence_length": 256} if kind == "flux" else {"negative_prompt": ""} if kind in ("sd", "sdxl") else {}
    )
    noise = torch.Generator().manual_seed(1)
    with torch.inference_mode():
        made = pipe(prompt=PROMPT, height=SIDE, width=SIDE, generator=noise, output_type="np", **call)
    return np.round(made.images[0] * 255).astype(np.uint8)


def network_of(pipe: Any) -> Any:
    """Returns a pipeline's UNet or transformer."""
    return pipe.unet if hasattr(pipe, "unet") else pipe.transformer


def model(kind: str) -> Callable[[Path], Any]:
    """A pipeline in diffusers' layout."""
    return lambda folder: by_diffusers(save_picture_model(folder, kind), kind)


def one_file(folder: Path) -> Any:
    """Stable Diffusion 1.5 in its makers' one file; the small files of its base lie where the Hub's cache would be."""
    base = save_picture_model(folder.parent / ONE_FILE_BASE, "sd")
    as_one_file(base, folder / "dreamy_v8.safetensors")
    return by_diffusers(base, "sd")


def adapted(
    kind: str,
    make: Callable[[Any], tuple[Mapping[str, Tensor], Deltas]],
    name: str,
    refused: bool = False,
    **metadata: str,
) -> Callable[[Path], Any]:
    """A pipeline with an adapter beside it; `make` returns the adapter's tensors and what they add."""

    def write(folder: Path) -> Any:
        from diffusers import DiffusionPipeline

        save_picture_model(folder, kind)
        state, deltas = make(network_of(DiffusionPipeline.from_pretrained(folder)))
        write_adapter(folder.parent / ADAPTER, state, name, **metadata)
        return None if refused else by_diffusers(folder, kind, deltas)

    return write


def lora(spelling: Callable[[dict[str, Tensor]], Mapping[str, Tensor]], scale: float = 1.0) -> Any:
    """A LoRA in some spelling."""

    def make(network: Any) -> tuple[Mapping[str, Tensor], Deltas]:
        state = lora_state(network, ATTENTION, 2.0)
        paths = {name.rpartition(".lora_")[0] for name in state}
        return spelling(state), {
            path: scale * state[f"{path}.lora_B.weight"] @ state[f"{path}.lora_A.weight"] for path in paths
        }

    return make


def dora(network: Any) -> tuple[Mapping[str, Tensor], Deltas]:
    """kohya's DoRA."""
    state, deltas = lora(lambda state: as_kohya(state, "lora_unet_", 1.0), 0.5)(network)
    scales, made = {}, {}
    for path, delta in deltas.items():
        weight = network.get_submodule(path).weight.detach()
        scale = torch.linspace(0.5, 1.5, len(weight))[:, None]
        scales[f"lora_unet_{path.replace('.', '_')}.dora_scale"] = scale
        made[path] = scale * (weight + delta) / (weight + delta).norm(dim=1, keepdim=True) - weight
    return {**state, **scales}, made


def loha(network: Any) -> tuple[Mapping[str, Tensor], Deltas]:
    """LyCORIS' LoHa."""
    noise, state, deltas = torch.Generator().manual_seed(4), {}, {}
    for path, layer in network.named_modules():
        if path.endswith(("attn1.to_q", "attn2.to_v")):
            rows, columns = layer.weight.shape
            a, b, c, d = (
                torch.randn(shape, generator=noise) for shape in ((rows, 2), (2, columns), (rows, 2), (2, columns))
            )
            named = zip(("w1_a", "w1_b", "w2_a", "w2_b"), (a, b, c, d), strict=True)
            state |= {f"lora_unet_{path.replace('.', '_')}.hada_{name}": tensor for name, tensor in named}
            deltas[path] = (a @ b) * (c @ d)
    return state, deltas


def lokr(network: Any) -> tuple[Mapping[str, Tensor], Deltas]:
    """LyCORIS' LoKr, both factors whole."""
    noise, state, deltas = torch.Generator().manual_seed(5), {}, {}
    for path, layer in network.named_modules():
        if path.endswith(("attn1.to_q", "attn2.to_v")):
            rows, columns = layer.weight.shape
            one = torch.randn(4, 4, generator=noise) / 4
            other = torch.randn(rows // 4, columns // 4, generator=noise) / 4
            stem = f"lora_unet_{path.replace('.', '_')}"
            state |= {f"{stem}.lokr_w1": one, f"{stem}.lokr_w2": other}
            deltas[path] = torch.kron(one, other)
    return state, deltas


def peft_dora(network: Any) -> tuple[Mapping[str, Tensor], Deltas]:
    """PEFT's DoRA, as diffusers spells it."""
    state, deltas = lora(diffusers_unet)(network)
    scales, made = {}, {}
    for path, delta in deltas.items():
        weight = network.get_submodule(path).weight.detach()
        scale = torch.linspace(0.5, 1.5, len(weight))
        scales[f"unet.{path}.lora_magnitude_vector"] = scale
        made[path] = scale[:, None] * (weight + delta) / (weight + delta).norm(dim=1, keepdim=True) - weight
    return {**state, **scales}, made


def locon(network: Any) -> tuple[Mapping[str, Tensor], Deltas]:
    """LyCORIS' LoCon: LoRA over convolutions too."""
    noise = torch.Generator().manual_seed(6)
    state, deltas = lora(kohya, 0.5)(network)
    made = dict(state)
    for path, layer in network.named_modules():
        if isinstance(layer, torch.nn.Conv2d) and path.endswith("resnets.0.conv1"):
            rows, columns, *size = layer.weight.shape
            down = torch.randn(2, columns, *size, generator=noise) / 4
            up = torch.randn(rows, 2, 1, 1, generator=noise) / 4
            stem = f"lora_unet_{path.replace('.', '_')}"
            made |= {f"{stem}.lora_down.weight": down, f"{stem}.lora_up.weight": up, f"{stem}.alpha": torch.tensor(2.0)}
            deltas = {**deltas, path: torch.einsum("or,rcij->ocij", up[:, :, 0, 0], down)}
    return made, deltas


def wide(network: Any) -> tuple[Mapping[str, Tensor], Deltas]:
    """A LoRA of a network twice as wide."""
    state, deltas = lora(diffusers_unet)(network)
    return {name: torch.cat([tensor, tensor], -1) for name, tensor in state.items()}, deltas


def of_text(network: Any) -> tuple[Mapping[str, Tensor], Deltas]:
    """kohya's LoRA of the text encoder alone, which is larger than the pipeline's."""
    layers = [f"lora_te1_text_model_encoder_layers_{number}_self_attn_out_proj" for number in (10, 11)]
    halves = {"lora_down.weight": torch.ones(2, 768), "lora_up.weight": torch.ones(768, 2)}
    return {f"{layer}.{half}": tensor for layer in layers for half, tensor in halves.items()}, {}


def nothing(network: Any) -> tuple[Mapping[str, Tensor], Deltas]:
    """An adapter without a tensor."""
    return {}, {}


def half(network: Any) -> tuple[Mapping[str, Tensor], Deltas]:
    """A LoRA half of whose layers another UNet has."""
    state, deltas = lora(diffusers_unet)(network)
    names = list(state)
    return {
        name.replace("blocks.", "blocks.7", 1) if name in names[: len(names) // 2] else name: tensor
        for name, tensor in state.items()
    }, deltas


def diffusers_unet(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Spells a LoRA of a UNet as diffusers does."""
    return {f"unet.{name}": tensor for name, tensor in state.items()}


def diffusers_transformer(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Spells a LoRA of a transformer as diffusers does."""
    return {f"transformer.{name}": tensor for name, tensor in state.items()}


def peft(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Spells a LoRA as PEFT does."""
    return {f"base_model.model.{name}": tensor for name, tensor in state.items()}


def ai_toolkit(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Spells a LoRA as ai-toolkit does."""
    return {f"diffusion_model.{name}": tensor for name, tensor in state.items()}


def kohya(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Spells a LoRA as kohya's trainers do."""
    return as_kohya(state, "lora_unet_", 1.0)


USUAL, OWN = "pytorch_lora_weights.safetensors", "Night City v3.safetensors"
PICTURES = (
    Format("FLUX.2 klein", model("klein"), picture=True),
    Format("FLUX.2 klein base", model("klein-base"), picture=True),
    Format("Z-Image-Turbo", model("z-image-turbo"), picture=True),
    Format("Z-Image", model("z-image"), picture=True),
    Format("SD 3.5", model("sd3"), picture=True),
    Format("FLUX.1 schnell", model("flux"), picture=True),
    Format("SDXL", model("sdxl"), picture=True),
    Format("SDXL-Turbo", model("sdxl-turbo"), picture=True),
    Format("FLUX.2 klein, LoRA of diffusers", adapted("klein", lora(diffusers_transformer), USUAL), picture=True),
    Format("FLUX.1, LoRA of PEFT", adapted("flux", lora(peft), OWN), picture=True),
    Format("Z-Image-Turbo, LoRA of ai-toolkit", adapted("z-image-turbo", lora(ai_toolkit), OWN), picture=True),
    Format("SDXL, LoRA of kohya under its own name", adapted("sdxl", lora(kohya, 0.5), OWN), picture=True),
    Format("SDXL, DoRA of kohya", adapted("sdxl", dora, OWN), picture=True),
    Format("SDXL, LoHa", adapted("sdxl", loha, OWN), picture=True),
    Format("SDXL, LoKr", adapted("sdxl", lokr, OWN), picture=True),
    Format("SDXL, LoRA of diffusers", adapted("sdxl", lora(diffusers_unet), USUAL), picture=True),
    Format("SDXL, LoCon", adapted("sdxl", locon, OWN), picture=True),
    Format("SDXL, DoRA of PEFT", adapted("sdxl", peft_dora, USUAL), picture=True),
    Format("Stable Diffusion 1.5", model("sd"), picture=True),
    Format("Stable Diffusion 1.5, LoRA of kohya", adapted("sd", lora(kohya, 0.5), OWN), picture=True),
    Format("Stable Diffusion 1.5 in one file", one_file, picture=True),
    Format("SDXL, LoRA that says SD 1.5", adapted(
        "sdxl", lora(kohya), OWN, True, ss_base_model_version="sd_v1"), "an adapter for SD 1", picture=True),
    Format("SDXL, LoRA of another width", adapted("sdxl", wide, USUAL, True), "have other shapes", picture=True),
    Format("SDXL, LoRA of another text encoder", adapted(
        "sdxl", of_text, OWN, True), "of a text encoder with other layers", picture=True),
    Format("SDXL, LoRA without a tensor", adapted("sdxl", nothing, USUAL, True), "changes nothing", picture=True),
    Format("SDXL, half of a LoRA for another UNet", adapted("sdxl", half, USUAL, True), "have no place", picture=True),
    Format("SDXL, LoRA for FLUX.1", adapted(
        "sdxl", lora(diffusers_transformer), USUAL, True), "have no place", picture=True),
)  # fmt: skip

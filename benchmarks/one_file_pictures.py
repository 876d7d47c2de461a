"""A Stable Diffusion in its makers' layout: one file, in their names, made of a pipeline of diffusers."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file


def as_one_file(folder: Path, file: Path) -> Path:
    """Writes a saved Stable Diffusion as its makers do: one file, in their names."""
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(folder)
    depth = len(pipe.unet.config.block_out_channels)
    state = {
        f"model.diffusion_model.{_unet_name(name, depth, pipe.unet.config.layers_per_block)}": tensor
        for name, tensor in pipe.unet.state_dict().items()
    }
    levels = len(pipe.vae.config.block_out_channels)
    for name, tensor in pipe.vae.state_dict().items():
        is_projection = ".attentions." in name and tensor.dim() == 2
        state[f"first_stage_model.{_vae_name(name, levels)}"] = tensor[:, :, None, None] if is_projection else tensor
    for name, tensor in pipe.text_encoder.state_dict().items():
        state[f"cond_stage_model.transformer.text_model.{name.removeprefix('text_model.')}"] = tensor
    file.parent.mkdir(parents=True)
    save_file({name: tensor.clone(memory_format=torch.contiguous_format) for name, tensor in state.items()}, file)
    return file


_RESNET = {
    **{"norm1": "in_layers.0", "conv1": "in_layers.2", "norm2": "out_layers.0", "conv2": "out_layers.3"},
    **{"time_emb_proj": "emb_layers.1", "conv_shortcut": "skip_connection"},
}
_ENDS = {
    **{"conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2"},
    **{"time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2"},
}


def _unet_name(name: str, depth: int, layers: int) -> str:
    path, _, kind = name.rpartition(".")
    if path in _ENDS:
        return f"{_ENDS[path]}.{kind}"
    side, *rest = name.split(".")
    if side == "mid_block":
        part, number, *inside = rest
        place = f"middle_block.{2 * int(number) if part == 'resnets' else 1}"
        return f"{place}.{_inside(part, inside)}"
    block, part, number, *inside = rest
    if side == "down_blocks":
        first = int(block) * (layers + 1) + 1
        if part == "downsamplers":
            return f"input_blocks.{first + layers}.0.op.{kind}"
        return f"input_blocks.{first + int(number)}.{int(part == 'attentions')}.{_inside(part, inside)}"
    first = int(block) * (layers + 1)
    if part == "upsamplers":
        return f"output_blocks.{first + layers}.{1 + int(block == '0')}.conv.{kind}"
    return f"output_blocks.{first + int(number)}.{int(part == 'attentions')}.{_inside(part, inside)}"


def _inside(part: str, inside: list[str]) -> str:
    return ".".join([_RESNET[inside[0]], *inside[1:]] if part == "resnets" else inside)


def _vae_name(name: str, levels: int) -> str:
    if name.startswith(("quant", "post_quant")):
        return name
    side, *rest = name.split(".")
    kind = rest[-1]
    if rest[0] == "conv_norm_out":
        return f"{side}.norm_out.{kind}"
    if rest[0] == "mid_block":
        if rest[1] == "resnets":
            return f"{side}.mid.block_{int(rest[2]) + 1}.{'.'.join(rest[3:])}".replace("conv_shortcut", "nin_shortcut")
        named = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out": "proj_out"}
        return f"{side}.mid.attn_1.{named[rest[3]]}.{kind}"
    if rest[0] in ("down_blocks", "up_blocks"):
        down, level = rest[0] == "down_blocks", int(rest[1])
        place = f"{side}.{'down' if down else 'up'}.{level if down else levels - 1 - level}"
        if rest[2] == "resnets":
            return f"{place}.block.{'.'.join(rest[3:])}".replace("conv_shortcut", "nin_shortcut")
        return f"{place}.{'downsample' if down else 'upsample'}.conv.{kind}"
    return name

"""Sizes that a pipeline's configurations ask for, compared with its files before anything of that size is made.

Each network is built once without memory (on torch's "meta" device). What would make loops long is bounded by the
number of tensors first.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import torch

from typebeat.engines import WeightsError
from typebeat.engines.foreign import TensorPlace, one_line, quoted, read_header, read_json
from typebeat.engines.locate import PIPELINE_FILE

FEWEST = 256  # counts up to this are harmless, whatever the files hold
LARGEST_SETTING = 1 << 17  # of a noise schedule or an axis of positions, which are tables of so many numbers
SLACK = 1 << 22  # tables of positions and the like, which are computed and in no file
USUAL_TOKENS = 77  # of a CLIP; encoders with more positions may be meant to be used with so many
COUNTS = ("layers", "blocks", "depth", "heads", "experts", "extra_ids")  # in the name of what loops count up to
AXES, SCHEDULE = "axes", "scheduler_config.json"
OLD_ATTENTION = ".proj_attn."  # how Stable Diffusion's first files spell what has other names today


def check_sizes(folder: Path) -> None:
    """Checks each part of a pipeline in diffusers' layout.

    Raises:
        WeightsError: one asks for more than its files hold, or for what they lack, or cannot be built.
    """
    index = read_json(folder / PIPELINE_FILE)
    for name, told in index.items():
        if not isinstance(told, list) or told[:1] == [None]:
            continue
        part = folder / name
        header = _tensors_of(part)
        for file in sorted(part.glob("*config*.json")):
            config = read_json(file)
            _refuse_counts(config, max(FEWEST, len(header)), file)
            if header and file.name == "config.json":
                _compare(told, config, header, file)


def networks_of(folder: Path) -> dict[str, Any]:
    """Returns the networks that a pipeline's configurations describe, by their parts' names, without numbers.

    Raises:
        WeightsError: a configuration is broken, or asks for very many times a part. Others: it cannot be built.
    """
    networks = {}
    for name, told in read_json(folder / PIPELINE_FILE).items():
        file = folder / name / "config.json"
        if not isinstance(told, list) or not re.fullmatch(r"\w[\w.-]*", name) or not file.is_file():
            continue
        config = read_json(file)
        _refuse_counts(config, FEWEST, file)
        with torch.device("meta"):
            networks[name] = _build(told, config)
    return {name: network for name, network in networks.items() if network is not None}


def bound_texts(pipe: Any) -> None:
    """Lets tokenizers pad to as many tokens as their text encoder has positions for, not more.

    A smaller number in a tokenizer's settings would cut prompts without a word, so it counts from `USUAL_TOKENS` on.
    """
    for name in [name for name in pipe.components if name.startswith("tokenizer")]:
        tokenizer, encoder = pipe.components[name], pipe.components.get(name.replace("tokenizer", "text_encoder"))
        positions = getattr(getattr(encoder, "config", None), "max_position_embeddings", None)
        if isinstance(positions, int) and tokenizer is not None:
            asked = tokenizer.model_max_length
            is_usual = type(asked) is int and USUAL_TOKENS <= asked < positions
            tokenizer.model_max_length = asked if is_usual else positions


def _tensors_of(part: Path) -> dict[str, TensorPlace]:
    """Returns what a part's files hold; of files in half and in full precision, those in half."""
    files = sorted(part.glob("*.fp16*.safetensors")) or sorted(part.glob("*.safetensors"))
    return {name: place for file in files for name, place in read_header(file).items()}


def _refuse_counts(node: Any, most: int, file: Path, name: str = "") -> None:
    if isinstance(node, (dict, list)):
        for key, held in node.items() if isinstance(node, dict) else ((name, each) for each in node):
            _refuse_counts(held, most, file, str(key))
    elif type(node) in (int, float):
        is_count, is_table = any(count in name for count in COUNTS), AXES in name or file.name == SCHEDULE
        if (is_count and not node <= most) or (is_table and not node <= LARGEST_SETTING):
            raise WeightsError(f"refused: {file} asks for {quoted(node)} {quoted(name)[1:-1]}; its files hold no such")


def _compare(told: list[Any], config: dict[str, Any], header: dict[str, TensorPlace], file: Path) -> None:
    """Compares a network that is built without memory with the tensors of its files."""
    try:
        with torch.random.fork_rng(devices=[]), torch.device("meta"):
            network = _build(told, config)
    except Exception as error:  # a configuration can be wrong in any way
        raise WeightsError(f"{file} describes no network that can be built ({one_line(error)})") from error
    if network is None:
        return
    held = sum(math.prod(place.shape) for place in header.values())
    asked = sum(tensor.numel() for tensor in (*network.parameters(), *network.buffers()))
    wanted = {name for name, _ in network.named_parameters()}
    lacking = sorted(wanted - set(header))
    if asked > held + SLACK:
        raise WeightsError(f"refused: {file} asks for {asked:,} numbers, its files hold {held:,}")
    if told[0] == "diffusers" and lacking and not any(OLD_ATTENTION in name for name in header):
        of = f"{len(lacking)} of {len(wanted)} tensors, such as {quoted(lacking[0])[1:-1]}"
        raise WeightsError(f"refused: {file.parent} lacks {of}")
    if told[0] == "diffusers" and not any(OLD_ATTENTION in name for name in header):
        _refuse_strangers(network, header, file.parent)
    numbers = sum(parameter.numel() for parameter in network.parameters())
    if numbers > held:
        raise WeightsError(f"refused: {file.parent} lacks {numbers - held:,} of the {numbers:,} numbers of its network")


def _refuse_strangers(network: Any, header: dict[str, TensorPlace], part: Path) -> None:
    """Raises WeightsError for tensors that a network has no place for: what they would change would be lost."""
    ignored = getattr(network, "_keys_to_ignore_on_load_unexpected", None) or ()
    known = network.state_dict()
    strangers = [name for name in header if name not in known and not any(re.search(each, name) for each in ignored)]
    if strangers:
        told = f"{len(strangers)} of its {len(header)} tensors have no place, such as {quoted(strangers[0])}"
        raise WeightsError(f"refused: {part}: {told}; an adapter has to be merged, or kept in a folder of its own")


def _build(told: list[Any], config: dict[str, Any]) -> Any:
    """Returns a part's network; None where neither library has a network of that name, which loading then tells."""
    import diffusers
    import transformers

    kind = getattr({"diffusers": diffusers, "transformers": transformers}[told[0]], str(told[1]), None)
    if not isinstance(kind, type) or not issubclass(kind, torch.nn.Module):
        return None
    if told[0] == "diffusers":
        return kind.from_config(config)  # type: ignore[attr-defined]
    network = kind(kind.config_class.from_dict(config))  # type: ignore[attr-defined]
    network.tie_weights()
    return network

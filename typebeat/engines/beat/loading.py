"""Loads a folder's language model and codec, in audiocraft's format, transformers' or the starter's.

audiocraft's builders make its models. What they would fetch or install (separators of stems, spaCy's words) is left out
or refused before they see it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from typebeat.engines import Weights, WeightsError
from typebeat.engines.beat.adapters import AdapterSlot, find_base, read_adapter
from typebeat.engines.beat.formats import (
    CODEC_FILE,
    LM_FILE,
    STARTER_FORMAT,
    STEM_CODEC_FILES,
    is_adapter,
    is_of_stems,
    is_transformers,
    judge,
    missing_stem_codec,
    model_and_adapter,
    read_small,
)
from typebeat.engines.beat.hub_parts import with_parts_of_the_hub
from typebeat.engines.beat.kinds import refuse_other_kinds
from typebeat.engines.beat.melody import build_lm, without_strangers
from typebeat.engines.beat.shapes import check_config, shapes_of
from typebeat.engines.beat.transformers_format import load_transformers
from typebeat.engines.checkpoints import read_checkpoint, read_config, refuse_empty_claims
from typebeat.engines.foreign import one_line, quoted, read_header, read_json, weight_map
from typebeat.engines.quiet import import_audiocraft
from typebeat.engines.weights import BEAT_CODEC

if TYPE_CHECKING:
    from audiocraft.models.encodec import CompressionModel
    from audiocraft.models.lm import LMModel
    from omegaconf import DictConfig

STARTER_CONFIG = "config.json"
LONGEST_SECONDS = 600  # of any clip that a model may say it was trained on


@dataclass(frozen=True)
class Models:
    """A language model (fp16 on CUDA) with its codec (fp32), both on one device and ready to sample.

    Attributes:
        max_seconds: The longest clip that the language model was trained on.
        files: The files that were read.
        base_files: Those that are no adapter's.
        base: What the base is, where an adapter was put onto one; what is made with both comes under its licence too.
        slot: Where the adapter is, so that it can come off; None where there is none.
    """

    lm: LMModel
    codec: CompressionModel
    max_seconds: float
    files: tuple[Path, ...]
    base_files: tuple[Path, ...] = ()
    base: Weights | None = None
    slot: AdapterSlot | None = None


def load_models(folder: Path, device: str) -> Models:
    """Loads a folder in the format that its files show; the state of the CPU's random generator stays as it was.

    Raises:
        WeightsError: files are missing or truncated, hold code, or are of an unknown format or kind of model.
    """
    if not folder.is_dir():
        raise WeightsError(f"there is no weights folder {folder}")
    if both := model_and_adapter([path.name for path in folder.iterdir()]):
        raise WeightsError(f"refused: {folder}: {both}")
    import_audiocraft()
    with torch.random.fork_rng(devices=[]), _quietly():
        if (folder / LM_FILE).is_file() and ((folder / CODEC_FILE).is_file() or not is_transformers(folder)):
            models = _load_audiocraft(folder, device)
        elif is_adapter(folder):
            models = _load_adapted(folder, device)
        elif is_transformers(folder):
            models = Models(*load_transformers(folder, device))
        elif _is_starter(folder / STARTER_CONFIG):
            models = _load_starter(folder, device)
        else:
            raise WeightsError(_what_is_missing(folder))
    _check_fit(models, folder)
    return models if models.slot else replace(models, base_files=models.files)


def _load_adapted(folder: Path, device: str) -> Models:
    """Loads the base that an adapter names, and puts the adapter onto it."""
    located = find_base(folder, device)
    if is_adapter(located.folder):
        raise WeightsError(f"refused: {folder} names the base {located.folder.name}, which is an adapter too")
    base = load_models(located.folder, device)
    adapter = read_adapter(folder, base.lm)
    slot = AdapterSlot(base.lm)
    slot.put(adapter)
    return replace(base, files=(*base.files, *adapter.files), base=located.weights, slot=slot)


def _load_audiocraft(folder: Path, device: str) -> Models:
    """Loads a language model with its codec, or with a codec for each stem."""
    from audiocraft.models.builders import get_wrapped_compression_model

    from typebeat.engines.beat.stem_codec import StemCodec

    lm_file, is_apart = folder / LM_FILE, is_of_stems(folder)
    codec_files = [folder / name for name in (STEM_CODEC_FILES.values() if is_apart else (CODEC_FILE,))]
    if is_apart and (missing := missing_stem_codec([path.name for path in folder.iterdir()])):
        raise WeightsError(f"{folder}: {missing}")
    if not codec_files[0].is_file():
        raise WeightsError(f"{codec_files[0]} is missing; audiocraft's format is {LM_FILE} and {CODEC_FILE}")
    held = read_checkpoint(lm_file)
    config = read_config(held, lm_file)
    refuse_other_kinds(config, lm_file)
    config.device, config.dtype = device, "float32" if device == "cpu" else "float16"
    del held  # its tensors are still in the file; the model keeps those of a second reading, and copies none
    lm = _build(build_lm, config, without_strangers(read_checkpoint(lm_file, mapped=False), config), lm_file)
    codecs = [_load_codec(file, device) for file in codec_files]
    try:  # a codec for each stem, or one, of two channels or with fewer codebooks
        codec = StemCodec(codecs).eval() if is_apart else get_wrapped_compression_model(codecs[0], config)
        for conditioner in lm.condition_provider.conditioners.values():
            if hasattr(conditioner, "hear_by"):
                conditioner.hear_by(codecs[0])
        max_seconds = float(config.dataset.segment_duration)
    except Exception as error:  # a configuration can be wrong in any way
        raise WeightsError(f"{lm_file}: its xp.cfg does not fit its codec ({one_line(error)})") from error
    return Models(lm, codec, max_seconds, (lm_file, *codec_files))


def check_audiocraft(folder: Path) -> dict[str, tuple[int, ...]]:
    """Checks those of audiocraft's files that are there, without any of their numbers; returns the model's shapes.

    Raises:
        WeightsError: as `load_models`, for what a configuration and shapes can tell.
    """
    import_audiocraft()
    from audiocraft.models.builders import get_compression_model

    shapes: dict[str, tuple[int, ...]] = {}
    for file in sorted(folder.glob("*.bin")):
        held = read_checkpoint(file)
        if file.name != LM_FILE and _named_codec(held, file):
            continue
        config = read_config(held, file)
        if file.name == LM_FILE:
            refuse_other_kinds(config, file)
            held = without_strangers(held, config)
        config.device, config.dtype = "cpu", "float32"
        with _quietly():
            state = _checked_state(build_lm if file.name == LM_FILE else get_compression_model, config, held, file)
        shapes = shapes_of(state) if file.name == LM_FILE else shapes
    return shapes


@contextmanager
def _quietly() -> Iterator[None]:
    """Keeps torch from remarking on weight norms as audiocraft makes them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r".*weight_norm.* is deprecated", category=FutureWarning)
        yield


def _named_codec(held: dict[str, Any], file: Path) -> str:
    """Returns the codec that a file names instead of holding it, empty for one that holds it."""
    name = held.get("pretrained")
    if name not in (None, BEAT_CODEC.repo):
        raise WeightsError(f"{file} names the codec {quoted(name, 80)}; known is {BEAT_CODEC.repo}")
    return name or ""


def _load_codec(file: Path, device: str) -> CompressionModel:
    """Loads a codec file, which holds a state and its config or names a codec on the Hub."""
    from audiocraft.models.builders import get_compression_model
    from audiocraft.models.encodec import HFEncodecCompressionModel
    from transformers import EncodecModel

    held = read_checkpoint(file)
    name = _named_codec(held, file)
    if not name:
        config = read_config(held, file)
        config.device = device
        return _build(get_compression_model, config, held, file)
    codec = with_parts_of_the_hub(lambda: EncodecModel.from_pretrained(name, use_safetensors=True), file)
    return HFEncodecCompressionModel(codec).to(device).eval()


def _build(builder: Callable[[DictConfig], Any], config: DictConfig, held: dict[str, Any], file: Path) -> Any:
    """Builds the model of `config` with the state in `held`."""
    state = _checked_state(builder, config, held, file)
    try:
        model = with_parts_of_the_hub(lambda: builder(config), file)  # the text encoder is such a part
    except WeightsError:
        raise
    except Exception as error:  # a configuration can be wrong in any way
        raise WeightsError(f"{file}: audiocraft cannot build its xp.cfg ({one_line(error)})") from error
    try:
        _put_state(model, state, config.device)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise WeightsError(f"{file}: its tensors do not fit its xp.cfg ({one_line(error)})") from error
    return model.eval()


def _checked_state(
    builder: Callable[[DictConfig], Any], config: DictConfig, held: dict[str, Any], file: Path
) -> dict[str, Any]:
    """Returns the state in `held`, once it was found to have the tensors that `config` asks for."""
    state = held.get("best_state")
    if isinstance(state, dict) and isinstance(state.get("model"), dict):  # a training checkpoint that was not exported
        state = state["model"]
    if not isinstance(state, dict):
        raise WeightsError(f"{file} has no best_state; export it with audiocraft.utils.export")
    refuse_empty_claims(state, file)
    check_config(builder, config, state, file)
    return state


def _put_state(model: Any, state: dict[str, Any], device: str) -> None:
    """Moves a state into a model without numbers of its own, tensor by tensor; others get copies."""
    if not any(parameter.is_meta for parameter in model.parameters()):
        model.load_state_dict(state)
        return
    wanted = {name: tensor.dtype for name, tensor in model.state_dict().items()}
    ready = {}
    for name in list(state):
        tensor = state.pop(name)
        ready[name] = tensor.to(device, wanted.get(name)) if torch.is_tensor(tensor) else tensor
        del tensor
    model.load_state_dict(ready, assign=True)
    if left := [name for name, held in (*model.named_parameters(), *model.named_buffers()) if held.is_meta]:
        raise TypeError(f"{len(left)} of its parts get no numbers, such as {left[0]}")


def _load_starter(folder: Path, device: str) -> Models:
    from safetensors import SafetensorError

    from typebeat.engines.beat.starter import load_starter

    named = [shard for index in folder.glob("*.safetensors.index.json") for shard in weight_map(folder, index)]
    shards = sorted({*folder.glob("*.safetensors"), *named})
    if not shards:
        raise WeightsError(f"{folder} has no *.safetensors beside its {STARTER_CONFIG}")
    for shard in shards:  # the header is checked against the length
        if not shard.exists():
            raise WeightsError(f"{shard} is missing")
        read_header(shard)
    try:
        codec, lm, max_seconds = load_starter(folder, device)
    except (RuntimeError, KeyError, TypeError, ValueError, SafetensorError) as error:
        raise WeightsError(f"{folder}: its tensors do not fit its {STARTER_CONFIG} ({one_line(error)})") from error
    return Models(lm, codec, max_seconds, (folder / STARTER_CONFIG, *shards))


def _is_starter(config_file: Path) -> bool:
    """Whether the file is there and says that it is the starter's; a broken one raises WeightsError."""
    return config_file.is_file() and read_json(config_file).get("format") == STARTER_FORMAT


def _what_is_missing(folder: Path) -> str:
    files = {path.name: path.stat().st_size for path in sorted(folder.iterdir()) if path.is_file()}
    found = ", ".join([*(quoted(name)[1:-1] for name in list(files)[:3]), *(["..."] if len(files) > 3 else [])])
    verdict = judge(files, read_small(folder))
    why = f" ({verdict.told})" if files and verdict.format != "unknown" else ""
    wanted = f"{LM_FILE} and {CODEC_FILE}, or {STARTER_CONFIG} and *.safetensors of transformers or the starter"
    holds = f"it holds {found}" if found else "it is empty"
    return f"{folder} is not a beat model that can be read{why}: {holds}; wanted are {wanted}"


def _check_fit(models: Models, folder: Path) -> None:
    """Raises WeightsError if model and codec use different tokens, or the model wants more than text."""
    lm, codec = models.lm, models.codec
    if lm.condition_provider.has_wav_condition or lm.condition_provider.has_joint_embed_conditions:
        raise WeightsError(f"{folder} wants audio beside the text; a text-to-music model is needed")
    if (lm.num_codebooks, lm.card) != (codec.num_codebooks, codec.cardinality):
        speaks, decodes = f"{lm.num_codebooks} x {lm.card}", f"{codec.num_codebooks} x {codec.cardinality}"
        raise WeightsError(f"{folder}: the language model makes {speaks} tokens, the codec decodes {decodes}")
    if not models.max_seconds <= LONGEST_SECONDS:
        raise WeightsError(f"{folder}: it says that its clips are longer than {LONGEST_SECONDS} s")
    if int(models.max_seconds * codec.frame_rate) < 2:
        raise WeightsError(f"{folder}: its clips of {models.max_seconds:g} s are shorter than two frames")

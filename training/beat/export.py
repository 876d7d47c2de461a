"""Writes a trained beat model to a folder that Typebeat loads, in the format of its base.

The format is that of audiocraft (two files, which audiocraft loads too), of transformers, or of the starter
(safetensors). Each export is read back and compared with the base, tensor by tensor, so that an untrained model is
never published.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor

from training.runs.errors import TrainingError
from typebeat.engines.quiet import quiet_import
from typebeat.parts.writing import check_writable, whole

with quiet_import():
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from typebeat.engines.beat.formats import CODEC_FILE, LM_FILE, STEM_CODEC_FILES, is_of_stems, is_transformers
    from typebeat.engines.beat.loading import STARTER_CONFIG, load_models
    from typebeat.engines.checkpoints import read_checkpoint, stored_config

ADAPTER_FILE = "adapter_model.safetensors"
MELODY_FILTERS = ".self_wav.chroma."  # constants that a melody model's file holds, and that no trained model has


class ExportError(TrainingError):
    """Weights that must not be exported or pushed."""


@dataclass(frozen=True)
class Change:
    """The difference between trained weights and their base, read from disk.

    Attributes:
        tensors: Number of floating-point tensors of the language model.
        changed: Number of tensors that differ in at least one element.
        relative: Norm of the difference, divided by the norm of the base.
        largest: The largest absolute difference of an element.
    """

    tensors: int
    changed: int
    relative: float
    largest: float


def export_beat(lm: torch.nn.Module, base: Path, out: Path) -> Change:
    """Writes a trained language model and the codec of its base to `out`, in the format of the base.

    Args:
        lm: audiocraft's `LMModel` with merged adapters; its state must have the names and shapes of the base.
        base: Folder of the base.
        out: Folder to write, whole or not at all; an earlier one is replaced.

    Raises:
        ExportError: names or shapes differ from the base, a number is not finite, or nothing has changed.
        OSError: the folder cannot be written, for example on a full disk.
    """
    held = state_of(base)
    trained = {name: tensor.detach().cpu() for name, tensor in lm.state_dict().items()}
    _check_fit(trained, held)
    check_writable(out.parent)
    with whole(out) as part:
        part.mkdir()
        if (base / LM_FILE).is_file():
            _write_audiocraft(trained, base, part)
        elif is_transformers(base):
            from training.beat.transformers_export import export_transformers

            models = load_models(base, "cpu")
            models.lm.load_state_dict(trained)
            export_transformers(models, base, part)
        else:
            _write_starter(lm, base, part)
        change = difference(held, state_of(part))
        refuse_unchanged(change, base)
    return change


def state_of(folder: Path) -> dict[str, Tensor]:
    """Reads the tensors of the language model in a folder.

    Raises:
        WeightsError: a file is broken. ExportError: there is no weights file.
    """
    if (folder / LM_FILE).is_file():
        state = read_checkpoint(folder / LM_FILE)["best_state"]
        return state["model"] if isinstance(state.get("model"), Mapping) else state
    if is_transformers(folder):
        return load_models(folder, "cpu").lm.state_dict()
    shards = sorted(folder.glob("lm*.safetensors"))
    if not shards:
        raise ExportError(f"{folder} holds no weights; wanted is {LM_FILE} or a starter's lm*.safetensors")
    return {name: tensor for shard in shards for name, tensor in load_file(shard).items()}


def difference(base: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> Change:
    """Compares two states with the same names, in fp32."""
    names = [name for name, tensor in base.items() if tensor.is_floating_point() and MELODY_FILTERS not in name]
    changed, square, whole, largest = 0, 0.0, 0.0, 0.0
    for name in names:
        before = base[name].float()
        apart = (other[name].float() - before).abs()
        changed += bool(apart.any())
        square += float(apart.square().sum(dtype=torch.float64))
        whole += float(before.square().sum(dtype=torch.float64))
        largest = max(largest, float(apart.max()) if apart.numel() else 0.0)
    return Change(len(names), changed, (square / whole) ** 0.5 if whole else 0.0, largest)


def refuse_unchanged(change: Change, base: Path | str) -> None:
    """Raises ExportError if nothing differs from the base."""
    if change.changed == 0:
        raise ExportError(f"refused: all {change.tensors} tensors equal those of the base {base}; nothing was trained")


def refuse_empty_adapter(file: Path) -> None:
    """Raises ExportError for an adapter without effect: all of its `lora_B` are zero, as before training."""
    try:
        tensors = load_file(file)
    except (SafetensorError, OSError) as error:
        raise ExportError(f"{file} is missing, truncated or no safetensors file") from error
    if broken := [name for name, tensor in tensors.items() if not bool(tensor.isfinite().all())]:
        raise ExportError(f"refused: {broken[0]} of {file} holds numbers that are not finite")
    if not any(bool(tensor.any()) for name, tensor in tensors.items() if "lora_B" in name):
        raise ExportError(f"refused: the adapter {file} changes nothing, every lora_B of it is zero")


def _check_fit(trained: Mapping[str, Tensor], base: Mapping[str, Tensor]) -> None:
    if apart := sorted(name for name in set(trained) ^ set(base) if MELODY_FILTERS not in name):
        some = ", ".join(apart[:3])
        raise ExportError(f"the trained model and its base differ in {len(apart)} names ({some}); merge adapters first")
    for name, tensor in trained.items():
        if tensor.shape != base[name].shape:
            raise ExportError(f"{name} is {tuple(tensor.shape)}, in the base {tuple(base[name].shape)}")
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise ExportError(f"refused: {name} holds numbers that are not finite; take an earlier checkpoint")


def _write_audiocraft(trained: Mapping[str, Tensor], base: Path, out: Path) -> None:
    """Writes `state_dict.bin` with the precision and configuration of the base, and copies its codec or codecs."""
    from omegaconf import OmegaConf

    file = base / LM_FILE
    held = read_checkpoint(file)
    state = state_of(base)
    rounded = {name: tensor.to(state[name].dtype).contiguous() for name, tensor in trained.items()}
    stored = stored_config(held, file)  # as it stands: what it refers to outside of itself is not looked up
    yaml = held["xp.cfg"] if isinstance(held["xp.cfg"], str) else OmegaConf.to_yaml(OmegaConf.create(stored))
    filters = {name: tensor for name, tensor in state.items() if MELODY_FILTERS in name}
    told = {
        "best_state": filters | rounded,
        "xp.cfg": yaml,
        "version": version("tts-webui.audiocraft"),
        "exported": True,
    }
    torch.save(told, out / LM_FILE)
    for name in STEM_CODEC_FILES.values() if is_of_stems(base) else (CODEC_FILE,):
        shutil.copyfile(base / name, out / name)


def _write_starter(lm: torch.nn.Module, base: Path, out: Path) -> None:
    import json

    from typebeat.engines.beat.starter import load_codec, save_starter

    config = json.loads((base / STARTER_CONFIG).read_text(encoding="utf-8"))
    save_starter(out, load_codec(base), lm, config["lm"], config["max_seconds"])

"""The tensors of a folder in transformers' format, told apart by name before any of them is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor

from typebeat.engines import WeightsError
from typebeat.engines.beat.formats import INDEX, PICKLE, PICKLE_INDEX, SINGLE
from typebeat.engines.checkpoints import read_checkpoint, refuse_empty_claims
from typebeat.engines.foreign import read_header, weight_map

# how weights under torch's weight norm were named before it became a parametrization
_OLD_NORMS = {".weight_g": ".parametrizations.weight.original0", ".weight_v": ".parametrizations.weight.original1"}
_OLD_NORM = re.compile(r"\.weight_[gv]$")


class TensorFiles(Mapping[str, tuple[int, ...]]):
    """Name -> shape of each tensor; `read` fetches one from disk.

    Args:
        folder: With `model.safetensors` or `pytorch_model.bin`, or the shards of either and their index.

    Raises:
        WeightsError: a file is missing, truncated or holds code, or the index names files elsewhere.
    """

    def __init__(self, folder: Path) -> None:
        self._held: dict[str, Tensor] = {}
        self._names: dict[str, tuple[str, Path]] = {}
        self._shapes: dict[str, tuple[int, ...]] = {}
        if (folder / SINGLE).is_file():
            self.files: tuple[Path, ...] = (folder / SINGLE,)
        elif (folder / INDEX).is_file():
            self.files = tuple(weight_map(folder, folder / INDEX))
        elif (folder / PICKLE).is_file() or (folder / PICKLE_INDEX).is_file():
            is_one, index = (folder / PICKLE).is_file(), folder / PICKLE_INDEX
            self.files = (folder / PICKLE,) if is_one else tuple(weight_map(folder, index, "bin"))
            for file in self.files:
                held = {str(name): each for name, each in read_checkpoint(file).items() if isinstance(each, Tensor)}
                refuse_empty_claims(held, file)
                self._held |= {_new_name(name): tensor for name, tensor in held.items()}
            self._shapes = {name: tuple(tensor.shape) for name, tensor in self._held.items()}
            return
        else:
            raise WeightsError(f"{folder / SINGLE} is missing; wanted are {SINGLE}, {INDEX} or {PICKLE}")
        for file in self.files:
            for name, place in read_header(file).items():
                self._names[_new_name(name)] = (name, file)
                self._shapes[_new_name(name)] = place.shape

    def __getitem__(self, name: str) -> tuple[int, ...]:
        return self._shapes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)

    def read(self, name: str, dtype: torch.dtype | None = None) -> Tensor:
        """Returns one tensor on the CPU; floating-point numbers in `dtype` where one is given."""
        if self._held:
            tensor = self._held[name]
        else:
            from safetensors import safe_open

            stored, file = self._names[name]
            with safe_open(file, framework="pt") as opened:
                tensor = opened.get_tensor(stored)
        return tensor.to(dtype) if dtype is not None and tensor.is_floating_point() else tensor

    def under(self, prefix: str) -> dict[str, tuple[int, ...]]:
        """Returns name, less the prefix, and shape of the tensors whose names begin with it."""
        return {name[len(prefix) :]: shape for name, shape in self._shapes.items() if name.startswith(prefix)}


def _new_name(name: str) -> str:
    return _OLD_NORM.sub(lambda found: _OLD_NORMS[found[0]], name)

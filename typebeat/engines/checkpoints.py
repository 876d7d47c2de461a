"""Reads PyTorch's files of weights, and hashes them. Nothing in them is ever run.

A `state_dict.bin` is a pickle. It is read by torch's weights-only reader, which knows tensors and plain containers and
refuses everything else. Its `xp.cfg` is read by `plain_config.py`.
"""

from __future__ import annotations

import pickle
import pickletools
import re
import typing
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from typebeat.engines import WeightsError
from typebeat.engines.foreign import UNKNOWN_LICENCE, one_line, quoted, read_licence
from typebeat.engines.hashes import sha256_of
from typebeat.engines.plain_config import ConfigError, parse, unpacked, used_sections

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from torch import Tensor

__all__ = ["UNKNOWN_LICENCE", "fingerprint", "one_line", "read_checkpoint", "read_config", "read_licence"]

HASH_DIGITS = 12

# the words of torch's reader for a pickle that names more than tensors and plain containers
_CODE_IN_PICKLE = re.compile(r"GLOBAL (\S+)|unrecognized function|Can only (?:build|create)")


def read_checkpoint(file: Path, mapped: bool = True) -> dict[str, Any]:
    """Reads a `torch.save`d dict of tensors and plain values onto the CPU, never running code.

    Args:
        file: Of `torch.save`. It must stay as it is while what was read is used, if it is mapped.
        mapped: Whether tensors stay in the file until they are used.

    Raises:
        WeightsError: the file is missing, truncated, not a dict, or names anything that is not a plain container.
    """
    if not file.is_file():
        raise WeightsError(f"{file} is missing")
    _refuse_compressed(file)
    try:
        with torch.serialization.safe_globals(_plain_omegaconf()), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Detected pickle protocol")
            held = torch.load(file, map_location="cpu", weights_only=True, mmap=mapped and zipfile.is_zipfile(file))
    except pickle.UnpicklingError as error:
        named = _CODE_IN_PICKLE.search(str(error))
        if named or _names_globals(file):
            code = f"code ({quoted(named[1])[1:-1]})" if named and named[1] else "code"
            raise WeightsError(f"refused: {file} contains {code}; only files of tensors are loaded") from error
        raise WeightsError(f"{file} is truncated or no PyTorch file") from error
    except Exception as error:  # torch's reader passes on whatever a damaged file leads to
        raise WeightsError(f"{file} is truncated or no PyTorch file") from error
    if not isinstance(held, dict):
        raise WeightsError(f"{file} holds a {type(held).__name__}, not audiocraft's dict of best_state and xp.cfg")
    return held


def read_config(held: dict[str, Any], file: Path) -> DictConfig:
    """Returns the sections of `xp.cfg` that models are built of, plain values all of them.

    Args:
        held: With `xp.cfg`, a yaml string or (in training checkpoints) an OmegaConf container.
        file: Where it was read, for messages.

    Raises:
        WeightsError: it is missing, broken, absurdly large, or wants something that is not in it.
    """
    from omegaconf import OmegaConf

    stored = stored_config(held, file)
    try:
        return OmegaConf.create(used_sections(stored))
    except ConfigError as error:
        raise WeightsError(f"{file}: its xp.cfg cannot be used ({error})") from error


def stored_config(held: dict[str, Any], file: Path) -> dict[Any, Any]:
    """Returns the whole `xp.cfg` as it stands, references unresolved. Raises WeightsError as `read_config`."""
    from omegaconf import DictConfig

    stored = held.get("xp.cfg")
    try:
        if isinstance(stored, DictConfig):
            stored = unpacked(stored)
        elif isinstance(stored, str):
            stored = parse(stored) if stored.strip() else {}
    except ConfigError as error:
        raise WeightsError(f"{file}: its xp.cfg cannot be read ({error})") from error
    if not isinstance(stored, dict):
        raise WeightsError(f"{file} has no xp.cfg, so it is not in audiocraft's format")
    return stored


def refuse_empty_claims(state: dict[str, Tensor], file: Path) -> None:
    """Raises WeightsError where tensors claim more numbers than the file has bytes for, such as by a stride of zero."""
    claimed = sum(tensor.numel() * tensor.element_size() for tensor in state.values() if torch.is_tensor(tensor))
    if claimed > file.stat().st_size:
        raise WeightsError(f"refused: {file} claims {claimed:,} bytes of weights and is smaller than that")


def fingerprint(files: Iterable[Path]) -> str:
    """Returns the first `HASH_DIGITS` hex digits of the SHA-256 over the bytes of `files`, in order of their names."""
    return sha256_of(*sorted(files, key=lambda path: path.name))[:HASH_DIGITS]


def _refuse_compressed(file: Path) -> None:
    """Raises WeightsError for a zip of which more would be read than it has bytes; torch compresses nothing."""
    if not zipfile.is_zipfile(file):
        return
    try:
        with zipfile.ZipFile(file) as held:
            is_packed = any(each.compress_type != zipfile.ZIP_STORED for each in held.infolist())
            is_packed |= sum(each.file_size for each in held.infolist()) > file.stat().st_size
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise WeightsError(f"{file} is truncated or no PyTorch file") from error
    if is_packed:
        raise WeightsError(f"refused: {file} is a compressed zip, which torch never writes")


def _names_globals(file: Path) -> bool:
    """Whether a pickle asks for classes or functions by an operation that torch's reader does not know."""
    try:
        with file.open("rb") as opened:
            return any(opcode.name == "STACK_GLOBAL" for opcode, _, _ in pickletools.genops(opened))
    except ValueError:  # not a pickle, or not a whole one
        return False


def _dict_of(_factory: object = None) -> dict[Any, Any]:
    """Stands for `defaultdict`, which torch's reader makes but does not fill."""
    return {}


def _plain_omegaconf() -> list[Any]:
    """The classes that a pickled OmegaConf config is made of; they hold values and call nothing."""
    from omegaconf import DictConfig, ListConfig, base, nodes

    leaves = (nodes.AnyNode, nodes.BooleanNode, nodes.FloatNode, nodes.IntegerNode, nodes.StringNode)
    named = [(typing.Any, "typing.Any"), (_dict_of, "collections.defaultdict"), dict, list, int, float, str, bool]
    return [DictConfig, ListConfig, base.ContainerMetadata, base.Metadata, *leaves, *named]

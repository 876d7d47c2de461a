"""Reads files of weights, their configuration and their licence, and hashes them. Nothing in them is ever run.

A `state_dict.bin` is a pickle. It is read by torch's weights-only reader, which knows tensors and plain containers and
refuses everything else.
"""

from __future__ import annotations

import collections
import hashlib
import json
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

if TYPE_CHECKING:
    from omegaconf import DictConfig

UNKNOWN_LICENCE = "unknown"
HASH_DIGITS = 12

_HASH_CHUNK_BYTES = 1 << 20
# the words of torch's reader for a pickle that names more than tensors and plain containers
_CODE_IN_PICKLE = re.compile(r"GLOBAL (\S+)|unrecognized function|Can only (?:build|create)")
_LICENCE_LINE = re.compile(r"^license:[ \t]*['\"]?([^'\"\s]+)", re.MULTILINE)


def read_checkpoint(file: Path) -> dict[str, Any]:
    """Reads a `torch.save`d dict of tensors and plain values onto the CPU, never running code.

    Raises:
        WeightsError: the file is missing, truncated, not a dict, or names anything that is not a plain container.
    """
    if not file.is_file():
        raise WeightsError(f"{file} is missing")
    try:
        with torch.serialization.safe_globals(_plain_omegaconf()), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Detected pickle protocol")
            held = torch.load(file, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(file))
    except pickle.UnpicklingError as error:
        named = _CODE_IN_PICKLE.search(str(error))
        if named or _names_globals(file):
            code = f"code ({named[1]})" if named and named[1] else "code"
            raise WeightsError(f"refused: {file} contains {code}; only files of tensors are loaded") from error
        raise WeightsError(f"{file} is truncated or no PyTorch file") from error
    except (RuntimeError, EOFError, ValueError, KeyError, IndexError, OSError, AssertionError) as error:
        raise WeightsError(f"{file} is truncated or no PyTorch file") from error
    if not isinstance(held, dict):
        raise WeightsError(f"{file} holds a {type(held).__name__}, not audiocraft's dict of best_state and xp.cfg")
    return held


def read_config(held: dict[str, Any], file: Path) -> DictConfig:
    """Returns `xp.cfg`, a yaml string or (in training checkpoints) an OmegaConf container, as an open config."""
    from omegaconf import DictConfig, OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    stored = held.get("xp.cfg")
    try:
        if isinstance(stored, DictConfig):
            stored = OmegaConf.to_container(stored, resolve=False)
        config = OmegaConf.create(stored) if isinstance(stored, (str, dict)) else None
    except (OmegaConfBaseException, YAMLError) as error:
        raise WeightsError(f"{file}: its xp.cfg cannot be read ({one_line(error)})") from error
    if not isinstance(config, DictConfig):
        raise WeightsError(f"{file} has no xp.cfg, so it is not in audiocraft's format")
    return config


def read_json(file: Path) -> dict[str, Any]:
    """Returns the object in a JSON file; raises WeightsError where it is broken."""
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WeightsError(f"{file} is truncated or no JSON") from error
    if not isinstance(held, dict):
        raise WeightsError(f"{file} holds no JSON object")
    return held


def fingerprint(files: Iterable[Path]) -> str:
    """Returns the first `HASH_DIGITS` hex digits of the SHA-256 over the bytes of `files`, in order of their names."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda path: path.name):
        with file.open("rb") as opened:
            while chunk := opened.read(_HASH_CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()[:HASH_DIGITS]


def read_licence(folder: Path) -> str:
    """Returns `license:` of the front matter of the folder's README.md, "unknown" without one."""
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8", errors="replace") if readme.is_file() else ""
    _, fence, rest = text.partition("---\n")
    front_matter = rest.partition("\n---")[0] if fence and text.startswith(fence) else ""
    found = _LICENCE_LINE.search(front_matter)
    return found[1] if found else UNKNOWN_LICENCE


def _names_globals(file: Path) -> bool:
    """Whether a pickle asks for classes or functions by an operation that torch's reader does not know."""
    try:
        with file.open("rb") as opened:
            return any(opcode.name == "STACK_GLOBAL" for opcode, _, _ in pickletools.genops(opened))
    except ValueError:  # not a pickle, or not a whole one
        return False


def _plain_omegaconf() -> list[Any]:
    """The classes that a pickled OmegaConf config is made of; they hold values and call nothing."""
    from omegaconf import DictConfig, ListConfig, base, nodes

    leaves = (nodes.AnyNode, nodes.BooleanNode, nodes.FloatNode, nodes.IntegerNode, nodes.StringNode)
    named = [(typing.Any, "typing.Any"), collections.defaultdict, dict, list, int, float, str, bool]
    return [DictConfig, ListConfig, base.ContainerMetadata, base.Metadata, *leaves, *named]


def one_line(error: Exception) -> str:
    """Returns the kind of error and as much of its text as fits one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:160]

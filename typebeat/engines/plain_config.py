"""An `xp.cfg` to plain values. Nothing outside of the file is ever looked up: no environment, no resolver, no class.

OmegaConf would put `${oc.env:HF_TOKEN}` in place of itself wherever the value is read. Here `${a.b}` stands for another
value of the same file and everything else in `${}` is refused, without being repeated, in the sections that are used.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

MOST_BYTES, MOST_NODES, DEEPEST, LONGEST_TEXT = 1_000_000, 20_000, 40, 4_096
LARGEST = 1 << 24  # of any whole number in a section that is used
# what audiocraft's builders read; other sections hold paths and accounts of whoever trained
CODEC_NAME = "compression_model_checkpoint"  # by which a style model's codec is told from the language model's
SECTIONS = (
    *("lm_model", "transformer_lm", "codebooks_pattern", "attribute_dropout", "classifier_free_guidance"),
    *("conditioners", "fuser", "interleave_stereo_codebooks", "compression_model_n_q"),
    *("compression_model", "encodec", "seanet", "rvq", "no_quant", "dac"),
)
SEGMENT = ("dataset", "segment_duration")

_LONG_NUMBER = re.compile(r"[-+]?[\da-fA-FxXbBoO_:.]{64,}")  # takes ages where it is "1:1:1:..." (YAML 1.1, base 60)
_REFERENCE = re.compile(r"\$\{(\.*)([\w-]+(?:\.[\w-]+)*)\}", re.ASCII)


class ConfigError(ValueError):
    """A configuration that is not read, in a few words that repeat nothing of it but names of sections."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the faster one, if it is there
    """Plain values, where 1e-3 is a number (YAML 1.1 wants a point in it) and a date is text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, found) for tag, found in resolvers if not tag.endswith((":timestamp", ":float"))]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(?:\d[\d_]*\.[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?$|[-+]?\d[\d_]*[eE][-+]?\d+$|[-+]?\.inf$|\.nan$"),
    list("-+0123456789."),
)


def parse(text: str) -> Any:
    """Returns what a YAML text holds, references as they stand.

    Raises:
        ConfigError: it is no YAML, too large, too deep, or repeats parts of itself.
    """
    if len(text) > MOST_BYTES:
        raise ConfigError(f"it is longer than {MOST_BYTES:,} bytes")
    depth = nodes = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                raise ConfigError("it repeats parts of itself")
            if isinstance(event, yaml.ScalarEvent) and not event.style and _LONG_NUMBER.fullmatch(event.value):
                raise ConfigError("it holds a number of more than 64 digits")
            nodes += isinstance(event, yaml.NodeEvent)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if nodes > MOST_NODES or depth > DEEPEST:
                raise ConfigError(f"it has more than {MOST_NODES:,} values, or more than {DEEPEST} levels")
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise ConfigError(f"it is no plain YAML{where}") from error
    except (ValueError, TypeError, RecursionError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError("it is no plain YAML") from error


def used_sections(root: dict[Any, Any]) -> dict[str, Any]:
    """Returns the sections that audiocraft's builders read, references replaced and numbers within bounds.

    Raises:
        ConfigError: one refers to anything but a value of the same file, or holds a number beyond all bounds.
    """
    resolver = _Resolver(root)
    found = {name: resolver.value(root[name], (name,)) for name in SECTIONS if name in root}
    dataset = root.get(SEGMENT[0])
    if isinstance(dataset, dict) and SEGMENT[1] in dataset:
        found[SEGMENT[0]] = {SEGMENT[1]: resolver.value(dataset[SEGMENT[1]], SEGMENT)}
    named = root.get(CODEC_NAME)
    if isinstance(named, str) and "${" not in named and len(named) <= LONGEST_TEXT:  # else nobody compares it
        found[CODEC_NAME] = named
    return found


def unpacked(node: Any, depth: int = 0, left: list[int] | None = None) -> Any:
    """Returns what OmegaConf's containers hold, references as they stand, as plain values.

    Raises:
        ConfigError: that is too much or too deep, such as where parts are repeated.
    """
    left = [MOST_NODES] if left is None else left
    left[0] -= 1
    if left[0] < 0 or depth > DEEPEST:
        raise ConfigError(f"it has more than {MOST_NODES:,} values, or more than {DEEPEST} levels")
    inside = vars(node) if type(node).__module__.partition(".")[0] == "omegaconf" else {}
    held = inside.get("_content", inside.get("_val", node))
    if isinstance(held, dict):
        return {key: unpacked(each, depth + 1, left) for key, each in held.items()}
    if isinstance(held, (list, tuple)):
        return [unpacked(each, depth + 1, left) for each in held]
    return held


class _Resolver:
    """Replaces references by what they refer to, as long as that takes a bounded number of steps."""

    def __init__(self, root: dict[Any, Any]) -> None:
        self._root = root
        self._left = MOST_NODES

    def value(self, node: Any, path: tuple[str, ...], depth: int = 0) -> Any:
        """Returns `node`, which stands at `path`, without references."""
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            raise ConfigError(f"its references in {path[0]} lead in circles or to too much")
        if isinstance(node, dict):
            return {key: self.value(held, (*path, str(key)), depth + 1) for key, held in node.items()}
        if isinstance(node, (list, tuple)):
            return [self.value(held, (*path, str(place)), depth + 1) for place, held in enumerate(node)]
        if isinstance(node, str):
            return self._text(node, path, depth)
        if node is None or isinstance(node, bool):
            return node
        if isinstance(node, (int, float)) and abs(node) <= LARGEST:  # nor is a NaN that
            return node
        raise ConfigError(f"{path[0]} holds a number beyond all bounds, or what is no plain value")

    def _text(self, text: str, path: tuple[str, ...], depth: int) -> Any:
        if whole := _REFERENCE.fullmatch(text):
            return self._referred(whole, path, depth)
        filled = _REFERENCE.sub(lambda found: str(self._referred(found, path, depth)), text)
        if "${" in filled:
            raise ConfigError(f"refused: {path[0]} asks for something outside of the file")
        if len(filled) > LONGEST_TEXT:
            raise ConfigError(f"{path[0]} holds a text of more than {LONGEST_TEXT:,} characters")
        return filled

    def _referred(self, found: re.Match[str], path: tuple[str, ...], depth: int) -> Any:
        dots, names = len(found[1]), found[2].split(".")
        where = (*(path[:-dots] if dots else ()), *names)
        node: Any = self._root
        for name in where:
            try:
                node = node[int(name)] if isinstance(node, list) else node[name]
            except (KeyError, IndexError, ValueError, TypeError) as error:
                raise ConfigError(f"{path[0]} refers to a value that is not there") from error
        return self.value(node, where, depth + 1)

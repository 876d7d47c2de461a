"""Files that strangers made: read within limits, and quoted so that nothing in them can harm whoever reads a message.

A value of such a file reaches a message only through `quoted` or `one_line`: cut, and without anything that a terminal,
HTML or Markdown would act on. A visitor of the page gets messages through `without_paths`.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typebeat.engines import WeightsError, without_paths

JSON_BYTES = 4_000_000
HEADER_BYTES = 16_000_000
MOST_TENSORS = 100_000
MOST_DIMENSIONS, LARGEST_NUMBER = 16, 2**63 - 1  # of a tensor's shape, and of any number in a header
UNKNOWN_LICENCE = "unknown"
DTYPE_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
# as the Hub spells them; whatever else a card says counts as unknown
LICENCES = frozenset(
    """
    afl-3.0 agpl-3.0 apache-2.0 apple-amlr apple-ascl artistic-2.0 bigcode-openrail-m bigscience-bloom-rail-1.0
    bigscience-openrail-m bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 c-uda cc cc0-1.0 cc-by-2.0 cc-
    by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0
    cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cdla-permissive-1.0 cdla-permissive-2.0
    cdla-sharing-1.0 creativeml-openrail-m deepfloyd-if-license ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2
    fair-noncommercial-research-license gemma gfdl gpl gpl-2.0 gpl-3.0 h-research intel-research isc lgpl lgpl-2.1
    lgpl-3.0 lgpl-lr llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 lppl-1.3c mit mpl-2.0 ms-pl ncsa odbl odc-by
    ofl-1.1 openmdw openmdw-1.0 openrail openrail++ osl-3.0 other pddl postgresql research-only unknown unlicense
    wtfpl zlib
    """.split()  # noqa: SIM905, a list of a hundred lines says no more
)

_UNSAFE = re.compile(r"[^\w .,:;()/+@='\"#*?!~^%$-]", re.ASCII)
_LICENCE_LINE = re.compile(r"^license:[ \t]*['\"]?([^'\"\s]+)", re.MULTILINE)


@dataclass(frozen=True)
class TensorPlace:
    """Where a tensor stands: its type as safetensors spells it, its shape, and its file."""

    dtype: str
    shape: tuple[int, ...]
    file: Path


def quoted(value: object, limit: int = 60) -> str:
    """Returns a foreign value for a message: cut, plain characters only, text within quotes."""
    if isinstance(value, (dict, list, tuple)):
        return f"a {type(value).__name__}"
    text = _UNSAFE.sub("?", str(value)[: limit + 1].replace("\n", " "))
    text = text if len(text) <= limit else f"{text[: limit - 3]}..."
    return repr(text) if isinstance(value, str) else text


def one_line(error: BaseException) -> str:
    """Returns the kind of error and as much of its text as fits one line, without folders and fit to be shown."""
    text = " ".join(f"{type(error).__name__}: {error}"[:2000].split())
    return _UNSAFE.sub("?", without_paths(text))[:160]


def known_licence(name: object) -> str:
    """Returns a licence's name as the Hub spells it, "unknown" for whatever is not on the list."""
    text = name.strip().lower() if isinstance(name, str) else ""
    return text if text in LICENCES else UNKNOWN_LICENCE


def read_licence(folder: Path) -> str:
    """Returns `license:` of the front matter of the folder's README.md, "unknown" without one that is known."""
    readme = folder / "README.md"
    if not readme.is_file():
        return UNKNOWN_LICENCE
    with readme.open("rb") as opened:
        return licence_of_card(opened.read(JSON_BYTES).decode(errors="replace"))


def licence_of_card(text: str) -> str:
    """Returns `license:` of a card's front matter, "unknown" without one that is known."""
    _, fence, rest = text.partition("---\n")
    front_matter = rest.partition("\n---")[0] if fence and text.startswith(fence) else ""
    found = _LICENCE_LINE.search(front_matter)
    return known_licence(found[1]) if found else UNKNOWN_LICENCE


def read_json(file: Path, limit: int = JSON_BYTES) -> dict[str, Any]:
    """Returns the object in a JSON file; raises WeightsError where it is missing, broken, too large or too deep."""
    try:
        with file.open("rb") as opened:
            content = opened.read(limit + 1)
    except OSError as error:
        raise WeightsError(f"{file} is missing or cannot be read") from error
    if len(content) > limit:
        raise WeightsError(f"{file} is larger than any file of its kind")
    return _json_object(content, file)


def read_header(file: Path) -> dict[str, TensorPlace]:
    """Returns what a safetensors file holds, from its header alone, once that agrees with the file's length.

    Raises:
        WeightsError: it is missing, truncated, no such file, or claims tensors that it does not hold.
    """
    broken = f"{file} is truncated or no safetensors file"
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            if not 2 <= length <= min(HEADER_BYTES, size - 8):
                raise WeightsError(broken)
            header = _json_object(opened.read(length), file)
    except OSError as error:
        raise WeightsError(f"{file} is missing or cannot be read") from error
    except struct.error as error:
        raise WeightsError(broken) from error
    header.pop("__metadata__", None)
    if len(header) > MOST_TENSORS:
        raise WeightsError(broken)
    try:
        spans = {name: _checked_place(told, file) for name, told in header.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(broken) from error
    end = 0
    for start, stop, _ in sorted(spans.values(), key=lambda span: span[:2]):  # one after the other, without a gap
        if start != end:
            raise WeightsError(broken)
        end = stop
    if end != size - 8 - length:
        raise WeightsError(broken)
    return {name: place for name, (_, _, place) in spans.items()}


def read_metadata(file: Path) -> dict[str, str]:
    """Returns the words that a safetensors file says of itself; raises WeightsError as `read_header`."""
    read_header(file)
    with file.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        held = _json_object(opened.read(length), file).get("__metadata__")
    return {str(name): str(value) for name, value in held.items()} if isinstance(held, dict) else {}


def weight_map(folder: Path, index: Path, ending: str = "safetensors") -> Sequence[Path]:
    """Returns the shards that an index names, each of them a plain name in the folder itself, with that ending.

    Raises:
        WeightsError: it is broken, or names a file that does not stand right there.
    """
    named = read_json(index, HEADER_BYTES).get("weight_map")
    if not isinstance(named, dict) or not all(isinstance(name, str) for name in named.values()):
        raise WeightsError(f"{index} is truncated or no such index")
    for name in set(named.values()):
        if not re.fullmatch(rf"[\w.-]+\.{ending}", name, re.ASCII):
            raise WeightsError(f"refused: {index} names the file {quoted(name)}, which is not one beside it")
    return sorted(folder / name for name in set(named.values()))


def _checked_place(told: dict[str, Any], file: Path) -> tuple[int, int, TensorPlace]:
    start, stop = told["data_offsets"]
    shape = tuple(told["shape"])
    whole = all(type(number) is int and 0 <= number <= LARGEST_NUMBER for number in (start, stop, *shape))
    if not whole or len(shape) > MOST_DIMENSIONS or math.prod(shape) * DTYPE_BYTES[told["dtype"]] != stop - start:
        raise ValueError("a tensor whose shape is not that of its bytes")
    return start, stop, TensorPlace(told["dtype"], shape, file)


def _json_object(content: bytes, file: Path) -> dict[str, Any]:
    try:
        held = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{file} is truncated or no JSON") from error
    if not isinstance(held, dict):
        raise WeightsError(f"{file} holds no JSON object")
    return held

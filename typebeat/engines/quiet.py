"""Imports model libraries without the optional parts that Typebeat does not use, and without their messages.

Every import of a model library happens inside `quiet_import`. It silences the messages named here and no others, so
that a new warning still shows.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

# environment variables that transformers reads before it looks for other frameworks
FRAMEWORKS = {"USE_TORCH": "1", "USE_TF": "0", "USE_FLAX": "0"}

# logger -> words of the one message that it gives about a missing optional part
UNUSED_PARTS = {"xformers": "xFormers can't load C++/CUDA extensions"}

SOLVERS = "audiocraft.solvers"  # audiocraft's training, which brings metrics and plots and takes seconds to import


class _UnusedPart(logging.Filter):
    """Drops the one message of a logger that `UNUSED_PARTS` names."""

    def filter(self, record: logging.LogRecord) -> bool:
        return UNUSED_PARTS[record.name] not in record.getMessage()


@contextmanager
def quiet_import() -> Iterator[None]:
    """Lets audiocraft, transformers and diffusers be imported without TensorFlow and without noise, and faster.

    TensorFlow (basic-pitch installs it on some Pythons) counts as not installed inside the block; afterwards it is
    importable again, since a lasting `None` in `sys.modules` breaks einops. In the same way audiocraft's solvers are
    empty inside the block; spaCy is loaded where it is first used. Blocks may nest.
    """
    os.environ.update(FRAMEWORKS)
    for name in UNUSED_PARTS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, _UnusedPart) for each in logger.filters):
            logger.addFilter(_UnusedPart())
    unused = {name: module for name, module in _unused_modules().items() if name not in sys.modules}
    sys.modules.update(unused)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name, module in unused.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def _unused_modules() -> dict[str, ModuleType | None]:
    """Returns what stands for modules that are not to be loaded; None makes an import fail."""
    solvers, compression, spacy = (ModuleType(name) for name in (SOLVERS, f"{SOLVERS}.compression", "spacy"))
    solvers.__path__ = []
    vars(compression)["CompressionSolver"] = None
    vars(spacy)["__getattr__"] = _of_spacy
    return {"tensorflow": None, "spacy": spacy, SOLVERS: solvers, compression.__name__: compression}


def _of_spacy(name: str) -> Any:
    """Returns an attribute of spaCy, which is loaded for it."""
    if name.startswith("__"):  # what inspection asks every module for
        raise AttributeError(name)
    return getattr(importlib.import_module("spacy"), name)


def import_audiocraft() -> None:
    """Imports audiocraft quietly; later imports of its parts find it loaded."""
    with quiet_import():
        import audiocraft.models.builders  # noqa: F401

"""Imports model libraries without the optional parts that Typebeat does not use, and without their messages.

Every import of a model library happens inside `quiet_import`. It silences the messages named here and no others, so
that a new warning still shows.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# environment variables that transformers reads before it looks for other frameworks
FRAMEWORKS = {"USE_TORCH": "1", "USE_TF": "0", "USE_FLAX": "0"}

# logger -> words of the one message that it gives about a missing optional part
UNUSED_PARTS = {"xformers": "xFormers can't load C++/CUDA extensions"}


class _UnusedPart(logging.Filter):
    """Drops the one message of a logger that `UNUSED_PARTS` names."""

    def filter(self, record: logging.LogRecord) -> bool:
        return UNUSED_PARTS[record.name] not in record.getMessage()


@contextmanager
def quiet_import() -> Iterator[None]:
    """Lets audiocraft, transformers and diffusers be imported without TensorFlow and without noise.

    TensorFlow (basic-pitch installs it on some Pythons) counts as not installed inside the block; afterwards it is
    importable again, since a lasting `None` in `sys.modules` breaks einops. Blocks may nest.
    """
    os.environ.update(FRAMEWORKS)
    for name in UNUSED_PARTS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, _UnusedPart) for each in logger.filters):
            logger.addFilter(_UnusedPart())
    hide_tensorflow = "tensorflow" not in sys.modules
    if hide_tensorflow:
        sys.modules["tensorflow"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hide_tensorflow:
            sys.modules.pop("tensorflow", None)


def import_audiocraft() -> None:
    """Imports audiocraft quietly; later imports of its parts find it loaded."""
    with quiet_import():
        import audiocraft.models.builders  # noqa: F401

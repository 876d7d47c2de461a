"""Keeps libraries from loading and mentioning optional parts that Typebeat does not use.

Every import of a model library happens inside `quiet_import`. It silences the messages named here and no others: a new
warning still shows.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# transformers asks these before it looks for other frameworks
FRAMEWORKS = {"USE_TORCH": "1", "USE_TF": "0", "USE_FLAX": "0"}

# logger -> words of the one message that a missing optional part causes
UNUSED_PARTS = {"xformers": "xFormers can't load C++/CUDA extensions"}


class _UnusedPart(logging.Filter):
    """Drops the one message of a logger that `UNUSED_PARTS` names."""

    def filter(self, record: logging.LogRecord) -> bool:
        return UNUSED_PARTS[record.name] not in record.getMessage()


@contextmanager
def quiet_import() -> Iterator[None]:
    """A block in which audiocraft, transformers and diffusers are imported without TensorFlow and without noise.

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
    """Imports audiocraft the quiet way; whoever imports parts of it later gets what is loaded already."""
    with quiet_import():
        import audiocraft.models.builders  # noqa: F401

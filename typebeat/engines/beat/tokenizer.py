"""The tokenizer of a folder in transformers' format, checked before a library reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from typebeat.engines import WeightsError
from typebeat.engines.beat.formats import TOKENIZER_FILES, TOKENIZER_SETTINGS, TOKENIZERS
from typebeat.engines.foreign import one_line, quoted, read_json

if TYPE_CHECKING:
    from transformers import T5Tokenizer

MOST_EXTRA = 1_000  # tokens that a tokenizer is told to make up; T5 has 100
TOKENIZER_BYTES = 20_000_000


def load_tokenizer(folder: Path, words: int) -> T5Tokenizer:
    """Loads a folder's tokenizer.

    Args:
        folder: Of the model.
        words: How many its text encoder knows.

    Raises:
        WeightsError: it is missing, cannot be read, or knows more words than the text encoder.
    """
    from transformers import T5Tokenizer

    if not any((folder / name).is_file() for name in TOKENIZERS):
        raise WeightsError(f"{folder} has no {' or '.join(TOKENIZERS)}, so nothing can be said to its text encoder")
    _refuse_large(folder)
    try:
        tokenizer = T5Tokenizer.from_pretrained(folder, local_files_only=True)
        largest = max(tokenizer.get_vocab().values(), default=0)
    except Exception as error:  # files can be wrong in any way
        raise WeightsError(f"{folder} has a tokenizer that cannot be read ({one_line(error)})") from error
    if largest >= words:
        told = f"has a tokenizer of {largest + 1:,} words, its text encoder knows {words:,}"
        raise WeightsError(f"refused: {folder} {told}")
    return tokenizer


def _refuse_large(folder: Path) -> None:
    """Raises WeightsError for files of a tokenizer that would take a library minutes or gigabytes to read."""
    for name in TOKENIZER_FILES:
        if (folder / name).is_file() and (folder / name).stat().st_size > TOKENIZER_BYTES:
            raise WeightsError(f"refused: {folder / name} is larger than any file of its kind")
    settings = folder / TOKENIZER_SETTINGS
    extra = read_json(settings).get("extra_ids", 0) if settings.is_file() else 0
    if type(extra) is not int or not 0 <= extra <= MOST_EXTRA:
        raise WeightsError(f"refused: {settings} asks for {quoted(extra)} extra_ids; up to {MOST_EXTRA:,} are usual")

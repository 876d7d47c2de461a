"""Looks at large files on the Hub by their two ends, so that what cannot be used is refused before it is fetched.

What a file says of itself stands there: the header of a safetensors file, the pickle and the index of a zip that torch
wrote. A file of the same name and size is made of the ends, with a hole between them; so those who read whole files
check it, and find all but the numbers.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from typebeat.engines import WeightsError, without_paths
from typebeat.engines.beat.formats import CONFIG, INDEX, LM_FILE, PICKLE_INDEX, is_transformers
from typebeat.engines.foreign import read_header

LARGE = (".bin", ".safetensors")
LARGEST_LOOK = 300_000  # bytes of one end; whoever has more to say is fetched, and then refused
INDEX_BYTES = 160_000  # of the end of a zip: the places of about 1,500 tensors
SPARE = 4_096  # of the headers before a pickle, and of the short records behind it
PICKLE_NAME = "data.pkl"
LARGEST_FILE = 1 << 40
MOST_FILES = 2  # of one repository, so that less than a megabyte is fetched


class NoOutlineError(Exception):
    """A file whose ends do not say what is in it."""


def is_cached(repo: str, commit: str, names: Iterable[str]) -> bool:
    """Whether these files of a repository are on this machine already."""
    from huggingface_hub import try_to_load_from_cache

    return all(isinstance(try_to_load_from_cache(repo, name, revision=commit), str) for name in names)


def check_ends(repo: str, commit: str, sizes: Mapping[str, int]) -> bool:
    """Checks the first large files of a repository, unless they are on this machine already; returns whether it did.

    Args:
        repo: "owner/name".
        commit: Whose files.
        sizes: Name -> bytes of the files that would be fetched.

    Raises:
        WeightsError: they cannot be used, as far as their ends tell.
    """
    large = {name: size for name, size in sizes.items() if name.endswith(LARGE)}
    names = list(large)[:MOST_FILES]
    if is_cached(repo, commit, names):
        return False
    try:
        with outlined(repo, commit, {name: large[name] for name in names}) as folder:
            _check(folder)
    except NoOutlineError:
        return False
    return True


def why_unfit(adapter: AbstractContextManager[Path], repo: str, commit: str, sizes: Mapping[str, int]) -> str:
    """Says why an adapter cannot be put onto its base, which is not fetched; empty if it can, or if that stays unknown.

    Args:
        adapter: Gives the adapter's folder; its file may be an outline.
        repo: "owner/name" of the base.
        commit: Whose files.
        sizes: Name -> bytes of the base's files that would be fetched.
    """
    from typebeat.engines.beat.adapters import find_pairs
    from typebeat.engines.beat.loading import check_audiocraft
    from typebeat.engines.beat.transformers_format import check_transformers

    named = [name for name in sizes if name.endswith(LARGE) or name in (CONFIG, INDEX, PICKLE_INDEX)]
    names = [LM_FILE] if LM_FILE in sizes else named
    if sum(name.endswith(LARGE) for name in names) > MOST_FILES:
        return ""
    with suppress(NoOutlineError), outlined(repo, commit, {name: sizes[name] for name in names}) as base:
        is_audiocrafts = (base / LM_FILE).is_file()
        if not is_audiocrafts and not is_transformers(base):
            return ""  # the starter's format, whose tensors have names of their own
        try:
            shapes = check_audiocraft(base) if is_audiocrafts else check_transformers(base)
        except WeightsError as error:
            return f"its base cannot be used: {without_paths(str(error))}"
        try:
            with adapter as folder:
                find_pairs(folder, shapes)
        except WeightsError as error:
            return without_paths(str(error))
    return ""


def _check(folder: Path) -> None:
    from typebeat.engines.checkpoints import read_checkpoint

    if (folder / LM_FILE).is_file():
        from typebeat.engines.beat.loading import check_audiocraft

        check_audiocraft(folder)
        return
    for file in folder.iterdir():
        if file.suffix == ".safetensors":
            read_header(file)
        else:
            read_checkpoint(file)


@contextmanager
def outlined(repo: str, commit: str, sizes: Mapping[str, int]) -> Iterator[Path]:
    """Yields a folder with files of a repository, the large ones their ends alone, that is gone afterwards.

    Args:
        repo: "owner/name".
        commit: Whose files.
        sizes: Name -> bytes of each file.

    Raises:
        NoOutlineError: an end is longer than what is looked at, or the Hub sends no ends.
    """
    from huggingface_hub import hf_hub_download

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "weights"  # messages show this name
        folder.mkdir()
        for name, size in sizes.items():
            file = folder / name
            if not name.endswith(LARGE):
                if size > LARGEST_LOOK:
                    raise NoOutlineError(f"{name} is larger than any file of its kind")
                shutil.copy(hf_hub_download(repo, name, revision=commit), file)
                continue
            if size > LARGEST_FILE:
                raise NoOutlineError(f"{name} is larger than any file of its kind")
            with file.open("wb") as opened:
                opened.truncate(size)
            if name.endswith(".safetensors"):
                _fill_header(repo, commit, file, size)
            else:
                _fill_zip(repo, commit, file, size)
        yield folder


def _fill_header(repo: str, commit: str, file: Path, size: int) -> None:
    start = _fill(repo, commit, file, 0, min(8, size))
    if len(start) < 8:
        return  # the reader says so
    _fill(repo, commit, file, 8, min(8 + struct.unpack("<Q", start)[0], size))


def _fill_zip(repo: str, commit: str, file: Path, size: int) -> None:
    _fill(repo, commit, file, max(0, size - INDEX_BYTES), size)
    try:
        with zipfile.ZipFile(file) as held:
            pickles = [each for each in held.infolist() if each.filename.rpartition("/")[2] == PICKLE_NAME]
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise NoOutlineError(f"{file.name} is no zip, or one with a longer index") from error
    if len(pickles) != 1:
        raise NoOutlineError(f"{file.name} holds {len(pickles)} pickles")
    start = pickles[0].header_offset
    _fill(repo, commit, file, start, min(start + pickles[0].compress_size + SPARE, size))


def _fill(repo: str, commit: str, file: Path, start: int, stop: int) -> bytes:
    """Fetches the bytes from `start` up to `stop` and puts them where they belong."""
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.utils import build_hf_headers, hf_raise_for_status

    if not 0 <= stop - start <= LARGEST_LOOK:
        raise NoOutlineError(f"{file.name} has an end of {stop - start:,} bytes")
    if start == stop:
        return b""
    url = hf_hub_url(repo, file.name, revision=commit)
    headers = {**build_hf_headers(), "Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity"}
    content = b""
    with get_session().stream("GET", url, headers=headers, follow_redirects=True) as answer:
        if answer.is_error:
            answer.read()  # what the Hub says of it
        hf_raise_for_status(answer)
        if answer.status_code != 206:
            raise NoOutlineError("the Hub sent no part of a file")
        for piece in answer.iter_bytes():
            content += piece
            if len(content) > stop - start:
                raise NoOutlineError("the Hub sent more than was asked for")
    with file.open("r+b") as opened:
        opened.seek(start)
        opened.write(content)
    return content

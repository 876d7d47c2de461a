"""Checks that files of weights are those of which the Hub told, and that all files of a model are of one commit.

The Hub's library compares sizes alone, unless a file came over Xet, which has hashes of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from typebeat.engines import HubUnreachableError
from typebeat.engines.hashes import sha256_of
from typebeat.engines.hub import hub_answers

_SHA256 = re.compile(r"[0-9a-f]{64}")  # the name of a large file in the Hub's cache; small ones are named as git does


@contextmanager
def checked(repo: str = "*") -> Iterator[None]:
    """Checks each large file that comes into the Hub's cache in the block, once; a wrong one is deleted.

    Args:
        repo: Of which repository, "owner/name"; "*" for all.

    Raises:
        HubUnreachableError: a file is not what the Hub told of it. Where the block raises, that error is raised.
    """
    before = _large_files(repo)
    try:
        yield
    except BaseException:
        _wrong_files(_large_files(repo) - before)
        raise
    if wrong := _wrong_files(_large_files(repo) - before):
        told = f"what the Hub sent of {_repo_of(wrong[0])} has another SHA-256 than it told"
        raise HubUnreachableError(f"{told}; {wrong[0].name[:12]} was deleted, and is fetched anew when asked for again")


def pin(repo: str, revision: str, only_cached: bool = False) -> str:
    """Returns the commit of a revision, so that files fetched one after the other are of one commit.

    What the Hub refuses is returned as it is; whoever asks for its files is told why.

    Raises:
        HubUnreachableError: the Hub does not answer, and its cache does not know the revision.
    """
    from huggingface_hub import HfApi, errors

    def resolved(is_offline: bool) -> str:
        return HfApi().resolve_revision(repo, revision=revision, local_files_only=is_offline).resolved

    try:
        with hub_answers(f"{repo}@{revision}"):
            try:
                return resolved(only_cached)
            except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.HFValidationError):
                return revision
            except errors.RevisionResolutionError as error:
                raise HubUnreachableError(f"the Hub could not be reached for {repo}@{revision}") from error
    except HubUnreachableError:
        with suppress(errors.RevisionResolutionError):  # such as where the Hub is too busy to answer
            return resolved(True)
        raise


def _large_files(repo: str) -> set[Path]:
    from huggingface_hub import constants

    pattern = f"models--{repo.replace('/', '--')}/blobs/*"
    return {file for file in Path(constants.HF_HUB_CACHE).glob(pattern) if _SHA256.fullmatch(file.name)}


def _wrong_files(files: set[Path]) -> list[Path]:
    """Deletes those that are not what they are named after, and returns them."""
    wrong = []
    for file in sorted(files):
        with suppress(FileNotFoundError):  # another process found it wrong too
            if sha256_of(file) != file.name:
                file.unlink()
                wrong.append(file)
    return wrong


def _repo_of(file: Path) -> str:
    return file.parents[1].name.removeprefix("models--").replace("--", "/")

"""Finds the folder with the weights that the settings choose, and fetches it from the Hub if need be.

A choice is "starter", "auto", a local folder or a Hub repository. What the files in that folder make is decided where
they are loaded.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from typebeat.engines import HubUnreachableError, Weights, WeightsError, without_paths
from typebeat.engines.fetched import checked, pin
from typebeat.engines.foreign import read_json
from typebeat.engines.hub import hub_answers
from typebeat.engines.weights import BEAT, COVER, LICENCES, MUSICGENS, STEMS

CHOICES = "starter, auto, a folder, or a Hub repository owner/name[@revision]"
STARTER_FOLDER, STARTER_COVER_FOLDER = (Path(__file__).parents[1] / "starter" / kind for kind in ("beat", "cover"))
STARTERS = {"beat": STARTER_FOLDER, "cover": STARTER_COVER_FOLDER}  # stems can be split without weights
AUTO = {"beat": BEAT, "cover": COVER, "stems": STEMS}
# of a repository whose files could not be listed; one of MusicGen holds its weights twice
AUDIOCRAFT_FILES = ("state_dict.bin", "compression_state_dict*.bin", "config.json", "README.md")
STARTER_FILES = ("config.json", "*.safetensors", "README.md")
STEMS_FILES = ("*.safetensors",)
PIPELINE_FILE = "model_index.json"
PIPELINE_FILES = ("*.json", "README.md", "*/*.json", "tokenizer*/*", "lora/*")  # all but the pipeline's weights

LIKE_ENOUGH = 0.6  # of a name, to be offered for another

_HUB_NAME = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Located:
    """A folder with weights in it, and what is known of them before they are loaded.

    `weights.precision` is always empty. So are `weights.revision` where the hash of the files will stand for it, and
    `weights.licence` where the folder's README.md may name it.
    """

    folder: Path
    weights: Weights


def locate(choice: str, device: str, kind: str) -> Located:
    """Finds weights on this machine or fetches them from the Hub.

    Where the Hub does not give them the starter stands in, for stems no weights at all, and `weights.notice` says why.

    Args:
        choice: One of `CHOICES`; empty means "auto": on a CUDA device the Hub's weights, else the starter. For stems
            "auto" without a CUDA device means the Hub's weights if they are in its cache on this machine.
        device: "cpu" or "cuda", where the weights will run.
        kind: "beat", "cover" or "stems".

    Raises:
        WeightsError: there is no such folder, repository or revision.
        OSError: the disk is full.
    """
    choice = choice.strip() or "auto"
    is_auto, only_cached = choice == "auto", choice == "auto" and device == "cpu"
    if choice == "starter" or (only_cached and kind in STARTERS):
        return starter(kind, device)
    folder = Path(choice).expanduser()
    if not is_auto and folder.is_dir():
        return Located(folder, Weights(folder.resolve().name, "folder", "", "", device, ""))
    repo, revision = (AUTO[kind].repo, AUTO[kind].revision) if is_auto else repository(choice)
    try:
        folder = _fetch_kind(kind, repo, revision, only_cached)
    except HubUnreachableError as error:
        if kind in STARTERS:
            return starter_instead_of(kind, repo, revision, device, error)
        return starter(kind, device, "" if only_cached else str(error))
    licence = LICENCES.get(repo, "")
    return Located(folder, Weights(repo, "hub", commit_of(folder, revision), licence, device, ""))


def starter(kind: str, device: str, notice: str = "") -> Located:
    """Returns the weights that ship; for stems there are none, and the folder is an empty path."""
    folder = STARTERS.get(kind, Path())
    if not folder.is_dir():
        raise WeightsError(f"the starter's weights are missing from {folder}; get the whole repository")
    return Located(folder, Weights("starter", "starter", "", "", device, "", notice))


def starter_instead_of(kind: str, repo: str, revision: str, device: str, why: HubUnreachableError) -> Located:
    """Returns the weights that ship, with a notice that says why the Hub's did not come."""
    return starter(kind, device, f"the starter stands in for {repo}@{revision}: {without_paths(str(why))}")


def fetch(repo: str, revision: str, patterns: Sequence[str], only_cached: bool = False) -> Path:
    """Returns the folder with a repository's files of some patterns, fetched or from the Hub's cache.

    Raises:
        WeightsError: there is no such repository or revision.
        HubUnreachableError: the Hub does not answer and its cache lacks the repository, or wrong files come.
        OSError: the disk is full.
    """
    from huggingface_hub import errors, snapshot_download

    with checked(repo), hub_answers(f"{repo}@{revision}"):
        try:
            folder = snapshot_download(
                repo, revision=revision, allow_patterns=list(patterns), local_files_only=only_cached
            )
        except errors.GatedRepoError as error:
            from typebeat.engines.inspect import gated

            raise WeightsError(gated(repo)) from error
        except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.HFValidationError) as error:
            raise WeightsError(
                f"the Hub has no repository {repo}@{revision} that you may read, and there is no such folder; "
                f"allowed are {CHOICES}"
            ) from error
    return Path(folder)


def _fetch_kind(kind: str, repo: str, revision: str, only_cached: bool) -> Path:
    """Fetches what a kind of weights needs of a repository, and no more, all of it of one commit."""
    commit = pin(repo, revision, only_cached)
    try:
        return _fetch_files(kind, repo, commit, only_cached)
    except HubUnreachableError:
        raise
    except WeightsError as error:
        if commit != revision and pin(repo, revision, only_cached) != commit:
            raise HubUnreachableError(f"{repo} changed while it was fetched") from error
        raise


def _fetch_files(kind: str, repo: str, revision: str, only_cached: bool) -> Path:
    if kind == "stems":
        return fetch(repo, revision, STEMS_FILES, only_cached)
    if kind == "beat":
        from typebeat.engines.inspect import files_to_fetch

        if needed := files_to_fetch(repo, revision):
            return fetch(repo, revision, needed)
        folder = fetch(repo, revision, AUDIOCRAFT_FILES)
        return folder if (folder / AUDIOCRAFT_FILES[0]).exists() else fetch(repo, revision, STARTER_FILES)
    from typebeat.engines.inspect import one_picture_file, refuse_pictures

    refuse_pictures(repo, revision)
    folder = fetch(repo, revision, PIPELINE_FILES)
    if not (folder / PIPELINE_FILE).is_file() and not (folder / "lora").is_dir():
        fetch(repo, revision, [one_picture_file(repo, revision)])  # an adapter, or a checkpoint of one file
    if (folder / PIPELINE_FILE).is_file():
        parts = [name for name, value in read_json(folder / PIPELINE_FILE).items() if isinstance(value, list)]
        fetch(repo, revision, [f"{part}/*.fp16.safetensors" for part in parts])  # half as much to fetch
        if not list(folder.glob("unet/*.fp16.safetensors")):
            fetch(repo, revision, [f"{part}/*.safetensors" for part in parts])
    return folder


def repository(choice: str) -> tuple[str, str]:
    """Returns repository and revision of a choice that is no folder; raises WeightsError for what cannot be one."""
    named = _HUB_NAME.fullmatch(choice)
    if not named or choice.startswith((".", "~")) or Path(choice.partition("/")[0]).exists():
        raise WeightsError(f"there is no weights folder {choice!r}{_meant(choice)}; allowed are {CHOICES}")
    return named["repo"], named["revision"] or "main"


def _meant(choice: str) -> str:
    """Returns a question after the choice that is spelt most like one that there is not, empty if none is near."""
    full = {repo.rpartition("/")[2]: repo for repo in (*LICENCES, *(each.repo for each in MUSICGENS))}
    known = {**full, **{repo: repo for repo in full.values()}, "starter": "starter", "auto": "auto"}
    near = difflib.get_close_matches(choice.lower(), known, n=1, cutoff=LIKE_ENOUGH)
    return f" (did you mean {known[near[0]]}?)" if near else ""


def commit_of(folder: Path, revision: str) -> str:
    """Returns the commit that a folder of the Hub's cache is named after; else the revision that was asked for."""
    return folder.name if _COMMIT.fullmatch(folder.name) else revision

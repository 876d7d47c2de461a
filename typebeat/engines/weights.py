"""Which weights there are and where: the only place where a Hub id stands.

`locate_beat` turns a choice ("starter", "auto", a folder, a Hub repository) into a folder of files, fetching it from
the Hub if need be. What is in that folder is beat/loading.py's business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from typebeat.engines import HubUnreachableError, Weights, WeightsError


@dataclass(frozen=True)
class HubEntry:
    """One repository on the Hugging Face Hub.

    Attributes:
        repo: "owner/name".
        revision: Branch, tag or commit; the commit that was really loaded stands in the recipe.
        licence: Of the weights, as the Hub spells it.
        purpose: What Typebeat uses it for.
        size: About how much is fetched.
        note: What a reader must know besides.
    """

    repo: str
    revision: str
    licence: str
    purpose: str
    size: str
    note: str = ""


# Nobody has pushed a Typebeat finetune yet. Until somebody does (training/ makes and pushes one, and its repository
# and tag are then written here), the Hub entry is MusicGen's base weights: they know no style word of Typebeat, and
# their licence forbids commercial use. facebook/musicgen-small (about 1.1 GB with its codec) has the same format and
# licence and can be named in TYPEBEAT_BEAT instead.
BEAT = HubEntry(
    repo="facebook/musicgen-medium",
    revision="main",
    licence="cc-by-nc-4.0",
    purpose="beats on a CUDA device",
    size="about 4 GB",
    note="base weights, not finetuned by Typebeat yet; no commercial use",
)
BEAT_TEXT_ENCODER = HubEntry(
    repo="t5-base",
    revision="main",
    licence="apache-2.0",
    purpose="text encoder that MusicGen's weights ask for by themselves",
    size="about 0.9 GB",
)
BEAT_CODEC = HubEntry(
    repo="facebook/encodec_32khz",
    revision="main",
    licence="cc-by-nc-4.0",
    purpose="codec of finetunes that name it instead of holding it",
    size="about 0.2 GB",
)
STEMS = HubEntry(
    repo="adefossez/HTDemucs",
    revision="main",
    licence="research-only",
    purpose="stems with a CUDA device, or once they are in the Hub's cache",
    size="about 0.1 GB",
    note="htdemucs; its author provides the weights for scientific purposes only: no commercial use",
)
COVER = HubEntry(
    repo="stabilityai/stable-diffusion-xl-base-1.0",
    revision="main",
    licence="openrail++",
    purpose="covers on a CUDA device",
    size="about 7 GB",
    note="Stable Diffusion XL as it is; the licence restricts some uses and travels with what is made from the weights",
)
COVER_SPEED = HubEntry(
    repo="latent-consistency/lcm-lora-sdxl",
    revision="main",
    licence="openrail++",
    purpose="adapter with which Stable Diffusion XL needs few steps, used where there is no CUDA device",
    size="about 0.4 GB",
)
# Nobody has pushed Typebeat's style adapters for Stable Diffusion XL yet. training/ makes and pushes a repository with
# lora/<style>/ in it; named in TYPEBEAT_COVER it brings its base along. Its name then replaces None here.
COVER_STYLES: HubEntry | None = None
CATALOGUE = tuple(
    entry
    for entry in (BEAT, BEAT_TEXT_ENCODER, BEAT_CODEC, STEMS, COVER, COVER_SPEED, COVER_STYLES)
    if entry is not None
)
# audiocraft's format says what is inside only in its gigabytes; of these it is known
NOT_PLAYED = {
    "facebook/musicgen-style": "it hears a style by a network that brings its own code, which is not run",
    "facebook/musicgen-stem-6cb": "its tokens are those of one codec for each stem",
    "facebook/musicgen-stem-7cb": "its tokens are those of one codec for each stem",
    **{
        f"facebook/{name}": "it fills in masked tokens instead of drawing one after the other"
        for name in (
            *("magnet-small-10secs", "magnet-medium-10secs", "magnet-small-30secs", "magnet-medium-30secs"),
            *("audio-magnet-small", "audio-magnet-medium"),
        )
    },
    "facebook/jasco-chords-drums-400M": "it makes sound by flow matching and draws no tokens",
    "facebook/jasco-chords-drums-1B": "it makes sound by flow matching and draws no tokens",
    "facebook/jasco-chords-drums-melody-400M": "it makes sound by flow matching and draws no tokens",
    "facebook/jasco-chords-drums-melody-1B": "it makes sound by flow matching and draws no tokens",
}

STARTER_FOLDER = Path(__file__).parents[1] / "starter" / "beat"
CHOICES = "starter, auto, a folder, or a Hub repository owner/name[@revision]"
# a repository of MusicGen also holds gigabytes of safetensors for transformers, which nobody here reads
AUDIOCRAFT_FILES = ("state_dict.bin", "compression_state_dict.bin", "config.json", "README.md")
STEMS_FILES = ("*.safetensors",)
STARTER_FILES = ("config.json", "*.safetensors", "README.md")

_HUB_NAME = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Located:
    """A folder with weights in it, and what is known of them before they are loaded.

    `weights.revision` is empty where it is to be the hash of the files, and `weights.precision` always is.
    """

    folder: Path
    weights: Weights


def locate_beat(choice: str, device: str) -> Located:
    """Finds the beat weights on this machine or fetches them from the Hub.

    Args:
        choice: One of `CHOICES`; empty means "auto".
        device: "cpu" or "cuda", where they will run; decides for "auto".

    Raises:
        WeightsError: there is no such folder, repository or revision. (A Hub that cannot be reached is no error: the
            starter stands in, and `weights.notice` says so.)
        OSError: the disk is full.
    """
    choice = choice.strip() or "auto"
    if choice == "starter" or (choice == "auto" and device == "cpu"):
        return _starter(device)
    if choice == "auto":
        return _hub(BEAT.repo, BEAT.revision, device)
    folder = Path(choice).expanduser()
    if folder.is_dir():
        name = folder.resolve().name
        return Located(folder, Weights(name, "folder", "", "", device, ""))
    return _hub(*repository(choice), device, "; there is no such folder either")


def locate_stems(choice: str, device: str) -> Located:
    """Finds the weights that split stems, or says (`weights.source` is "starter") that none are used.

    Args:
        choice: A folder, a Hub repository, or "auto" (also where empty), which asks the Hub with a CUDA device and
            its cache without one.
        device: "cpu" or "cuda", where they will run.

    Raises:
        WeightsError: there is no such folder, repository or revision. (A Hub that cannot be reached is no error:
            stems are then split without weights, and `weights.notice` says so.)
    """
    choice = choice.strip() or "auto"
    without_weights = Located(Path(), Weights("", "starter", "", "mit", device, ""))
    folder = Path(choice).expanduser()
    if choice != "auto" and folder.is_dir():
        return Located(folder, Weights(folder.resolve().name, "folder", "", "unknown", device, ""))
    repo, revision = repository(STEMS.repo if choice == "auto" else choice)
    only_cached = choice == "auto" and device == "cpu"
    try:
        found = fetch(repo, revision, STEMS_FILES, only_cached)
    except HubUnreachableError as error:
        notice = "" if only_cached else str(error)
        return replace(without_weights, weights=replace(without_weights.weights, notice=notice))
    licence = STEMS.licence if repo == STEMS.repo else "unknown"
    return Located(found, Weights(repo, "hub", commit_of(found, revision), licence, device, ""))


def starter_instead_of(repo: str, revision: str, device: str, besides: str = "") -> Located:
    """Returns the starter with a notice that the Hub could not be reached; `besides` is added to the notice."""
    notice = f"the Hub could not be reached, so the starter stands in for {repo}@{revision}{besides}"
    return _starter(device, notice)


def _starter(device: str, notice: str = "") -> Located:
    if not STARTER_FOLDER.is_dir():
        raise WeightsError(f"the starter's weights are missing from {STARTER_FOLDER}; get the whole repository")
    return Located(STARTER_FOLDER, Weights("starter", "starter", "", "", device, "", notice))


def _hub(repo: str, revision: str, device: str, besides: str = "") -> Located:
    """Fetches a repository (or finds it in the Hub's cache); where the Hub cannot be reached, the starter stands in."""
    from typebeat.engines.inspect import files_to_fetch

    try:
        if needed := files_to_fetch(repo, revision):
            folder = fetch(repo, revision, needed)
        else:
            folder = fetch(repo, revision, AUDIOCRAFT_FILES)
        if not needed and not (folder / AUDIOCRAFT_FILES[0]).exists():
            folder = fetch(repo, revision, STARTER_FILES)
    except HubUnreachableError:
        return starter_instead_of(repo, revision, device, besides)
    licence = next((entry.licence for entry in CATALOGUE if entry.repo == repo), "")
    return Located(folder, Weights(repo, "hub", commit_of(folder, revision), licence, device, ""))


def repository(choice: str) -> tuple[str, str]:
    """Returns repository and revision of a choice that is no folder; raises WeightsError for what cannot be one."""
    named = _HUB_NAME.fullmatch(choice)
    if not named or choice.startswith((".", "~")) or Path(choice.partition("/")[0]).exists():
        raise WeightsError(f"there is no weights folder {choice!r}; allowed are {CHOICES}")
    return named["repo"], named["revision"] or "main"


def fetch(repo: str, revision: str, patterns: Sequence[str], only_cached: bool = False) -> Path:
    """Returns the folder with a repository's files of some patterns, fetched or from the Hub's cache.

    Raises:
        WeightsError: there is no such repository or revision.
        HubUnreachableError: the Hub does not answer and its cache does not hold the repository.
        OSError: the disk is full.
    """
    from huggingface_hub import errors, snapshot_download

    try:
        found = snapshot_download(repo, revision=revision, allow_patterns=list(patterns), local_files_only=only_cached)
        return Path(found)
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.HFValidationError) as error:
        raise WeightsError(
            f"the Hub has no repository {repo}@{revision} that you may read, and there is no such folder; "
            f"allowed are {CHOICES}"
        ) from error
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, errors.HTTPError) as error:
        raise HubUnreachableError(f"the Hub could not be reached for {repo}@{revision}") from error


def commit_of(folder: Path, revision: str) -> str:
    """Returns the commit that a folder of the Hub's cache is named after; else the revision that was asked for."""
    return folder.name if _COMMIT.fullmatch(folder.name) else revision

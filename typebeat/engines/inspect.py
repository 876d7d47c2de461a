"""What a repository or a folder of weights is, before anything large is fetched: by names, sizes and small files.

`inspect_weights` answers `typebeat weights owner/name`; `files_to_fetch` refuses what cannot be played before it is
fetched, and names the few files that are needed of what can.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from typebeat.engines import HubUnreachableError, WeightsError, without_paths
from typebeat.engines.beat.formats import ADAPTER_CONFIG, ADAPTER_FILE, CONFIG, Verdict, judge, parse_small, read_small
from typebeat.engines.cover.formats import PictureVerdict, judge_pictures
from typebeat.engines.fetched import checked
from typebeat.engines.foreign import known_licence, quoted, read_licence
from typebeat.engines.hub import hub_answers
from typebeat.engines.locate import LIKE_ENOUGH, PIPELINE_FILE, repository
from typebeat.engines.outline import check_ends, is_cached, outlined, why_unfit
from typebeat.engines.weights import CATALOGUE, LICENCES, NOT_PLAYED

SMALL_BYTES = 250_000  # the largest file that is fetched to look at it; three of them are
PLAIN_NAME = re.compile(r"\w[\w.-]*", re.ASCII)


class GatedError(WeightsError):
    """A repository whose terms have to be accepted first, in one line."""


@dataclass(frozen=True)
class WeightsReport:
    """What weights are, for people.

    Attributes:
        name: The repository at its commit, or the folder's name.
        verdict: Format, and whether and how they play or draw.
        licence: As the Hub spells it, "unknown" where none of the known ones is named.
        bytes: Of what would be fetched or read.
    """

    name: str
    verdict: Verdict | PictureVerdict
    licence: str
    bytes: int

    def lines(self) -> list[str]:
        """Returns the report, a line each."""
        size = f"{self.bytes / 1e9:.2f} GB" if self.bytes >= 1e8 else f"{self.bytes / 1e6:.1f} MB"
        if isinstance(self.verdict, PictureVerdict):
            plays = "draws" if self.verdict.draws else "does not draw"
        else:
            plays = "plays" if self.verdict.plays else "does not play"
        return [
            f"{self.name}: {self.verdict.format}",
            f"licence: {self.licence}",
            *([f"size: {size} in {len(self.verdict.files)} files"] if self.verdict.files else []),
            f"{plays}: {self.verdict.told}",
        ]


def inspect_weights(choice: str) -> WeightsReport:
    """Tells what a folder or a Hub repository is; fetches no weights, and less than a megabyte at all.

    Raises:
        WeightsError: there is nothing of that name, it may not be read, or it is no model; the nearest name is offered.
        HubUnreachableError: the Hub does not answer.
    """
    folder = Path(choice).expanduser()
    if folder.is_dir():
        below = [*folder.glob("*"), *folder.glob("*/*"), *folder.glob("lora/*/*")]
        files: Mapping[str, int] = {
            path.relative_to(folder).as_posix(): path.stat().st_size for path in below if path.is_file()
        }
        beat, verdict = _verdicts(files, read_small(folder))
        if beat and beat.plays and beat.base:
            verdict = _with_base_of(folder, beat)
        name, licence = quoted(folder.resolve().name)[1:-1], read_licence(folder)
    else:
        repo, revision = repository(choice)
        listed = _listed(repo, revision)
        files, licence = listed.files, listed.licence
        name = f"{repo}@{listed.commit[:12]}"
        beat, verdict = _judge_any(listed)
        if beat and beat.plays and beat.base:
            verdict = _with_base(beat, _outlined_adapter(listed))
    return WeightsReport(name, verdict, licence, sum(files.get(file, 0) for file in verdict.files))


def files_to_fetch(repo: str, revision: str) -> tuple[str, ...] | None:
    """Returns the files of a Hub repository that are needed to play it; None where the Hub does not answer.

    Raises:
        WeightsError: there is no such repository, it may not be read, or what it holds cannot be played.
    """
    try:
        listed = _listed(repo, revision)
        verdict = _judge(listed)
    except HubUnreachableError:
        return None  # its cache may hold it
    is_new = verdict.plays and bool(verdict.base) and not is_cached(repo, listed.commit, verdict.files)
    if is_new and not Path(verdict.base).is_dir():
        with suppress(HubUnreachableError):  # its base may be in the cache
            verdict = _with_base(verdict, _outlined_adapter(listed))
    if not verdict.plays:
        raise WeightsError(f"refused before it was fetched: {repo} ({verdict.format}): {verdict.told}")
    return verdict.files


def refuse_pictures(repo: str, revision: str) -> None:
    """Raises WeightsError for a repository of pictures that cannot be had or drawn with, before it is fetched."""
    try:
        _, verdict = _judge_any(_listed(repo, revision))
    except HubUnreachableError:
        return  # its cache may hold it
    if isinstance(verdict, PictureVerdict) and not verdict.draws:
        raise WeightsError(f"refused before it was fetched: {repo} ({verdict.format}): {verdict.told}")


def one_picture_file(repo: str, revision: str) -> str:
    """Returns the one file of a Hub repository that can be an adapter of pictures, or a whole model in one file.

    Raises:
        WeightsError: there is no such repository, or not one such file. HubUnreachableError: the Hub does not answer.
    """
    files = _listed(repo, revision).files
    found = [name for name in files if "/" not in name and name.endswith(".safetensors")]
    usual = [name for name in found if name in ("pytorch_lora_weights.safetensors", "adapter_model.safetensors")]
    if len(usual or found) != 1:
        some = ", ".join(quoted(name)[1:-1] for name in sorted(found or files)[:4]) or "nothing"
        told = f"it holds {some}; wanted are a pipeline of diffusers, lora/<style>/, or one *.safetensors"
        raise WeightsError(f"refused before it was fetched: {repo} draws no pictures as it is: {told}")
    return (usual or found)[0]


@dataclass(frozen=True)
class _Listed:
    """A repository's files and their sizes, at a commit."""

    repo: str
    commit: str
    files: Mapping[str, int]
    licence: str


def _listed(repo: str, revision: str) -> _Listed:
    from huggingface_hub import HfApi, errors

    api = HfApi()
    with hub_answers(repo):
        try:
            info = api.model_info(repo, revision=revision, files_metadata=True)
        except errors.RevisionNotFoundError as error:
            raise WeightsError(f"the Hub's {repo} has no branch, tag or commit {quoted(revision)}") from error
        except errors.GatedRepoError as error:
            raise GatedError(gated(repo)) from error
        except errors.RepositoryNotFoundError as error:
            raise WeightsError(_why_not(api, repo)) from error
        except errors.HFValidationError as error:
            raise WeightsError(f"{quoted(repo)} is no name of a repository; it is written owner/name") from error
    card = info.card_data.to_dict() if info.card_data else {}
    files = {each.rfilename: each.size or 0 for each in info.siblings or ()}
    entry = LICENCES.get(repo, "")
    licence = known_licence(card.get("license"))
    return _Listed(repo, info.sha or revision, files, entry or licence)


def _judge(listed: _Listed) -> Verdict:
    """Tells what a repository is from its list of files, at most two small ones, and the ends of two large ones."""
    if listed.repo in NOT_PLAYED:
        return Verdict("audiocraft", False, NOT_PLAYED[listed.repo])
    for name in (CONFIG, ADAPTER_CONFIG):
        if listed.files.get(name, 0) > SMALL_BYTES:
            return Verdict("unknown", False, f"its {name} is larger than any file of its kind")
    verdict = judge(listed.files, lambda name: _read(listed, name))
    return _looked_into(listed, verdict) if verdict.plays else verdict


def _looked_into(listed: _Listed, verdict: Verdict) -> Verdict:
    """The verdict on what plays by its names alone, once the ends of its large files were read."""
    sizes = {name: listed.files[name] for name in verdict.files}
    try:
        with _asking(listed.repo):
            is_known = check_ends(listed.repo, listed.commit, sizes)
    except (GatedError, HubUnreachableError):
        raise
    except WeightsError as error:
        return Verdict(verdict.format, False, without_paths(str(error)), (), verdict.base)
    return replace(verdict, told="plays with text") if is_known and verdict.format == "audiocraft" else verdict


def _judge_any(listed: _Listed) -> tuple[Verdict | None, Verdict | PictureVerdict]:
    """Tells what a repository is; returns the verdict on beats where it is that, and the one that counts."""
    beat = _judge(listed)
    if listed.repo in NOT_PLAYED or listed.files.get(PIPELINE_FILE, 0) > SMALL_BYTES:
        return beat, beat
    return _of_pictures(beat, listed.files, lambda name: _read(listed, name))


def _verdicts(
    files: Mapping[str, int], read: Callable[[str], dict[str, Any]]
) -> tuple[Verdict | None, Verdict | PictureVerdict]:
    return _of_pictures(judge({name: size for name, size in files.items() if "/" not in name}, read), files, read)


def _of_pictures(
    beat: Verdict, files: Mapping[str, int], read: Callable[[str], dict[str, Any]]
) -> tuple[Verdict | None, Verdict | PictureVerdict]:
    if beat.format not in ("diffusers", "unknown"):
        return beat, beat
    try:
        pictures = judge_pictures(files, read)
    except HubUnreachableError:
        raise
    except WeightsError as error:
        pictures = PictureVerdict("broken pictures", False, str(error))
    return (None, pictures) if pictures else (beat, beat)


def _with_base_of(folder: Path, verdict: Verdict) -> Verdict:
    """The verdict on an adapter in a folder with its base's, which is beside it or on the Hub."""
    beside = folder.resolve().parent / verdict.base
    if PLAIN_NAME.fullmatch(verdict.base) and beside.is_dir():
        base = judge(
            {path.name: path.stat().st_size for path in beside.iterdir() if path.is_file()}, read_small(beside)
        )
        plays = base.plays and not base.base
        return Verdict(verdict.format, plays, f"its base is {base.format}; {base.told}", verdict.files, verdict.base)
    try:
        return _with_base(verdict, nullcontext(folder))
    except HubUnreachableError:
        return verdict


def _read(listed: _Listed, name: str) -> dict[str, Any]:
    from huggingface_hub import hf_hub_download

    with checked(listed.repo), _asking(listed.repo):
        file = hf_hub_download(listed.repo, name, revision=listed.commit)
    return parse_small(Path(file).read_bytes(), name)


@contextmanager
def _asking(repo: str) -> Iterator[None]:
    """As `hub_answers`, for files; those that are gated raise GatedError."""
    from huggingface_hub import errors

    with hub_answers(repo):
        try:
            yield
        except errors.GatedRepoError as error:
            raise GatedError(gated(repo)) from error


def _outlined_adapter(listed: _Listed) -> AbstractContextManager[Path]:
    sizes = {name: listed.files[name] for name in (ADAPTER_CONFIG, ADAPTER_FILE)}
    return outlined(listed.repo, listed.commit, sizes)


def _with_base(verdict: Verdict, adapter: AbstractContextManager[Path]) -> Verdict:
    """The verdict on an adapter, which `adapter` gives a folder of, with its base's: it plays where its base does."""
    if verdict.base == "starter":
        return verdict
    try:
        repo, revision = repository(verdict.base)
        listed = _listed(repo, revision)
        base = _judge(listed)
        sizes = {name: listed.files[name] for name in base.files}
        with _asking(repo):
            unfit = why_unfit(adapter, repo, listed.commit, sizes) if base.plays and not base.base else ""
    except HubUnreachableError:
        raise
    except WeightsError as error:
        return Verdict(verdict.format, False, f"its base cannot be had: {error}", verdict.files, verdict.base)
    told = unfit or f"its base is {base.format}; {base.told}"
    return Verdict(verdict.format, base.plays and not unfit, told, verdict.files, verdict.base)


def _why_not(api: Any, repo: str) -> str:
    """Says why there is no such model, and what may have been meant."""
    for kind, told in (("space", "a Space, an app"), ("dataset", "a dataset, something to learn from")):
        if api.repo_exists(repo, repo_type=kind):
            return f"{repo} is {told}, and no model"
    names = {entry.repo for entry in CATALOGUE}
    owner, _, name = repo.partition("/")
    names |= {model.id for model in api.list_models(author=owner, limit=100)}
    names |= {model.id for model in api.list_models(search=name, limit=20)}
    near = difflib.get_close_matches(repo, sorted(names - {repo}), n=1, cutoff=LIKE_ENOUGH)
    meant = f"; did you mean {quoted(near[0])[1:-1]}?" if near else ""
    return f"the Hub has no model {repo} that you may read; a private one needs HF_TOKEN{meant}"


def gated(repo: str) -> str:
    """Says what to do about a repository whose terms have to be accepted first."""
    return f"{repo} is gated: accept its terms on its page on the Hub, and set HF_TOKEN to a token of yours"

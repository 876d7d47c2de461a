"""Where weights come from, and what happens when the Hub does not answer."""

from __future__ import annotations

import sys
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import errors

from typebeat.engines import WeightsError, inspect, locate
from typebeat.engines.locate import Located
from typebeat.engines.weights import BEAT, CATALOGUE

Request = sys.modules[errors.Response.__module__.partition(".")[0]].Request
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def starter(tmp_path, monkeypatch):
    """A folder that stands for the starter's."""
    folder = tmp_path / "starter"
    folder.mkdir()
    monkeypatch.setitem(locate.STARTERS, "beat", folder)
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture(autouse=True)
def silent(monkeypatch):
    """The Hub tells nothing of what it has, as where only its cache is there; test_inspect.py asks it."""
    monkeypatch.setattr(inspect, "files_to_fetch", lambda repo, revision: None)
    monkeypatch.setattr(locate, "pin", lambda repo, revision, only_cached: revision)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A Hub with one repository in audiocraft's format, that remembers what was asked."""
    asked = []

    def snapshot_download(repo, *, revision, allow_patterns, local_files_only):
        asked.append((repo, revision))
        folder = tmp_path / "cache" / COMMIT
        folder.mkdir(parents=True, exist_ok=True)
        if "state_dict.bin" in allow_patterns:
            (folder / "state_dict.bin").touch()
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    return asked


def locate_beat(choice: str, device: str) -> Located:
    return locate.locate(choice, device, "beat")


def break_hub(monkeypatch, error: Exception) -> None:
    def snapshot_download(*_, **__):
        raise error

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)


def answer(status: int) -> errors.Response:
    """An answer of the HTTP library that the installed Hub client uses."""
    return errors.Response(status, request=Request("GET", "https://hub.test"))


@pytest.mark.parametrize("choice", ["auto", "", "starter"])
def test_without_a_cuda_device_the_starter_runs_and_the_hub_is_not_asked(choice, hub, starter):
    located = locate_beat(choice, "cpu")
    assert located.folder == starter
    assert (located.weights.source, located.weights.device, located.weights.notice) == ("starter", "cpu", "")
    assert hub == []


def test_with_a_cuda_device_auto_means_the_hub(hub):
    located = locate_beat("auto", "cuda")
    assert hub == [(BEAT.repo, BEAT.revision)]
    assert (located.weights.name, located.weights.source, located.weights.device) == (BEAT.repo, "hub", "cuda")
    assert (located.weights.revision, located.weights.licence) == (COMMIT, BEAT.licence)


def test_the_starter_runs_on_a_cuda_device_too_when_it_is_asked_for(hub):
    assert locate_beat("starter", "cuda").weights.device == "cuda"
    assert hub == []


@pytest.mark.parametrize(
    ("choice", "revision"), [("me/beats", "main"), ("me/beats@v1.0", "v1.0"), (f"me/beats@{COMMIT}", COMMIT)]
)
def test_a_hub_repository_is_fetched_at_its_revision(choice, revision, hub):
    assert locate_beat(choice, "cpu").weights.name == "me/beats"
    assert hub == [("me/beats", revision)]


def test_a_folder_is_taken_as_it_is_even_if_it_looks_like_a_repository(hub):
    Path("me/beats").mkdir(parents=True)
    located = locate_beat("me/beats", "cpu")
    assert (located.weights.name, located.weights.source) == ("beats", "folder")
    assert hub == []


@pytest.mark.parametrize(
    "choice", ["/no/such/folder", "./mine", "~/no-such-folder", "mine", "a/b/c", "starter/other", "me/beats@"]
)
def test_a_missing_folder_is_an_error_that_names_what_is_allowed(choice, hub):
    with pytest.raises(WeightsError, match=r"no weights folder.*owner/name"):
        locate_beat(choice, "cpu")
    assert hub == []


@pytest.mark.parametrize(
    "error",
    [
        errors.LocalEntryNotFoundError("offline"),
        errors.OfflineModeIsEnabled("offline"),
        errors.HfHubHTTPError("busy", response=answer(503)),
        errors.HTTPError("slow"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("choice", ["auto", "me/beats@v1"])
def test_when_the_hub_cannot_be_reached_the_starter_stands_in_and_says_so(choice, error, monkeypatch, starter):
    break_hub(monkeypatch, error)
    located = locate_beat(choice, "cuda")
    assert (located.folder, located.weights.source) == (starter, "starter")
    assert "could not be reached" in located.weights.notice
    assert (BEAT.repo if choice == "auto" else choice) in located.weights.notice


def test_safetensors_are_fetched_only_where_there_is_no_audiocraft_model(monkeypatch, tmp_path):
    patterns = []

    def snapshot_download(*_, allow_patterns, **__):
        patterns.append(allow_patterns)
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    locate_beat("me/starter", "cpu")
    assert ["*.safetensors" in each for each in patterns] == [False, True]


@pytest.mark.parametrize("kind", [errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.GatedRepoError])
def test_a_repository_that_the_hub_does_not_have_is_an_error(kind, monkeypatch):
    break_hub(monkeypatch, kind("no", response=answer(404)))
    told = "me/beats is gated" if kind is errors.GatedRepoError else r"me/beats@main.*that you may read"
    with pytest.raises(WeightsError, match=told):
        locate_beat("me/beats", "cpu")


def test_a_full_disk_is_not_taken_for_a_hub_that_is_away(monkeypatch):
    break_hub(monkeypatch, OSError(28, "No space left on device"))
    with pytest.raises(OSError, match="space"):
        locate_beat("me/beats", "cpu")


def test_a_missing_starter_is_an_error(starter):
    starter.rmdir()
    with pytest.raises(WeightsError, match="starter's weights are missing"):
        locate_beat("auto", "cpu")


def test_every_entry_of_the_catalogue_says_licence_purpose_and_size():
    for entry in CATALOGUE:
        assert all((entry.repo, entry.revision, entry.licence, entry.purpose, entry.size))
    assert "no commercial use" in BEAT.note

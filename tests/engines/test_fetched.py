"""Files that are not what the Hub told of them are not used, and files of two commits are never mixed."""

from __future__ import annotations

import pytest
from hub_repositories import LARGE, SDXL, WHOLE, put, put_pictures
from hub_store import git_oid

from benchmarks.folder_hub import serving
from typebeat.engines import HubUnreachableError, WeightsError, locate
from typebeat.engines.fetched import pin
from typebeat.engines.locate import fetch

UNET, VAE = "unet/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.safetensors"
PARTS = {**SDXL, "vae": ["diffusers", "AutoencoderKL"]}


def damage(hub, repo, path):
    """Has the Hub send other bytes of the same length; returns what puts it right."""
    oid = hub.repos["model", repo].files("main")[path][0]
    whole = hub.blobs[oid]
    hub.blobs[oid] = b"\1" + whole[1:]
    return lambda: hub.blobs.__setitem__(oid, whole)


def test_a_file_that_is_not_what_the_hub_told_is_deleted_and_fetched_anew_later(hub):
    put(hub, "me/beats", model__safetensors=WHOLE)
    mend = damage(hub, "me/beats", "model.safetensors")
    for _ in range(2):  # the second time it must not be taken out of the cache
        with pytest.raises(HubUnreachableError, match="sent of me/beats has another SHA-256 than it told"):
            fetch("me/beats", "main", ["*.safetensors"])
    mend()
    assert (fetch("me/beats", "main", ["*.safetensors"]) / "model.safetensors").read_bytes() == WHOLE


def test_a_file_of_another_size_than_the_hub_told_is_said_to_be_that(tmp_path):
    (tmp_path / "held").mkdir()
    (tmp_path / "held" / "model.safetensors").write_bytes(WHOLE)
    with serving({"me/beats": tmp_path / "held"}, tmp_path / "cache") as hub:
        hub.spoil = lambda content: content[:-1]
        with pytest.raises(HubUnreachableError, match="sent for me/beats@main has another size than it told"):
            fetch("me/beats", "main", ["*.safetensors"])


def test_a_wrong_file_does_not_stay_where_another_one_does_not_come(hub):
    put(hub, "me/beats", a__bin=LARGE, b__safetensors=WHOLE)
    mend = damage(hub, "me/beats", "a.bin")
    hub.fail("GET", r"/resolve/.*/b\.safetensors", 404, times=100)
    with pytest.raises(HubUnreachableError, match="could not be reached"):
        fetch("me/beats", "main", ["a.bin", "b.safetensors"])
    hub.faults.clear()
    mend()
    folder = fetch("me/beats", "main", ["a.bin", "b.safetensors"])
    assert ((folder / "a.bin").read_bytes(), (folder / "b.safetensors").read_bytes()) == (LARGE, WHOLE)


def test_what_is_whole_is_read_for_its_hash_once(hub, monkeypatch):
    from typebeat.engines import fetched

    put(hub, "me/beats", model__safetensors=WHOLE)
    read = []
    really = fetched.sha256_of
    monkeypatch.setattr(fetched, "sha256_of", lambda file: read.append(file.name) or really(file))
    for _ in range(2):
        fetch("me/beats", "main", ["*.safetensors"])
    assert len(read) == 1


def test_the_starter_stands_in_for_wrong_files_and_says_why(hub):
    put_pictures(hub, "me/covers", PARTS, UNET, VAE)
    damage(hub, "me/covers", UNET)
    weights = locate.locate("me/covers", "cpu", "cover").weights
    assert weights.source == "starter"
    assert "the starter stands in for me/covers@main: what the Hub sent of me/covers has another" in weights.notice


def with_a_commit_after_the_first_fetch(hub, monkeypatch, is_rewritten):
    """Has the repository change once its small files came; returns the ids of both commits."""
    repo = put_pictures(hub, "me/covers", PARTS, UNET, VAE)
    first, really, after = repo.oid("main"), locate.fetch, []

    def change():
        new = (hub.keep(b"\2" + LARGE), True)
        after.append(repo.commit("other weights", {**repo.files("main"), UNET: new, VAE: new}))
        if is_rewritten:
            repo.commits = repo.commits[-1:]

    def fetch_and_change(*asked):
        folder = really(*asked)
        if not after:
            change()
        return folder

    monkeypatch.setattr(locate, "fetch", fetch_and_change)
    return first, after


def test_a_commit_between_two_files_does_not_mix_them(hub, monkeypatch):
    first, after = with_a_commit_after_the_first_fetch(hub, monkeypatch, is_rewritten=False)
    located = locate.locate("me/covers", "cpu", "cover")
    assert located.weights.revision == first
    assert {(located.folder / name).read_bytes() == LARGE for name in (UNET, VAE)} == {True}
    again = locate.locate("me/covers", "cpu", "cover")
    assert again.weights.revision == after[0]
    assert {(again.folder / name).read_bytes() == b"\2" + LARGE for name in (UNET, VAE)} == {True}


def test_where_the_commit_is_gone_in_between_the_starter_stands_in_and_the_next_try_finds_the_new_one(hub, monkeypatch):
    _, after = with_a_commit_after_the_first_fetch(hub, monkeypatch, is_rewritten=True)
    weights = locate.locate("me/covers", "cpu", "cover").weights
    assert (weights.source, "me/covers" in weights.notice) == ("starter", True)
    assert locate.locate("me/covers", "cpu", "cover").weights.revision == after[0]


def test_a_revision_is_pinned_from_the_cache_where_the_hub_is_away_or_too_busy(hub, monkeypatch):
    from huggingface_hub import constants

    commit = put(hub, "me/beats", model__safetensors=WHOLE).oid("main")
    assert pin("me/beats", "main") == commit
    hub.fail("GET", "/api/models/me/beats", 429, times=100)
    assert pin("me/beats", "main") == commit
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert pin("me/beats", "main") == commit
    with pytest.raises(HubUnreachableError, match="could not be reached for me/other@main"):
        pin("me/other", "main")


def test_what_the_hub_does_not_have_is_told_by_whoever_asks_for_it(hub):
    put(hub, "me/beats", model__safetensors=WHOLE)
    assert pin("me/beats", "v9") == "v9"
    with pytest.raises(WeightsError, match="no branch, tag or commit"):
        locate.locate("me/beats@v9", "cpu", "beat")


def test_small_files_are_named_as_git_does_and_are_left_alone(hub):
    put(hub, "me/beats", config__json={"a": 1})
    folder = fetch("me/beats", "main", ["config.json"])
    assert (folder / "config.json").resolve().name == git_oid(b'{"a": 1}')

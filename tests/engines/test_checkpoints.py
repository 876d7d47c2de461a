"""Reading files of weights: every broken one in one clear line, and never a line of somebody's code."""

from __future__ import annotations

import copy
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tiny_models import DARK, LM_CONFIG, changed, held_in, load, refusal, save_held


def test_the_licence_is_unknown_unless_the_front_matter_names_it(folder):
    assert load(folder).weights.licence == "unknown"
    (folder / "README.md").write_text("# Beats\n---\nlicense: mit\n---\n")
    assert load(folder).weights.licence == "unknown"
    (folder / "README.md").write_bytes(b"---\nlicense: 'mit'\n---\n\xff")
    assert load(folder).weights.licence == "mit"


def test_the_revision_is_that_of_the_bytes_and_of_nothing_else(folder, tmp_path):
    from typebeat.engines.checkpoints import fingerprint

    first = load(folder).weights.revision
    (folder / "README.md").write_text("words")
    moved = folder.rename(tmp_path / "elsewhere")
    assert load(moved).weights.revision == first
    with (moved / "compression_state_dict.bin").open("ab") as file:
        file.write(b"\0")
    assert fingerprint(moved.glob("*.bin")) != first


def test_a_training_checkpoint_with_its_config_as_an_omegaconf_object_is_loaded(folder):
    from omegaconf import OmegaConf

    expected = load(folder).generate(DARK, 0.5, [1])[0].samples
    held = held_in(folder / "state_dict.bin")
    config = OmegaConf.create(changed(LM_CONFIG, dora={"dir": "/checkpoint/${oc.env:USER}"}, solver="musicgen"))
    save_held(folder / "state_dict.bin", {"best_state": {"model": held["best_state"]}, "xp.cfg": config})
    np.testing.assert_array_equal(load(folder).generate(DARK, 0.5, [1])[0].samples, expected)


class Bomb:
    """A pickle that touches a file when it is read the careless way."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("name", ["state_dict.bin", "compression_state_dict.bin"])
@pytest.mark.parametrize("plain_pickle", [False, True])
def test_a_pickle_with_code_in_it_is_refused_and_never_run(folder, tmp_path, name, plain_pickle):
    mark, file = tmp_path / "mark", folder / name
    bomb = {**held_in(file), "best_state": Bomb(mark)}
    if plain_pickle:
        file.write_bytes(pickle.dumps(bomb["best_state"]))
    else:
        save_held(file, bomb)
    assert refusal(folder).startswith(f"refused: {file} contains code")
    assert not mark.exists()
    with file.open("rb") as opened:  # the bomb would have gone off
        if plain_pickle:
            pickle.load(opened)
            assert mark.exists()


def test_a_pickle_that_calls_a_config_class_with_code_is_refused(folder, tmp_path):
    from omegaconf import DictConfig

    mark = tmp_path / "mark"
    config = DictConfig({})
    config.__dict__["_content"] = {"a": Bomb(mark)}
    save_held(folder / "state_dict.bin", {"best_state": {}, "xp.cfg": config})
    assert "contains code" in refusal(folder)
    assert not mark.exists()


@pytest.mark.parametrize("name", ["state_dict.bin", "compression_state_dict.bin"])
@pytest.mark.parametrize("left", [0, 1, 100, -1])
def test_a_truncated_file_is_told_by_name(folder, name, left):
    file = folder / name
    file.write_bytes(file.read_bytes()[: left if left >= 0 else file.stat().st_size * 9 // 10])
    assert f"{file} is truncated" in refusal(folder)


def test_a_config_object_that_repeats_parts_of_itself_is_refused_at_once(folder):
    from omegaconf import DictConfig, ListConfig

    inner = ListConfig([1])
    for _ in range(60):
        outer = ListConfig([])
        outer.__dict__["_content"] = [inner, inner]
        inner = outer
    config = DictConfig({"lm_model": "transformer_lm"})
    config.__dict__["_content"]["dataset"] = inner
    save_held(folder / "state_dict.bin", {"best_state": {}, "xp.cfg": config})
    assert "its xp.cfg cannot be read (it has more than" in refusal(folder)


def test_a_zip_that_would_grow_while_it_is_read_is_refused_before_it_does(folder):
    file = folder / "state_dict.bin"
    small = folder / "small.bin"
    with zipfile.ZipFile(file) as held, zipfile.ZipFile(small, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in held.namelist():
            packed.writestr(name, held.read(name))
        packed.writestr("archive/more.pkl", bytes(30_000_000))
    small.replace(file)
    assert "is a compressed zip, which torch never writes" in refusal(folder)
    with zipfile.ZipFile(file, "w") as packed:  # a hundred entries that are the same bytes
        packed.writestr("archive/data.pkl", bytes(100_000))
        first = packed.infolist()[0]
        for number in range(100):
            again = copy.copy(first)
            again.filename = f"archive/data/{number}"
            packed.filelist.append(again)
    assert "is a compressed zip" in refusal(folder)


@pytest.mark.parametrize(
    "content", [b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\n", b"\x80\x02}q\x00.x" * 9]
)
def test_a_file_that_holds_no_weights_is_told_by_name(folder, content):
    (folder / "state_dict.bin").write_bytes(content)
    assert str(folder / "state_dict.bin") in refusal(folder)


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ([1, 2], "holds a list"),
        ({"model": {}}, "has no xp.cfg"),
        ({"xp.cfg": "a: [1"}, "xp.cfg cannot be read"),
        ({"xp.cfg": ""}, "of the kind None"),
        ({"xp.cfg": 3}, "has no xp.cfg"),
        ({"xp.cfg": "lm_model: transformer_lm_magnet"}, "of the kind 'transformer_lm_magnet'"),
        ({"xp.cfg": "lm_model: transformer_lm"}, "has no best_state"),
        ({"xp.cfg": "lm_model: transformer_lm", "best_state": {}}, "audiocraft cannot build its xp.cfg"),
    ],
)
def test_a_checkpoint_of_something_else_is_told(folder, held, told):
    save_held(folder / "state_dict.bin", held)
    assert told in refusal(folder)


SECRET = "hf_aSecretThatMustNotLeak"


@pytest.mark.parametrize(
    "sections",
    [
        {"lm_model": "${oc.env:HF_TOKEN}"},
        {"conditioners": {"description": {"model": "${oc.env:HF_TOKEN}"}}},
        {"codebooks_pattern": {"modeling": "${oc.env:HF_TOKEN}"}},
        {"dataset": {"segment_duration": "${oc.env:HF_TOKEN}"}},
        {"transformer_lm": {"activation": "x${oc.env:HF_TOKEN}"}},
    ],
    ids=lambda sections: next(iter(sections)),
)
@pytest.mark.parametrize("as_object", [False, True])
def test_nothing_of_the_environment_is_read_through_a_config(folder, sections, as_object, monkeypatch):
    from omegaconf import OmegaConf

    monkeypatch.setenv("HF_TOKEN", SECRET)
    config = OmegaConf.create(changed(LM_CONFIG, **sections))
    held = {**held_in(folder / "state_dict.bin"), "xp.cfg": config if as_object else OmegaConf.to_yaml(config)}
    save_held(folder / "state_dict.bin", held)
    told = refusal(folder)
    assert "asks for something outside of the file" in told
    assert SECRET not in told


def test_a_real_configs_own_references_and_unused_sections_load(folder):
    from omegaconf import OmegaConf

    expected = load(folder).generate(DARK, 0.2, [1])[0].samples
    more = {"dora": {"dir": "/checkpoint/${oc.env:USER}/x"}, "dim": 32, "transformer_lm": {"dim": "${dim}"}}
    config = OmegaConf.to_yaml(OmegaConf.create(changed(LM_CONFIG, **more)))
    save_held(folder / "state_dict.bin", {**held_in(folder / "state_dict.bin"), "xp.cfg": config})
    np.testing.assert_array_equal(load(folder).generate(DARK, 0.2, [1])[0].samples, expected)


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"dim": 262_144}, "do not fit its xp.cfg"),
        ({"num_layers": 10**7}, "the file has no such part"),
        ({"n_q": 10**6}, "the file has no such part"),
        ({"card": 10**7}, "do not fit its xp.cfg"),
        ({"hidden_scale": 10**6}, "do not fit its xp.cfg"),
        ({"dim": 10**12}, "beyond all bounds"),
        ({"activation": "\x1b[31m<script>"}, "audiocraft cannot build"),
    ],
)
def test_absurd_sizes_are_refused_before_anything_is_allocated(folder, section, told):
    from omegaconf import OmegaConf

    config = OmegaConf.to_yaml(OmegaConf.create(changed(LM_CONFIG, transformer_lm=section)))
    save_held(folder / "state_dict.bin", {**held_in(folder / "state_dict.bin"), "xp.cfg": config})
    message = refusal(folder)
    assert told in message
    assert "\x1b" not in message
    assert "<" not in message


def test_tensors_that_claim_more_than_the_file_holds_are_refused(folder):
    import torch

    held = held_in(folder / "state_dict.bin")
    held["best_state"]["out_norm.weight"] = torch.zeros(1).expand(1 << 40)
    save_held(folder / "state_dict.bin", held)
    assert "claims 4,398,04" in refusal(folder)

"""Exports hold the trained weights, load as the app loads them, and are refused when they equal their base."""

import shutil

import pytest
import torch
from safetensors.torch import save_file
from tiny_models import held_in, load, save_model

from training.beat.export import ADAPTER_FILE, ExportError, export_beat, refuse_empty_adapter, state_of
from typebeat.engines.beat.loading import load_models
from typebeat.engines.beat.starter import build_lm, load_codec, save_starter
from typebeat.engines.locate import STARTER_FOLDER

SIZES = {"dim": 32, "num_layers": 1, "num_heads": 2, "dropout": 0.0}


@pytest.fixture(scope="module")
def audiocraft_base(tmp_path_factory):
    return save_model(tmp_path_factory.mktemp("base") / "musicgen")


@pytest.fixture(scope="module")
def starter_base(tmp_path_factory):
    folder, codec = tmp_path_factory.mktemp("base") / "starter", load_codec(STARTER_FOLDER)
    save_starter(folder, codec, build_lm(SIZES, codec, ["mood:dark"], 4.0), SIZES, 4.0)
    return folder


@pytest.fixture(params=["audiocraft_base", "starter_base"])
def base(request):
    return request.getfixturevalue(request.param)


def trained(base):
    lm = load_models(base, "cpu").lm
    with torch.no_grad():
        lm.linears[0].weight.add_(0.01)
    return lm


def test_an_export_holds_what_was_trained_and_loads_as_the_app_loads_it(base, tmp_path):
    lm = trained(base)
    change = export_beat(lm, base, tmp_path / "out")
    assert change.changed == 1
    assert 0 < change.relative < 1
    assert change.largest == pytest.approx(0.01, rel=0.1)
    again = load_models(tmp_path / "out", "cpu").lm
    for name, tensor in lm.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], tensor, atol=1e-3, rtol=1e-3)
    assert load(tmp_path / "out").weights.revision != load(base).weights.revision


def test_the_base_itself_is_refused_and_leaves_nothing(base, tmp_path):
    with pytest.raises(ExportError, match=r"refused: all \d+ tensors equal those of the base"):
        export_beat(load_models(base, "cpu").lm, base, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_weights_that_are_no_numbers_are_refused(base, tmp_path):
    lm = trained(base)
    with torch.no_grad():
        lm.linears[0].weight[0, 0] = float("nan")
    with pytest.raises(ExportError, match=r"linears\.0\.weight holds numbers that are not finite"):
        export_beat(lm, base, tmp_path / "out")


def test_a_model_with_adapters_still_inside_is_refused(base, tmp_path):
    lm = trained(base)
    lm.lora_A = torch.nn.Parameter(torch.zeros(2))
    with pytest.raises(ExportError, match=r"differ in 1 names \(lora_A\); merge adapters first"):
        export_beat(lm, base, tmp_path / "out")


def test_a_full_disk_leaves_the_last_export_as_it_was(base, tmp_path, monkeypatch):
    export_beat(trained(base), base, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    monkeypatch.setattr("typebeat.engines.beat.starter.save_torch_state_dict", full)
    with pytest.raises(OSError, match="No space left"):
        export_beat(trained(base), base, tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_audiocraft_export_is_what_audiocraft_reads(audiocraft_base, tmp_path):
    export_beat(trained(audiocraft_base), audiocraft_base, tmp_path / "out")
    held = held_in(tmp_path / "out" / "state_dict.bin")
    assert isinstance(held["xp.cfg"], str)
    assert held["exported"] is True
    assert "transformer_lm" in held["xp.cfg"]


def test_an_adapter_that_does_nothing_is_refused(tmp_path):
    adapter = {"x.lora_A.weight": torch.ones(2, 2), "x.lora_B.weight": torch.zeros(2, 2)}
    save_file(adapter, tmp_path / ADAPTER_FILE)
    with pytest.raises(ExportError, match="changes nothing"):
        refuse_empty_adapter(tmp_path / ADAPTER_FILE)
    save_file({**adapter, "x.lora_B.weight": torch.ones(2, 2)}, tmp_path / ADAPTER_FILE)
    refuse_empty_adapter(tmp_path / ADAPTER_FILE)
    save_file({**adapter, "x.lora_B.weight": torch.full((2, 2), torch.nan)}, tmp_path / ADAPTER_FILE)
    with pytest.raises(ExportError, match="not finite"):
        refuse_empty_adapter(tmp_path / ADAPTER_FILE)
    (tmp_path / ADAPTER_FILE).write_bytes(b"torn")
    with pytest.raises(ExportError, match="truncated"):
        refuse_empty_adapter(tmp_path / ADAPTER_FILE)


def test_a_folder_without_weights_is_named(tmp_path, starter_base):
    with pytest.raises(ExportError, match="holds no weights"):
        state_of(tmp_path)
    shutil.copytree(starter_base, tmp_path / "copy")
    assert state_of(tmp_path / "copy").keys() == state_of(starter_base).keys()

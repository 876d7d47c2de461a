"""What a repository of pictures is told to be, against a Hub on the loopback device."""

from __future__ import annotations

import pytest
from hub_repositories import CARD, LARGE, SDXL, fetched, put, put_pictures

from benchmarks.picture_folders import ADAPTER, USUAL, adapted, diffusers_unet, half, lora
from typebeat.engines import WeightsError
from typebeat.engines.cover.files import locate_cover
from typebeat.engines.inspect import inspect_weights
from typebeat.engines.locate import locate


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_of_a_repository_of_pictures_the_one_file_is_fetched_whatever_its_name(hub):
    put(hub, "me/neon", **{"neon_v3__safetensors": LARGE, "README__md": CARD})
    assert (locate("me/neon", "cpu", "cover").folder / "neon_v3.safetensors").stat().st_size == len(LARGE)


def test_between_two_files_of_pictures_nothing_is_guessed_or_fetched(hub):
    put(hub, "me/many", **{"one__safetensors": LARGE, "two__safetensors": LARGE})
    with pytest.raises(WeightsError, match=r"it holds one\.safetensors, two\.safetensors"):
        locate("me/many", "cpu", "cover")
    assert fetched(hub) == 0


@pytest.mark.parametrize(
    ("index", "files", "told"),
    [
        (SDXL, ("unet/a.safetensors",), "draws: draws covers, as SDXL"),
        (
            {**SDXL, "_class_name": "QwenImagePipeline"},
            ("unet/a.safetensors",),
            "draws: draws covers, as its own class",
        ),
        (SDXL, ("unet/a.bin",), "does not draw: its weights are pickles"),
        (SDXL, (), "does not draw: it has no weights"),
        ({**SDXL, "_class_name": "WanPipeline"}, ("unet/a.safetensors",), "does not draw: diffusers knows no pipeline"),
        ({**SDXL, "_class_name": "\x1b<b>"}, ("unet/a.safetensors",), "does not draw: diffusers knows no pipeline"),
        ({**SDXL, "unet": ["evil", "Net"]}, ("unet/a.safetensors",), "does not draw: it names code outside"),
    ],
)
def test_a_repository_of_pictures_is_told_with_class_size_and_licence(hub, index, files, told):
    put_pictures(hub, "me/art", index, *files)
    report = inspect_weights("me/art")
    lines = "\n".join(report.lines())
    assert told in lines
    assert "licence: mit" in lines
    assert not {"\x1b", "<"} & set(lines)
    assert report.bytes == (len(LARGE) if "does not" not in told else 0)
    assert fetched(hub) == 0
    if "does not" in told:
        with pytest.raises(WeightsError, match="refused before it was fetched"):
            locate("me/art", "cpu", "cover")
        assert fetched(hub) == 0


def test_adapters_of_pictures_are_told(hub):
    repo = put(hub, "me/styles", README__md=CARD)
    repo.commit("more", {"lora/kid-cudi/pytorch_lora_weights.safetensors": (hub.keep(LARGE), True)})
    assert inspect_weights("me/styles").verdict.format == "LoRAs of styles"
    put(hub, "me/neon", neon_v3__safetensors=LARGE)
    assert "draws on its base, if it is a LoRA" in "\n".join(inspect_weights("me/neon").lines())


@pytest.mark.parametrize("fits", [True, False])
def test_whether_an_adapter_of_pictures_fits_its_base_is_told_before_the_base_is_fetched(hub, tmp_path, fits):
    adapted("sdxl", lora(diffusers_unet) if fits else half, USUAL, True)(tmp_path / "art")
    files = [file for file in (tmp_path / "art").rglob("*") if file.is_file()]
    names = [file.relative_to(tmp_path / "art").as_posix() for file in files]
    put(hub, "me/art", **{name: file.read_bytes() for name, file in zip(names, files, strict=True)})
    put(
        hub,
        "me/lora",
        **{USUAL: (tmp_path / ADAPTER / USUAL).read_bytes()},
        README__md=b"---\nbase_model: me/art\n---\n",
    )
    if fits:
        assert set(locate_cover("me/lora", "cpu").adapters) == {"every"}
        assert fetched(hub) == 1
    else:
        with pytest.raises(WeightsError, match="8 of its 16 tensors have no place in me/art"):
            locate_cover("me/lora", "cpu")
        assert fetched(hub) == 0


def test_a_cover_that_cannot_be_had_is_told_as_what_it_is(hub):
    put_pictures(hub, "you/art-xl", SDXL, "unet/a.safetensors")
    put(hub, "you/app", kind="space")
    put_pictures(hub, "you/gated", SDXL, "unet/a.safetensors").gated = True
    for name, told in {
        "you/art-x": r"did you mean you/art-xl\?",
        "you/app": "is a Space",
        "you/gated": "is gated: accept its terms",
    }.items():
        with pytest.raises(WeightsError, match=told):
            locate(name, "cpu", "cover")

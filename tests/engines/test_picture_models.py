"""Today's picture models are drawn with as their makers say, and adapters as their trainers mean them.

That each model and each trainer's layout draws what diffusers alone draws, tests/benchmarks/test_formats.py says.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoPipelineForText2Image, DPMSolverMultistepScheduler
from picture_engines import ATTENTION, PROMPT, STEPS, STYLE, load, network_of, refusal

from benchmarks.tiny_pictures import KINDS, SIDE, as_kohya, lora_state, save_picture_model, write_adapter
from typebeat.engines import WeightsError
from typebeat.engines.cover.plans import is_distilled, plan_of

# steps and guidance with which each maker says that its model is drawn
CALLS = {
    **{"klein": (4, 1.0), "klein-base": (50, 4.0), "z-image": (28, 4.0), "z-image-turbo": (9, 0.0), "sd3": (28, 4.5)},
    **{"flux": (4, 0.0), "sdxl": (20, 3.0), "sdxl-turbo": (4, 0.0), "sd": (20, 3.0)},
}


def draw(engine, seed: int = 1, strength: float = 1.0) -> np.ndarray:
    return engine.draw(PROMPT, STYLE, [seed], strength=strength)[0]


def drawn_by_diffusers(folder: Path, kind: str, change=lambda pipe: None) -> np.ndarray:
    pipe = AutoPipelineForText2Image.from_pretrained(folder)
    pipe.set_progress_bar_config(disable=True)
    call = {"num_inference_steps": STEPS, "guidance_scale": CALLS[kind][1]}
    if kind == "sdxl":
        call["negative_prompt"] = ""
        pipe.scheduler = DPMSolverMultistepScheduler.from_config(pipe.scheduler.config, use_karras_sigmas=True)
    change(pipe)
    noise = torch.Generator().manual_seed(1)
    with torch.inference_mode():
        made = pipe(prompt=PROMPT, height=SIDE, width=SIDE, generator=noise, output_type="np", **call)
    return np.round(made.images[0] * 255).astype(np.uint8)


def added(folder: Path, kind: str, deltas: dict[str, torch.Tensor]) -> np.ndarray:
    """What diffusers draws with the numbers of an adapter added to the weights by hand."""

    def change(pipe):
        network = pipe.unet if hasattr(pipe, "unet") else pipe.transformer
        with torch.no_grad():
            for path, delta in deltas.items():
                network.get_submodule(path).weight += delta.reshape(network.get_submodule(path).weight.shape)

    return drawn_by_diffusers(folder, kind, change)


def deltas_of(state: dict[str, torch.Tensor], scale: float = 1.0) -> dict[str, torch.Tensor]:
    paths = {name.rpartition(".lora_")[0] for name in state}
    return {path: scale * state[f"{path}.lora_B.weight"] @ state[f"{path}.lora_A.weight"] for path in paths}


def assert_alike(one: np.ndarray, other: np.ndarray) -> None:
    assert np.abs(one.astype(int) - other).mean() < 0.2


@pytest.mark.parametrize("kind", KINDS)
def test_each_model_is_drawn_with_as_its_maker_says(models, kind):
    pipe = AutoPipelineForText2Image.from_pretrained(models(kind))
    plan = plan_of(pipe, kind, with_speed=False)
    assert (plan.steps, plan.guidance) == CALLS[kind]
    assert is_distilled(pipe, kind) == (kind in ("klein", "z-image-turbo", "flux", "sdxl-turbo"))


def test_a_distilled_model_that_differs_in_name_alone_is_known_by_it(models, tmp_path):
    turbo = save_picture_model(tmp_path / "stable-diffusion-3.5-large-turbo", "sd3")
    assert (load(turbo).plan.guidance, load(models("sd3")).plan.guidance) == (0.0, 4.5)


def test_a_lora_of_a_transformer_draws_what_adding_its_numbers_draws_in_each_spelling(models, tmp_path):
    folder = models("sd3")
    state = lora_state(network_of(folder), ATTENTION, 4.0)
    spellings = {
        "diffusers": write_adapter(tmp_path / "a", {f"transformer.{name}": held for name, held in state.items()}),
        "peft": write_adapter(
            tmp_path / "b", {f"base_model.model.{name}": held for name, held in state.items()}, "any name.safetensors"
        ),
        "bare": write_adapter(tmp_path / "c", state, "bare.safetensors"),
    }
    wanted = added(folder, "sd3", deltas_of(state))
    pictures = {name: draw(load(folder, kid_cudi=adapter)) for name, adapter in spellings.items()}
    for picture in pictures.values():
        assert_alike(picture, wanted)
    assert np.abs(wanted.astype(int) - draw(load(folder))).mean() > 0.3


def test_the_alpha_of_pefts_configuration_counts(models, tmp_path):
    folder = models("z-image-turbo")
    state = lora_state(network_of(folder), ATTENTION)
    adapter = write_adapter(
        tmp_path / "a", {f"base_model.model.{name}": held for name, held in state.items()}, "adapter_model.safetensors"
    )
    (adapter / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 2, "lora_alpha": 6}))
    assert_alike(draw(load(folder, kid_cudi=adapter)), added(folder, "z-image-turbo", deltas_of(state, 3.0)))


def test_an_alpha_beyond_all_bounds_is_refused_in_a_line(models, tmp_path):
    state = lora_state(network_of(models("sdxl")), ATTENTION)
    spelt = {f"base_model.model.{name}": held for name, held in state.items()}
    adapter = write_adapter(tmp_path / "a", spelt, "adapter_model.safetensors")
    (adapter / "adapter_config.json").write_text(f'{{"peft_type": "LORA", "r": 2, "lora_alpha": {"9" * 400}}}')
    assert "does not fit sdxl" in refusal(models("sdxl"), adapter)


# --- over SDXL ---


@pytest.mark.parametrize(("prefix", "encoder"), [("lora_te1_", "text_encoder"), ("lora_te2_", "text_encoder_2")])
def test_kohyas_lora_of_a_text_encoder_counts_beside_the_unets_and_alone(models, unet, tmp_path, prefix, encoder):
    folder, state = models("sdxl"), lora_state(unet, ATTENTION)
    noise, layer = torch.Generator().manual_seed(2), "encoder.layers.0.self_attn.out_proj"
    halves = {f"{layer}.lora_A.weight": torch.randn(2, 32, generator=noise)}
    halves |= {f"{layer}.lora_B.weight": torch.randn(32, 2, generator=noise)}
    of_text = as_kohya(halves, f"{prefix}text_model_", 1.0)

    def change(pipe, deltas):
        with torch.no_grad():
            for path, delta in deltas.items():
                pipe.unet.get_submodule(path).weight += delta
            for path, module in getattr(pipe, encoder).named_modules():
                if path.endswith(layer):
                    module.weight += deltas_of(halves, 0.5)[layer]

    alone = write_adapter(tmp_path / "a", of_text, "alone.safetensors")
    both = write_adapter(tmp_path / "b", of_text | as_kohya(state, "lora_unet_", 1.0), "both.safetensors")
    for adapter, deltas in ((alone, {}), (both, deltas_of(state, 0.5))):
        wanted = drawn_by_diffusers(folder, "sdxl", lambda pipe, deltas=deltas: change(pipe, deltas))
        assert_alike(draw(load(folder, kid_cudi=adapter)), wanted)
        assert np.abs(wanted.astype(int) - draw(load(folder))).mean() > 0.3


def test_a_lora_of_a_text_encoder_that_does_not_fit_is_told_plainly(models, tmp_path, capfd):
    cases = ((10, 32, "out", "with other layers"), (0, 768, "out", "have other shapes"), (0, 32, "q", "by out_proj"))
    for number, (layer, width, projection, told) in enumerate(cases):
        halves = {"lora_down.weight": torch.ones(2, width), "lora_up.weight": torch.ones(width, 2)}
        stem = f"lora_te1_text_model_encoder_layers_{layer}_self_attn_{projection}_proj"
        state = {f"{stem}.{half}": tensor for half, tensor in halves.items()}
        capfd.readouterr()
        assert told in refusal(models("sdxl"), write_adapter(tmp_path / str(number), state))
        assert "REPORT" not in "".join(capfd.readouterr())


def test_loha_is_put_on_as_strongly_as_asked_and_stands_beside_no_lora(models, unet, tmp_path):
    state, noise = {}, torch.Generator().manual_seed(4)
    layers = {path: layer.weight for path, layer in unet.named_modules() if path.endswith(("attn1.to_q", "attn2.to_v"))}
    for path, weight in layers.items():
        rows, columns = weight.shape
        shapes = {"hada_w1_a": (rows, 2), "hada_w1_b": (2, columns), "hada_w2_a": (rows, 2), "hada_w2_b": (2, columns)}
        stem = f"lora_unet_{path.replace('.', '_')}"
        state |= {f"{stem}.{kind}": torch.randn(shape, generator=noise) for kind, shape in shapes.items()}
        state[f"{stem}.alpha"] = torch.tensor(1.0)
    adapter = write_adapter(tmp_path / "a", state, "loha.safetensors")
    engine, bare = load(models("sdxl"), kid_cudi=adapter), draw(load(models("sdxl")))
    assert np.array_equal(draw(engine, strength=0), bare)
    assert not np.array_equal(draw(engine), bare)
    lora = write_adapter(tmp_path / "b", as_kohya(lora_state(unet, ATTENTION), "lora_unet_", 1.0))
    with pytest.raises(WeightsError, match="cannot stand beside adapters of another kind"):
        load(models("sdxl"), kid_cudi=lora, don_toliver=adapter)

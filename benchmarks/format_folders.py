"""Folders of random weights in each format that people have, made by the makers' libraries, and their tokens."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from benchmarks.audiocraft_kinds import (
    NAMED_CARD,
    STEREO,
    T5_NAME,
    save_codec,
    save_melody,
    save_style,
    save_t5,
    text_config,
    tokens_without_melody,
)
from benchmarks.tiny_musicgen import LM_CONFIG, changed, held_in, save_held, save_model
from benchmarks.tiny_stems import MORE_BOOKS, ours_anew, save_stems, theirs, theirs_anew
from benchmarks.transformers_models import make_model, own_tokens, save, their_tokens
from typebeat.engines import BeatConditions
from typebeat.engines.beat.formats import STEM_CODEC_FILES
from typebeat.engines.beat.loading import load_models
from typebeat.engines.weights import BEAT_CODEC

CAPTION, FRAMES = "dark bells over a slow 808", 40
PARALLEL = {"modeling": "parallel", "parallel": {"empty_initial": 0}}
UNROLLED = {"modeling": "unroll", "unroll": {"flattening": [0, 1, 1, 1], "delays": [0, 0, 0, 0]}}
LARGER = {"dim": 512, "num_layers": 8}  # of a tenth of a gigabyte, where memory is worth measuring
HEAVY = {"dim": 256, "num_layers": 4}  # of ten megabytes, of which a refusal must fetch less than one


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        name: In a few words.
        make: Writes it into a folder; returns the tokens that its maker draws of it, None where it must be refused.
        refusal: Words that the line of a refusal must have.
        draw: Draws the same tokens with the project's own decoder.
        picture: Whether it draws pictures; what `make` returns is then a picture.
    """

    name: str
    make: Callable[[Path], Any]
    refusal: str = ""
    draw: Callable[[Any], Any] = field(default_factory=lambda: drawn)
    picture: bool = False


def audiocraft(folder: Path, **changes: Any) -> Any:
    """audiocraft's two files, and the likeliest tokens of audiocraft's own loop."""
    return their_audiocraft(save_model(folder, changed(LM_CONFIG, **changes)), bpm="140")


def their_audiocraft(folder: Path, **conditions: str) -> Any:
    """Returns the likeliest tokens of audiocraft's own loop for a folder in its format."""
    from audiocraft.modules.conditioners import ConditioningAttributes

    lm = load_models(folder, "cpu").lm
    asked = ConditioningAttributes(text={"description": CAPTION, **conditions})
    return lm.generate(None, [asked], max_gen_len=FRAMES, use_sampling=False, cfg_coef=3.0)[0]


def rounded(folder: Path, dtype: torch.dtype) -> Any:
    """audiocraft's files in half precision, rounded before their tokens are drawn."""
    save_model(folder)
    held = held_in(folder / "state_dict.bin")
    held["best_state"] = {name: tensor.to(dtype) for name, tensor in held["best_state"].items()}
    save_held(folder / "state_dict.bin", held)
    return their_audiocraft(folder, bpm="140")


def melody(folder: Path, **changes: Any) -> Any:
    """A melody model in audiocraft's format, asked with text alone."""
    return tokens_without_melody(save_melody(folder, **changes), CAPTION, FRAMES)


def with_named_parts(folder: Path, codec: bool) -> Any:
    """audiocraft's files that name their text encoder, or their codec too, which lie where the Hub's cache would be."""
    save_t5(folder.parent / T5_NAME)
    sizes = {"transformer_lm": {"card": NAMED_CARD}} if codec else {}
    save_model(folder, text_config(**sizes))
    if codec:
        save_codec(folder.parent / BEAT_CODEC.repo)
        save_held(folder / "compression_state_dict.bin", {"pretrained": BEAT_CODEC.repo, "exported": True})
    return their_audiocraft(folder)


def not_exported(folder: Path) -> Any:
    """audiocraft's checkpoint as training keeps it: its config is an OmegaConf whose resolvers remember things."""
    from omegaconf import OmegaConf

    expected = audiocraft(folder)
    held = held_in(folder / "state_dict.bin")
    config = OmegaConf.create(held["xp.cfg"])
    config._metadata.resolver_cache["git_save"] = {"now": True}
    save_held(folder / "state_dict.bin", {"best_state": {"model": held["best_state"]}, "xp.cfg": config})
    return expected


def transformers(folder: Path, how: str = "", **kind: Any) -> Any:
    """transformers' folder, and transformers' likeliest tokens."""
    model = make_model(**kind)
    if how == "fp16":
        model = model.half()
    save(folder, model, **({"max_shard_size": "20KB"} if how == "sharded" else {}))
    if how == "bin":
        (folder / "model.safetensors").unlink()
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
    if how == "sharded bin":
        (folder / "model.safetensors").unlink()
        shards = [f"pytorch_model-0000{number}-of-00002.bin" for number in (1, 2)]
        state, names = model.state_dict(), {}
        for number, shard in enumerate(shards):
            held = {name: tensor for place, (name, tensor) in enumerate(state.items()) if place % 2 == number}
            torch.save(held, folder / shard)
            names |= dict.fromkeys(held, shard)
        (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": names}))
    return their_tokens(model.float(), CAPTION, FRAMES)[0]


def adapter(folder: Path, sizes: dict[str, int] | None = None, **options: Any) -> Any:
    """PEFT's adapter with its base beside it, and transformers' tokens once PEFT has merged it."""
    from peft import LoraConfig, get_peft_model

    base = folder.parent / f"{folder.name}-base"
    save(base, make_model(**(sizes or {})))
    targets = ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]
    torch.manual_seed(1)
    adapted = get_peft_model(
        make_model(**(sizes or {})), LoraConfig(r=4, lora_alpha=8, target_modules=targets, **options)
    )
    for name, weight in adapted.named_parameters():
        if "lora_" in name:
            weight.data.normal_(std=0.2)
    adapted.peft_config["default"].base_model_name_or_path = base.name
    adapted.save_pretrained(folder)
    return their_tokens(adapted.merge_and_unload(), CAPTION, FRAMES)[0]


def heavy() -> Any:
    """transformers' model of ten megabytes."""
    return make_model(dim=HEAVY["dim"], layers=HEAVY["num_layers"])


def other_config(folder: Path, **told: Any) -> None:
    """transformers' folder of another model."""
    save(folder, heavy())
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **told}))


def other_xp(folder: Path, **sections: Any) -> None:
    """audiocraft's folder whose `xp.cfg` wants something else."""
    from omegaconf import OmegaConf

    save_model(folder, changed(LM_CONFIG, transformer_lm=HEAVY))
    yaml = OmegaConf.to_yaml(OmegaConf.create(changed(changed(LM_CONFIG, transformer_lm=HEAVY), **sections)))
    save_held(folder / "state_dict.bin", {**held_in(folder / "state_dict.bin"), "xp.cfg": yaml})


def cut(folder: Path) -> None:
    """transformers' folder whose weights end too early."""
    save(folder, heavy())
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])


def raw(folder: Path) -> None:
    """A checkpoint of a common trainer."""
    folder.mkdir(parents=True)
    torch.save({"a": torch.ones(4)}, folder / "lm_final.pt")


def wrong_base(folder: Path) -> None:
    """An adapter that names a base of other shapes."""
    adapter(folder, {"dim": HEAVY["dim"], "layers": 5})
    base = folder.parent / f"{folder.name}-base"
    shutil.rmtree(base)
    save(base, heavy())


def style(folder: Path) -> Any:
    """A style model in audiocraft's format, asked with text alone."""
    return tokens_without_melody(save_style(folder), CAPTION, FRAMES)


def stems(folder: Path, gone: str = "") -> Any:
    """MusicGen-Stem's files, one of its codecs left out or none, and the likeliest tokens of audiocraft's own loop."""
    save_stems(folder)
    if gone:
        return (folder / STEM_CODEC_FILES[gone]).unlink()
    return theirs(load_models(folder, "cpu").lm, CAPTION, FRAMES)


def melody_anew(folder: Path) -> Any:
    """MusicGen-Stem's files, and what audiocraft's loop draws for its part "other" over bass and drums."""
    models = load_models(save_stems(folder, MORE_BOOKS), "cpu")
    return theirs_anew(models.lm, _given(models.lm), range(3, 7), models.codec.silence(), CAPTION)


def drawn_anew(models: Any) -> Any:
    """Returns the likeliest tokens of the project's own decoder for the part "other" over bass and drums."""
    return ours_anew(models, _given(models.lm), ("bass", "drums"), CAPTION)


def _given(lm: Any) -> Any:
    return torch.randint(0, lm.card, (lm.num_codebooks, FRAMES), generator=torch.Generator().manual_seed(1))


def drawn(models: Any) -> Any:
    """Returns the likeliest tokens of the project's own decoder."""
    return own_tokens(models, BeatConditions(CAPTION, 140.0, "F minor").caption, FRAMES)[0]


FORMATS = (
    Format("audiocraft", audiocraft),
    Format("audiocraft, stereo", lambda folder: audiocraft(folder, **STEREO)),
    Format("audiocraft, parallel codebooks", lambda folder: audiocraft(folder, codebooks_pattern=PARALLEL)),
    Format("audiocraft, unrolled codebooks", lambda folder: audiocraft(folder, codebooks_pattern=UNROLLED)),
    Format("audiocraft, fp16", lambda folder: rounded(folder, torch.float16)),
    Format("audiocraft, bf16", lambda folder: rounded(folder, torch.bfloat16)),
    Format("audiocraft, two_step_cfg", lambda folder: audiocraft(folder, transformer_lm={"two_step_cfg": True})),
    Format("audiocraft, T5 and codec by name", lambda folder: with_named_parts(folder, True)),
    Format("AudioGen", lambda folder: with_named_parts(folder, False)),
    Format("musicgen-melody", melody),
    Format("musicgen-stereo-melody", lambda folder: melody(folder, **STEREO)),
    Format("musicgen-style", style),
    Format("MusicGen-Stem", stems),
    Format("MusicGen-Stem, a part made anew", melody_anew, draw=drawn_anew),
    Format("transformers", transformers),
    Format("transformers, stereo", lambda folder: transformers(folder, stereo=True)),
    Format("transformers, melody", lambda folder: transformers(folder, melody=True)),
    Format("transformers, stereo melody", lambda folder: transformers(folder, melody=True, stereo=True)),
    Format("transformers, sharded", lambda folder: transformers(folder, "sharded")),
    Format("transformers, fp16", lambda folder: transformers(folder, "fp16")),
    Format("transformers, .bin", lambda folder: transformers(folder, "bin")),
    Format("transformers, sharded .bin", lambda folder: transformers(folder, "sharded bin")),
    Format("audiocraft, not exported", not_exported),
    Format("audiocraft, larger", lambda folder: audiocraft(folder, transformer_lm=LARGER)),
    Format("transformers, larger", lambda folder: transformers(folder, dim=LARGER["dim"], layers=LARGER["num_layers"])),
    Format("PEFT adapter", adapter),
    Format("PEFT adapter, rslora and ranks of its own", lambda folder: adapter(
        folder, use_rslora=True, rank_pattern={"fc1": 2})),
    Format("PEFT adapter with DoRA", lambda folder: adapter(folder, use_dora=True), "has use_dora"),
    Format("PEFT adapter of another base", wrong_base, "have no place in the base"),
    Format("MusicGen-Stem without a codec", lambda folder: stems(folder, "drums"), "its codec for drums is missing"),
    Format("MAGNeT", lambda folder: other_xp(folder, lm_model="transformer_lm_magnet"), "transformer_lm_magnet"),
    Format("raw checkpoint", raw, "audiocraft.utils.export"),
    Format("another model of transformers", lambda folder: other_config(
        folder, model_type="bark"), "its model_type is 'bark'"),
    Format("transformers, another codec", lambda folder: other_config(
        folder, audio_encoder={"model_type": "dac"}), "known is encodec"),
    Format("transformers, truncated", cut, "is truncated"),
    Format("xp.cfg that asks for HF_TOKEN", lambda folder: other_xp(
        folder, codebooks_pattern={"modeling": "${oc.env:HF_TOKEN}"}), "outside of the file"),
    Format("xp.cfg of absurd size", lambda folder: other_xp(folder, transformer_lm={"dim": 262_144}), "do not fit"),
)  # fmt: skip

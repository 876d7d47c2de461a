"""The configurations that ship are read by the trainings and by accelerate."""

from __future__ import annotations

from pathlib import Path

import pytest
from accelerate.commands.config.config_args import load_config_from_file

from training.finetune_musicgen import FinetuneOptions
from training.runs.options import options_from, read_toml
from training.train_cover_lora import CoverLoraOptions

CONFIGS = Path(__file__).parents[2] / "training" / "configs"
KINDS = {"starter": FinetuneOptions, "musicgen": FinetuneOptions, "cover": CoverLoraOptions}
OWN = [file for file in sorted(CONFIGS.glob("*.toml")) if file.name.split("_")[0] in KINDS]


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.stem)
def test_a_config_is_read_by_its_training(file):
    kind = KINDS[file.name.split("_")[0]]
    options = options_from(kind, {**read_toml(file), "data": "beats", "out": "run"})
    assert options.batch % options.micro_batch == 0


@pytest.mark.parametrize("file", sorted(CONFIGS.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_config_is_read_by_accelerate(file):
    config = load_config_from_file(str(file))
    assert config.num_processes >= 1
    if "fsdp" in file.stem:
        from audiocraft.modules import transformer

        assert hasattr(transformer, config.fsdp_config["fsdp_transformer_layer_cls_to_wrap"])

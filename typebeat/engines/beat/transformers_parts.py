"""The text encoder and the codec that a folder in transformers' format brings: T5 and EnCodec, nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from typebeat.engines import WeightsError
from typebeat.engines.beat.formats import CONFIG
from typebeat.engines.beat.shapes import compare_shapes, shapes_of
from typebeat.engines.beat.tensor_files import TensorFiles
from typebeat.engines.beat.tokenizer import load_tokenizer
from typebeat.engines.foreign import one_line, quoted

if TYPE_CHECKING:
    from audiocraft.models.encodec import CompressionModel

LARGEST = 1 << 24  # that a size in a configuration may be
T5_FIELDS = (
    *("vocab_size", "d_model", "d_kv", "d_ff", "num_layers", "num_heads", "relative_attention_num_buckets"),
    *("relative_attention_max_distance", "layer_norm_epsilon", "feed_forward_proj"),
)
ENCODEC_FIELDS = (
    *("target_bandwidths", "sampling_rate", "audio_channels", "normalize", "hidden_size", "num_filters"),
    *("num_residual_layers", "upsampling_ratios", "norm_type", "kernel_size", "last_kernel_size"),
    *("residual_kernel_size", "dilation_growth_rate", "use_causal_conv", "pad_mode", "compress", "num_lstm_layers"),
    *("trim_right_ratio", "codebook_size", "codebook_dim", "use_conv_shortcut"),
)
_UNUSED_BUFFERS = (".inited", ".cluster_size", ".embed_avg")  # of codebooks, while a codec is trained


def empty_t5(
    folder: Path, told: dict[str, Any], held: dict[str, tuple[int, ...]], file: Path
) -> tuple[nn.Module, dict[str, str]]:
    """Returns the folder's text encoder without numbers, and the folder's name of each of its tensors."""
    from transformers import T5Config, T5EncoderModel

    refuse_more_than(len(held), told.get("num_layers", 6), file)
    try:
        with torch.device("meta"):
            t5 = T5EncoderModel(T5Config(**_picked(told, T5_FIELDS)))
    except Exception as error:  # a configuration can be wrong in any way
        raise WeightsError(f"{file} has a text encoder that cannot be built ({one_line(error)})") from error
    shared, embedded = "shared.weight", "encoder.embed_tokens.weight"  # one table under two names; either is stored
    stored = {name: name if name in held else {shared: embedded, embedded: shared}.get(name, name) for name in
              t5.state_dict()}  # fmt: skip
    wanted = {stored[name]: tuple(tensor.shape) for name, tensor in t5.state_dict().items()}
    compare_shapes(wanted, held, f"{folder}", f"{CONFIG}'s text_encoder")
    return t5, stored


def load_t5(folder: Path, told: dict[str, Any], tensors: TensorFiles, file: Path) -> tuple[nn.Module, Any]:
    """Returns the folder's text encoder, on the CPU, and its tokenizer."""
    t5, stored = empty_t5(folder, told, tensors.under("text_encoder."), file)
    read = {name: tensors.read(f"text_encoder.{name}", torch.float32) for name in {*stored.values()}}
    t5.load_state_dict({name: read[stored[name]] for name in stored}, assign=True)
    t5.tie_weights()
    return t5.eval().requires_grad_(False), load_tokenizer(folder, t5.config.vocab_size)


def load_codec(config: dict[str, Any], tensors: TensorFiles, file: Path) -> CompressionModel:
    """Returns the folder's codec, on the CPU."""
    from audiocraft.models.encodec import HFEncodecCompressionModel, InterleaveStereoCompressionModel
    from transformers import EncodecConfig, EncodecModel

    held = tensors.under("audio_encoder.")
    told = _picked(config["audio_encoder"], ENCODEC_FIELDS)
    try:
        asked = EncodecConfig(**told)
        loops = (asked.num_quantizers, asked.num_residual_layers, asked.num_lstm_layers, len(asked.upsampling_ratios))
        refuse_more_than(len(held), max(loops), file)
        with torch.device("meta"):
            wanted = shapes_of(EncodecModel(asked).state_dict())
        kept = {name: shape for name, shape in wanted.items() if name in held or not name.endswith(_UNUSED_BUFFERS)}
        compare_shapes(kept, held, f"{file.parent}", f"{CONFIG}'s audio_encoder")
        codec = EncodecModel(asked)
        state = {name: tensors.read(f"audio_encoder.{name}", torch.float32) for name in kept}
        codec.load_state_dict(state, strict=False)
        wrapped = HFEncodecCompressionModel(codec.eval().requires_grad_(False))
        return InterleaveStereoCompressionModel(wrapped) if config["decoder"].get("audio_channels", 1) == 2 else wrapped
    except WeightsError:
        raise
    except Exception as error:  # a configuration can be wrong in any way
        raise WeightsError(f"{file} has a codec that cannot be built ({one_line(error)})") from error


def _picked(told: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """Returns the fields that describe a model's sizes, whole numbers of them within bounds."""
    picked = {name: told[name] for name in fields if name in told}
    flat = [each for held in picked.values() for each in (held if isinstance(held, list) else [held])]
    for each in flat:
        if isinstance(each, (int, float)) and not abs(each) <= LARGEST:
            raise WeightsError("a size in config.json is beyond all bounds")
    return picked


def refuse_more_than(tensors: int, asked: object, file: Path) -> None:
    """Raises WeightsError where a configuration asks for more layers of a part than there are tensors of it."""
    if type(asked) is not int or asked > tensors:
        raise WeightsError(
            f"{file} asks for {quoted(asked)} layers of a part; the folder holds {tensors} tensors of it"
        )

"""A folder in transformers' format (MusicGen, stereo or melody) to audiocraft's models, tensor by tensor.

The folder brings its own text encoder and codec. Only T5 and EnCodec are taken, by classes that are named here, after
every shape that the configuration asks for was found in the files: no class or code of the folder's choosing.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from typebeat.engines import WeightsError
from typebeat.engines.beat.formats import (
    CONFIG,
    GENERATION,
    MUSICGEN_MELODY,
    PREPROCESSOR,
    refuse_unfit,
)
from typebeat.engines.beat.shapes import compare_shapes, shapes_of
from typebeat.engines.beat.tensor_files import TensorFiles
from typebeat.engines.beat.tokenizer import load_tokenizer
from typebeat.engines.beat.transformers_names import MELODY, TEXT, to_audiocraft, transformers_names
from typebeat.engines.foreign import one_line, quoted, read_json
from typebeat.engines.quiet import import_audiocraft

if TYPE_CHECKING:
    from audiocraft.models.encodec import CompressionModel
    from audiocraft.models.lm import LMModel

USUAL_SECONDS, USUAL_GUIDANCE = 30.0, 3.0
LARGEST = 1 << 24
COMPUTED = ("embed_positions.weights",)  # tensors of a decoder that are computed here
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


def load_transformers(folder: Path, device: str) -> tuple[LMModel, CompressionModel, float, tuple[Path, ...]]:
    """Returns language model (fp16 on CUDA), codec, the longest clip in seconds, and the files that were read.

    Raises:
        WeightsError: files are missing, truncated or hold code, or config and tensors do not fit.
    """
    file = folder / CONFIG
    config = read_json(file)
    refuse_unfit(config, file)
    tensors = TensorFiles(folder)
    codec = _load_codec(config, tensors, file).to(device)
    lm = _load_lm(folder, config, tensors, file, device)
    generation = read_json(folder / GENERATION) if (folder / GENERATION).is_file() else {}
    lm.cfg_coef = _number(generation, "guidance_scale", USUAL_GUIDANCE, 1.0, 100.0)
    frames = _number(generation, "max_length", 0, 0, LARGEST)
    seconds = frames / codec.frame_rate
    return lm, codec, seconds if seconds >= 1 else USUAL_SECONDS, (file, *tensors.files)


def lm_config(decoder: dict[str, Any], file: Path, is_melody: bool) -> dict[str, Any]:
    """Returns audiocraft's configuration of a language model that transformers' `decoder` section describes."""
    usual = {"hidden_size": 1024, "num_attention_heads": 16, "num_hidden_layers": 24, "ffn_dim": 4096}
    sizes = {**usual, "num_codebooks": 4, "vocab_size": 2048, "audio_channels": 1}
    told = {name: decoder.get(name, number) for name, number in sizes.items()}
    if not all(type(number) is int and 0 < number <= LARGEST for number in told.values()):
        raise WeightsError(f"{file} has a decoder whose sizes are no numbers, or beyond all bounds")
    if told["hidden_size"] % told["num_attention_heads"]:
        raise WeightsError(f"{file} has a decoder whose width is no multiple of its attention heads")
    codebooks, channels = told["num_codebooks"], told["audio_channels"]
    if channels not in (1, 2) or codebooks > 64:
        raise WeightsError(
            f"{file} has {codebooks} codebooks for {channels} channels; MusicGen has one or two channels"
        )
    return {
        "device": "meta",
        "dtype": "float32",
        "lm_model": "transformer_lm",
        "dataset": {"segment_duration": USUAL_SECONDS},
        "transformer_lm": {
            "dim": told["hidden_size"],
            "num_heads": told["num_attention_heads"],
            "num_layers": told["num_hidden_layers"],
            "hidden_scale": told["ffn_dim"] / told["hidden_size"],
            "n_q": codebooks,
            "card": told["vocab_size"],
            "dropout": 0.0,
            "emb_lr": None,
            "activation": "gelu",
            "norm_first": True,
            "bias_ff": False,
            "bias_attn": False,
            "bias_proj": False,
            "causal": True,
            "custom": False,
            "memory_efficient": True,
            "attention_as_float32": False,
            "positional_embedding": "sin",
        },
        "codebooks_pattern": {"modeling": "delay", "delay": {"delays": [i // channels for i in range(codebooks)]}},
        "attribute_dropout": {},
        "classifier_free_guidance": {"training_dropout": 0.0, "inference_coef": USUAL_GUIDANCE},
        "conditioners": {},
        "fuser": {
            "cross_attention_pos_emb": False,
            "cross_attention_pos_emb_scale": 1,
            "sum": [],
            "prepend": [MELODY, TEXT] if is_melody else [],
            "cross": [] if is_melody else [TEXT],
            "input_interpolate": [],
        },
    }


def check_transformers(folder: Path) -> dict[str, tuple[int, ...]]:
    """Checks a folder's language model without any of its numbers; returns its shapes, by audiocraft's names.

    Raises:
        WeightsError: as `load_transformers`, for what a configuration and shapes can tell.
    """
    import_audiocraft()
    file = folder / CONFIG
    config = read_json(file)
    refuse_unfit(config, file)
    tensors = TensorFiles(folder)
    t5, _ = _empty_t5(folder, config["text_encoder"], tensors.under("text_encoder."), file)
    lm, _, _ = _empty_lm(folder, config, tensors, (t5, None), "float32")
    return {name: tuple(parameter.shape) for name, parameter in lm.named_parameters()}


def _load_lm(folder: Path, config: dict[str, Any], tensors: TensorFiles, file: Path, device: str) -> LMModel:
    text_encoder = _load_t5(folder, config["text_encoder"], tensors, file)
    lm, named, own = _empty_lm(folder, config, tensors, text_encoder, "float32" if device == "cpu" else "float16")
    wanted = lm.state_dict()
    state = to_audiocraft(named, tensors.read, torch.cat)
    state = {name: tensor.to(wanted[name].dtype).contiguous() for name, tensor in (state | own).items()}
    lm.load_state_dict(state, assign=True)
    lm.condition_provider.device = device
    text_encoder[0].to(device)
    return lm.to(device).eval()


def _empty_lm(
    folder: Path, config: dict[str, Any], tensors: TensorFiles, text_encoder: tuple[nn.Module, Any], dtype: str
) -> tuple[LMModel, dict[str, tuple[str, ...]], dict[str, torch.Tensor]]:
    """Returns a language model without numbers, the folder's names of its tensors, and tensors of no file."""
    from audiocraft.models.builders import get_lm_model
    from omegaconf import OmegaConf

    file, is_melody = folder / CONFIG, config["model_type"] == MUSICGEN_MELODY
    asked = lm_config(config["decoder"], file, is_melody) | {"dtype": dtype}
    sizes = asked["transformer_lm"]
    _refuse_more_than(len(tensors), sizes["num_layers"], file)
    try:
        with torch.device("meta"):
            lm = get_lm_model(OmegaConf.create(asked))
            made = _conditioners(folder, config, text_encoder, sizes["dim"], is_melody)
            lm.condition_provider.conditioners.update(made)
    except Exception as error:  # a configuration can be wrong in any way
        raise WeightsError(f"{file}: audiocraft cannot build what it describes ({one_line(error)})") from error
    wanted = lm.state_dict()
    own = _without_projection(wanted, tensors)
    named = transformers_names(name for name in wanted if name not in own)
    shapes = {
        their: (shape[0] // len(theirs), *shape[1:])
        for name, theirs in named.items()
        for their in theirs
        for shape in [tuple(wanted[name].shape)]
    }
    compare_shapes(shapes, tensors, f"{folder}", CONFIG)
    _refuse_left_over(tensors, shapes, folder)
    return lm, named, own


def _conditioners(
    folder: Path, config: dict[str, Any], text_encoder: tuple[nn.Module, Any], dim: int, is_melody: bool
) -> dict[str, nn.Module]:
    from typebeat.engines.beat.conditioners import CHROMA_CLASSES, FolderT5, Melody

    made: dict[str, nn.Module] = {TEXT: FolderT5(*text_encoder, dim)}
    if is_melody:
        frames = int(_number(config, "chroma_length", 235, 1, 4_096))
        classes = int(_number(config, "num_chroma", CHROMA_CLASSES, 1, 4_096))
        made[MELODY] = Melody(frames, dim, _chroma(folder, classes))
    return made


def _chroma(folder: Path, classes: int) -> dict[str, Any]:
    """Returns how a melody's pitch classes are heard, as options of audiocraft's `ChromaExtractor`.

    transformers' `MusicgenMelodyFeatureExtractor` names them; without its file they are its usual ones.
    """
    file = folder / PREPROCESSOR
    told = read_json(file) if file.is_file() else {}
    window = int(_number(told, "n_fft", 2**14, 2**8, 2**17))
    return {
        "sample_rate": int(_number(told, "sampling_rate", 32_000, 8_000, 192_000)),
        "n_chroma": classes,
        "nfft": window,
        "winlen": window,
        "winhop": int(_number(told, "hop_length", window // 4, 64, window)),
    }


def _without_projection(wanted: dict[str, torch.Tensor], tensors: TensorFiles) -> dict[str, torch.Tensor]:
    """Returns projections that change nothing: transformers has none where encoder and decoder are equally wide."""
    found = {}
    for name, tensor in wanted.items():
        if ".output_proj." in name and tensor.shape[0] == tensor.shape[-1]:
            their = transformers_names([name])[name][0]
            square = wanted[name.replace(".bias", ".weight")].shape
            if their not in tensors and square[0] == square[1]:
                found[name] = torch.eye(square[0]) if tensor.dim() == 2 else torch.zeros(square[0])
    return found


def _empty_t5(
    folder: Path, told: dict[str, Any], held: dict[str, tuple[int, ...]], file: Path
) -> tuple[nn.Module, dict[str, str]]:
    """Returns the folder's text encoder without numbers, and the folder's name of each of its tensors."""
    from transformers import T5Config, T5EncoderModel

    _refuse_more_than(len(held), told.get("num_layers", 6), file)
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


def _load_t5(folder: Path, told: dict[str, Any], tensors: TensorFiles, file: Path) -> tuple[nn.Module, Any]:
    """Returns the folder's text encoder, on the CPU, and its tokenizer."""
    t5, stored = _empty_t5(folder, told, tensors.under("text_encoder."), file)
    read = {name: tensors.read(f"text_encoder.{name}", torch.float32) for name in {*stored.values()}}
    t5.load_state_dict({name: read[stored[name]] for name in stored}, assign=True)
    t5.tie_weights()
    return t5.eval().requires_grad_(False), load_tokenizer(folder, t5.config.vocab_size)


def _refuse_left_over(tensors: TensorFiles, used: Collection[str], folder: Path) -> None:
    """Raises WeightsError for tensors of the decoder that have no place in it: what they would change would be lost."""
    apart = [name for name in tensors if name not in used and not name.endswith(COMPUTED)]
    strangers = [name for name in apart if not name.startswith(("text_encoder.", "audio_encoder."))]
    strangers += [name for name in apart if ".lora_" in name and name not in strangers]
    if strangers:
        told = f"{len(strangers)} of its {len(tensors)} tensors have no place, such as {quoted(strangers[0])}"
        raise WeightsError(f"refused: {folder}: {told}; an adapter has to be merged, or kept in a folder of its own")


def _load_codec(config: dict[str, Any], tensors: TensorFiles, file: Path) -> CompressionModel:
    from audiocraft.models.encodec import HFEncodecCompressionModel, InterleaveStereoCompressionModel
    from transformers import EncodecConfig, EncodecModel

    held = tensors.under("audio_encoder.")
    told = _picked(config["audio_encoder"], ENCODEC_FIELDS)
    try:
        asked = EncodecConfig(**told)
        loops = (asked.num_quantizers, asked.num_residual_layers, asked.num_lstm_layers, len(asked.upsampling_ratios))
        _refuse_more_than(len(held), max(loops), file)
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


def _refuse_more_than(tensors: int, asked: object, file: Path) -> None:
    if type(asked) is not int or asked > tensors:
        raise WeightsError(
            f"{file} asks for {quoted(asked)} layers of a part; the folder holds {tensors} tensors of it"
        )


def _number(told: dict[str, Any], name: str, usual: float, low: float, high: float) -> float:
    number: Any = told.get(name)
    return number if type(number) in (int, float) and low <= number <= high else usual

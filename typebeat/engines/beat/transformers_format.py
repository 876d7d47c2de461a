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
from typebeat.engines.beat.shapes import compare_shapes
from typebeat.engines.beat.tensor_files import TensorFiles
from typebeat.engines.beat.transformers_names import MELODY, TEXT, to_audiocraft, transformers_names
from typebeat.engines.beat.transformers_parts import LARGEST, empty_t5, load_codec, load_t5, refuse_more_than
from typebeat.engines.foreign import one_line, quoted, read_json
from typebeat.engines.quiet import import_audiocraft

if TYPE_CHECKING:
    from audiocraft.models.encodec import CompressionModel
    from audiocraft.models.lm import LMModel

USUAL_SECONDS, USUAL_GUIDANCE = 30.0, 3.0
COMPUTED = ("embed_positions.weights",)  # tensors of a decoder that are computed here


def load_transformers(folder: Path, device: str) -> tuple[LMModel, CompressionModel, float, tuple[Path, ...]]:
    """Returns language model (fp16 on CUDA), codec, the longest clip in seconds, and the files that were read.

    Raises:
        WeightsError: files are missing, truncated or hold code, or config and tensors do not fit.
    """
    file = folder / CONFIG
    config = read_json(file)
    refuse_unfit(config, file)
    tensors = TensorFiles(folder)
    codec = load_codec(config, tensors, file).to(device)
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
    t5, _ = empty_t5(folder, config["text_encoder"], tensors.under("text_encoder."), file)
    lm, _, _ = _empty_lm(folder, config, tensors, (t5, None), "float32")
    return {name: tuple(parameter.shape) for name, parameter in lm.named_parameters()}


def _load_lm(folder: Path, config: dict[str, Any], tensors: TensorFiles, file: Path, device: str) -> LMModel:
    text_encoder = load_t5(folder, config["text_encoder"], tensors, file)
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
    refuse_more_than(len(tensors), sizes["num_layers"], file)
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


def _refuse_left_over(tensors: TensorFiles, used: Collection[str], folder: Path) -> None:
    """Raises WeightsError for tensors of the decoder that have no place in it: what they would change would be lost."""
    apart = [name for name in tensors if name not in used and not name.endswith(COMPUTED)]
    strangers = [name for name in apart if not name.startswith(("text_encoder.", "audio_encoder."))]
    strangers += [name for name in apart if ".lora_" in name and name not in strangers]
    if strangers:
        told = f"{len(strangers)} of its {len(tensors)} tensors have no place, such as {quoted(strangers[0])}"
        raise WeightsError(f"refused: {folder}: {told}; an adapter has to be merged, or kept in a folder of its own")


def _number(told: dict[str, Any], name: str, usual: float, low: float, high: float) -> float:
    number: Any = told.get(name)
    return number if type(number) in (int, float) and low <= number <= high else usual

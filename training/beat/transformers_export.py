"""A trained model to transformers' format: `pipeline("text-to-audio")`, the Hub's widget and most tools load it then.

The same map of names as typebeat/engines/beat/transformers_names.py, the other way round. Text encoder, codec,
processor and generation config go into the folder too, so that it needs nothing else. The starter has no counterpart.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from training.beat.export import ExportError
from typebeat.engines.quiet import quiet_import
from typebeat.parts.writing import check_writable, whole

with quiet_import():
    from audiocraft.models.encodec import HFEncodecCompressionModel, InterleaveStereoCompressionModel
    from safetensors.torch import save_file

    from typebeat.engines.beat.adapters import read_adapter
    from typebeat.engines.beat.formats import ADAPTER_FILE, CODEC_FILE, MUSICGEN, MUSICGEN_MELODY, SINGLE
    from typebeat.engines.beat.loading import Models
    from typebeat.engines.beat.transformers_names import MELODY, TEXT, to_transformers, transformers_names
    from typebeat.engines.checkpoints import read_checkpoint, read_config

if TYPE_CHECKING:
    from audiocraft.models.lm import LMModel
    from transformers import EncodecConfig

_CODEC_NAMES = (
    (r"\.model\.(\d+)\.", r".layers.\1."),
    (r"\.convtr\.convtr\.", ".conv."),
    (r"\.conv\.conv\.", ".conv."),
    (r"^quantizer\.vq\.", "quantizer."),
    (r"\._codebook\.", ".codebook."),
    (r"\.weight_g$", ".parametrizations.weight.original0"),
    (r"\.weight_v$", ".parametrizations.weight.original1"),
)


def export_transformers(models: Models, base: Path, out: Path, dtype: torch.dtype = torch.float32) -> None:
    """Writes language model, text encoder and codec into `out`, whole or not at all; what stood there is replaced.

    Args:
        models: What was trained, adapters merged.
        base: The folder that training started from; it tells how its codec is made.
        out: Gets the folder.
        dtype: Of the language model's and the text encoder's numbers.

    Raises:
        ExportError: a part of the model has no counterpart in transformers, such as the starter's.
        OSError: it cannot be written, such as on a full disk.
    """
    lm = models.lm
    conditioner = _text_conditioner(lm)
    codec_config, codec_state = _codec(models, base)
    t5 = conditioner.t5
    state = {name: tensor.to(dtype) for name, tensor in to_transformers(lm.state_dict()).items()}
    state |= {f"text_encoder.{name}": tensor.to(dtype) for name, tensor in t5.state_dict().items()}
    state |= {f"audio_encoder.{name}": tensor for name, tensor in codec_state.items()}
    state.pop("text_encoder.encoder.embed_tokens.weight", None)  # one table under two names
    check_writable(out.parent)
    with whole(out) as part:
        part.mkdir()
        held = {
            name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format) for name, tensor in state.items()
        }
        save_file(held, part / SINGLE, metadata={"format": "pt"})
        _write_configs(models, t5.config.to_dict(), codec_config, dtype, part)
        _processor(models, conditioner.t5_tokenizer, codec_config).save_pretrained(part)


def export_adapter(adapter: Path, lm: LMModel, base: str, out: Path) -> None:
    """Writes an adapter that was trained here in the layout that PEFT wants for transformers' MusicGen.

    Args:
        adapter: As training wrote it.
        lm: The base that it was trained on, nothing merged.
        base: The base's repository in transformers' format.
        out: Gets `adapter_config.json` and `adapter_model.safetensors`.

    Raises:
        ExportError: a part that it adapts has no counterpart in transformers. WeightsError: it does not fit `lm`.
    """
    from peft import LoraConfig

    _text_conditioner(lm)
    tensors: dict[str, Tensor] = {}
    ranks, alphas, targets = set(), set(), set()
    for delta in read_adapter(adapter, lm).deltas:
        theirs = transformers_names([delta.stands.name])[delta.stands.name]
        for their, up in zip(theirs, delta.up.chunk(len(theirs)), strict=True):
            module = their.removesuffix(".weight")
            targets.add(module.rpartition(".")[2])
            tensors[f"base_model.model.{module}.lora_A.weight"] = delta.down.clone()
            tensors[f"base_model.model.{module}.lora_B.weight"] = up.contiguous().clone()
        rank = delta.down.shape[0]
        ranks.add(rank)
        alphas.add(round(delta.scale * rank, 6))
    if len(ranks) != 1 or len(alphas) != 1:
        raise ExportError(f"{adapter} has several ranks, which is not how training makes one")
    config = LoraConfig(r=ranks.pop(), lora_alpha=_whole(alphas.pop()), target_modules=sorted(targets))
    config.base_model_name_or_path, config.inference_mode = base, True
    check_writable(out.parent)
    with whole(out) as part:
        config.save_pretrained(part)
        save_file(tensors, part / ADAPTER_FILE, metadata={"format": "pt"})


def _whole(number: float) -> float:
    return int(number) if float(number).is_integer() else number


def _text_conditioner(lm: LMModel) -> Any:
    """Returns a MusicGen's one text conditioner. Raises ExportError for a model that transformers does not know."""
    conditioners = dict(lm.condition_provider.conditioners.items())
    unknown = set(conditioners) - {TEXT, MELODY}
    text = conditioners.get(TEXT)
    if unknown or not hasattr(text, "t5") or not hasattr(text, "t5_tokenizer"):
        some = ", ".join(sorted(unknown)) or "no T5"
        raise ExportError(f"transformers' MusicGen hears a T5 alone, this model has {some}; keep its own format")
    channels = lm.pattern_provider.delays
    if channels not in ([*range(lm.n_q)], [place // 2 for place in range(lm.n_q)]):
        raise ExportError(f"transformers' MusicGen has no delays like {channels}")
    return text


def _write_configs(models: Models, text: dict[str, Any], codec: EncodecConfig, dtype: torch.dtype, out: Path) -> None:
    import transformers

    lm = models.lm
    is_melody = MELODY in lm.condition_provider.conditioners
    prefix = "MusicgenMelody" if is_melody else "Musicgen"
    layer = lm.transformer.layers[0]
    decoder = getattr(transformers, f"{prefix}DecoderConfig")(
        vocab_size=lm.card,
        num_hidden_layers=len(lm.transformer.layers),
        ffn_dim=layer.linear1.out_features,
        num_attention_heads=layer.self_attn.num_heads,
        hidden_size=lm.dim,
        num_codebooks=lm.n_q,
        audio_channels=models.codec.channels,
        pad_token_id=lm.card,
        bos_token_id=lm.card,
    )
    more = {}
    if is_melody:
        melody = lm.condition_provider.conditioners[MELODY]
        more = {"chroma_length": melody.frames, "num_chroma": melody.dim}
    sections = {"text_encoder": text, "audio_encoder": codec.to_dict(), "decoder": decoder.to_dict()}
    config = getattr(transformers, f"{prefix}Config")(**sections, **more)
    config.architectures = [f"{prefix}ForConditionalGeneration"]
    config.dtype = dtype
    config.save_pretrained(out)
    told = {"bos_token_id": lm.card, "pad_token_id": lm.card, "decoder_start_token_id": lm.card}
    frames = int(models.max_seconds * models.codec.frame_rate)
    transformers.GenerationConfig(
        **told, do_sample=True, guidance_scale=float(lm.cfg_coef), max_length=frames
    ).save_pretrained(out)
    assert config.model_type == (MUSICGEN_MELODY if is_melody else MUSICGEN)


def _processor(models: Models, tokenizer: Any, codec: EncodecConfig) -> Any:
    import transformers

    if MELODY in models.lm.condition_provider.conditioners:
        extractor = transformers.MusicgenMelodyFeatureExtractor(sampling_rate=codec.sampling_rate)
        return transformers.MusicgenMelodyProcessor(extractor, tokenizer)
    extractor = transformers.EncodecFeatureExtractor(
        feature_size=models.codec.channels, sampling_rate=codec.sampling_rate, padding_side="left"
    )
    return transformers.MusicgenProcessor(extractor, tokenizer)


def _codec(models: Models, base: Path) -> tuple[EncodecConfig, dict[str, Tensor]]:
    """Returns transformers' config and state of a codec, which is one of transformers' own or audiocraft's EnCodec."""
    codec = models.codec
    if isinstance(codec, InterleaveStereoCompressionModel):
        codec = codec.model
    if isinstance(codec, HFEncodecCompressionModel):
        return codec.model.config, dict(codec.model.state_dict())
    file = base / CODEC_FILE
    if not file.is_file():
        raise ExportError("transformers' MusicGen has EnCodec as its codec, this model has another one")
    config = encodec_config(read_config(read_checkpoint(file), file), codec)
    state = {}
    for name, tensor in codec.state_dict().items():
        for pattern, there in _CODEC_NAMES:
            name = re.sub(pattern, there, name)
        state[name] = tensor
    return config, state


def encodec_config(config: Any, codec: Any) -> EncodecConfig:
    """Returns transformers' configuration of an EnCodec in audiocraft's format.

    Raises:
        ExportError: it has a part that transformers' EnCodec has not.
    """
    from transformers import EncodecConfig

    seanet = dict(config.seanet)
    usual = {"disable_norm_outer_blocks": 0, "final_activation": None, "activation": "ELU", "norm": "weight_norm"}
    other = [name for name, value in usual.items() if seanet.get(name, value) != value]
    if other or config.encodec.get("renormalize") or seanet.get("encoder") or seanet.get("decoder"):
        raise ExportError(f"transformers' EnCodec has no {', '.join(other) or 'such parts'} as this codec has")
    bits = math.ceil(math.log2(codec.cardinality))
    if codec.cardinality != 2**bits:
        raise ExportError(f"transformers' EnCodec has codebooks of a power of two, this one {codec.cardinality}")
    return EncodecConfig(
        target_bandwidths=[codec.total_codebooks * codec.frame_rate * bits / 1000],
        sampling_rate=codec.sample_rate,
        audio_channels=codec.channels,
        normalize=False,
        hidden_size=seanet["dimension"],
        codebook_dim=seanet["dimension"],
        codebook_size=codec.cardinality,
        num_filters=seanet["n_filters"],
        num_residual_layers=seanet["n_residual_layers"],
        upsampling_ratios=list(seanet["ratios"]),
        norm_type="weight_norm",
        kernel_size=seanet.get("kernel_size", 7),
        last_kernel_size=seanet.get("last_kernel_size", 7),
        residual_kernel_size=seanet.get("residual_kernel_size", 3),
        dilation_growth_rate=seanet.get("dilation_base", 2),
        use_causal_conv=bool(seanet.get("causal", False)),
        pad_mode=seanet.get("pad_mode", "reflect"),
        compress=seanet.get("compress", 2),
        num_lstm_layers=seanet.get("lstm", 0),
        trim_right_ratio=seanet.get("trim_right_ratio", 1.0),
        use_conv_shortcut=not seanet.get("true_skip", True),
    )

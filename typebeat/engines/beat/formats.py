"""Which format beat weights are in, told by the names of files and by small configurations alone; loads no library.

Whatever can be refused on that ground is refused here, so that nobody fetches gigabytes to read it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typebeat.engines import WeightsError
from typebeat.engines.foreign import quoted, read_json

LM_FILE, CODEC_FILE = "state_dict.bin", "compression_state_dict.bin"
STEMS = ("bass", "drums", "other")  # of MusicGen-Stem, in the order of their codebooks
STEM_CODEC_FILES = {stem: f"compression_state_dict_{stem}.bin" for stem in STEMS}
CONFIG, GENERATION = "config.json", "generation_config.json"
PREPROCESSOR = "preprocessor_config.json"  # how a melody model hears a tune
SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
PICKLE, PICKLE_INDEX = "pytorch_model.bin", "pytorch_model.bin.index.json"
ADAPTER_CONFIG, ADAPTER_FILE = "adapter_config.json", "adapter_model.safetensors"
MODEL_FILES = (SINGLE, INDEX, PICKLE, PICKLE_INDEX, LM_FILE)
TOKENIZERS = ("tokenizer.json", "spiece.model")
TOKENIZER_SETTINGS = "tokenizer_config.json"
TOKENIZER_FILES = (*TOKENIZERS, TOKENIZER_SETTINGS, "special_tokens_map.json", "added_tokens.json")
STARTER_FORMAT = "typebeat-starter-1"
MUSICGEN, MUSICGEN_MELODY = "musicgen", "musicgen_melody"
KINDS = (MUSICGEN, MUSICGEN_MELODY)
BASE_KEY = "base_model_name_or_path"

# what PEFT can do besides plain LoRA; each would be silently wrong if it were left out
_MORE_THAN_LORA = (
    *("use_dora", "modules_to_save", "fan_in_fan_out", "lora_bias", "trainable_token_indices"),
    *("alora_invocation_tokens", "use_qalora", "use_bdlora", "arrow_config", "layer_replication"),
    *("corda_config", "loftq_config"),
)
_PLAIN_STARTS = (True, False, None, "gaussian", "eva", "orthogonal")  # others change the base itself
_RAW = re.compile(r"(?:^|/)[^/]*\.(?:pt|pth|th|ckpt)$")


@dataclass(frozen=True)
class Verdict:
    """What weights are.

    Attributes:
        format: In a few words.
        plays: Whether this program can play them, as far as can be told before they are read.
        told: How they play, or why they do not.
        files: What has to be fetched for it.
        base: The base of an adapter, else empty.
    """

    format: str
    plays: bool
    told: str
    files: tuple[str, ...] = ()
    base: str = ""


def judge(files: Mapping[str, int], read: Callable[[str], dict[str, Any]]) -> Verdict:
    """Tells what a folder or a repository is.

    Args:
        files: Name -> bytes of what is in it.
        read: Returns a small JSON file of it; raises WeightsError where that is broken.
    """
    kept = tuple(name for name in ("README.md", CONFIG, GENERATION, *TOKENIZER_FILES) if name in files)
    try:
        if both := model_and_adapter(files):
            return Verdict("a model and an adapter", False, both)
        if LM_FILE in files and CODEC_FILE in files:
            told = (
                "plays with text, if it is a MusicGen, a stereo or a melody model; its own file says so once it is read"
            )
            return Verdict("audiocraft", True, told, (LM_FILE, CODEC_FILE, *kept[:2]))
        if LM_FILE in files and any(name in files for name in STEM_CODEC_FILES.values()):
            return _stems(files, kept[:2])
        if ADAPTER_CONFIG in files and not any(name in files for name in MODEL_FILES):
            return _adapter(files, read(ADAPTER_CONFIG))
        if CONFIG in files:
            return _by_config(files, read(CONFIG), kept)
    except WeightsError as error:
        if type(error) is not WeightsError:  # of the Hub, and not of what it holds
            raise
        return Verdict("broken or of another kind", False, str(error))
    if "model_index.json" in files:
        return Verdict("diffusers", False, "it draws pictures and makes no beats; name it in TYPEBEAT_COVER")
    if raw := next((name for name in files if _RAW.search(name)), ""):
        told = f"{quoted(raw)} is a raw training checkpoint; audiocraft.utils.export makes {LM_FILE} of it"
        return Verdict("raw checkpoint", False, told)
    some = ", ".join(quoted(name)[1:-1] for name in sorted(files)[:4]) or "nothing"
    return Verdict("unknown", False, f"it holds {some}; wanted are audiocraft's, transformers' or PEFT's files")


def model_and_adapter(files: Collection[str]) -> str:
    """Says that a folder holds a model and an adapter, of which one would be left out; empty if it does not."""
    models = [name for name in MODEL_FILES if name in files]
    if not models or ADAPTER_FILE not in files:
        return ""
    return f"it holds a model ({models[0]}) and an adapter ({ADAPTER_FILE}); keep each in a folder of its own"


def _stems(files: Mapping[str, int], kept: tuple[str, ...]) -> Verdict:
    name = "audiocraft, MusicGen-Stem"
    if missing := missing_stem_codec(files):
        return Verdict(name, False, missing)
    told = "plays bass, drums and other apart, with text; each can be made anew while the others stay"
    return Verdict(name, True, told, (LM_FILE, *STEM_CODEC_FILES.values(), *kept))


def missing_stem_codec(files: Collection[str]) -> str:
    """Says which codec of a model of stems is not there; empty if all are."""
    gone = [(stem, file) for stem, file in STEM_CODEC_FILES.items() if file not in files]
    if not gone:
        return ""
    stems, names = " and ".join(stem for stem, _ in gone), " and ".join(file for _, file in gone)
    return f"its codec for {stems} is missing ({names}); each of {', '.join(STEMS)} has one of its own"


def _by_config(files: Mapping[str, int], config: dict[str, Any], kept: tuple[str, ...]) -> Verdict:
    if config.get("format") == STARTER_FORMAT:
        shards = tuple(name for name in files if re.fullmatch(r"[\w.-]+\.safetensors(?:\.index\.json)?", name))
        return Verdict(
            "Typebeat's starter", True, "plays with text, tempo, key and position in the bar", (*kept, *shards)
        )
    kind = config.get("model_type")
    if kind not in KINDS:
        return Verdict("transformers", False, f"its model_type is {quoted(kind)}; {' and '.join(KINDS)} play")
    refuse_unfit(config, Path(CONFIG))
    stereo = config["decoder"].get("audio_channels", 1) == 2
    name = f"transformers, {'stereo ' if stereo else ''}{kind.replace('_', '-')}"
    if SINGLE in files:
        weights: tuple[str, ...] = (SINGLE,)
    elif INDEX in files:
        weights = (INDEX, *sorted(name for name in files if re.fullmatch(r"model-\d+-of-\d+\.safetensors", name)))
    elif PICKLE in files:
        weights = (PICKLE,)
    elif PICKLE_INDEX in files:
        weights = (
            PICKLE_INDEX,
            *sorted(name for name in files if re.fullmatch(r"pytorch_model-\d+-of-\d+\.bin", name)),
        )
    else:
        return Verdict(name, False, f"it has no weights; wanted are {SINGLE}, {INDEX} or {PICKLE}")
    if not any(each in files for each in TOKENIZERS):
        return Verdict(name, False, f"it has no {' or '.join(TOKENIZERS)}, so nothing can be said to its text encoder")
    told = "plays with text, or with a tune (use melody)" if kind == MUSICGEN_MELODY else "plays with text"
    hears = (PREPROCESSOR,) if kind == MUSICGEN_MELODY and PREPROCESSOR in files else ()
    return Verdict(name, True, told, (*kept, *hears, *weights))


def _adapter(files: Mapping[str, int], config: dict[str, Any]) -> Verdict:
    base = base_of(config, Path(ADAPTER_CONFIG))
    name = f"PEFT adapter on {quoted(base)[1:-1]}"
    if ADAPTER_FILE not in files:
        return Verdict(name, False, f"it has no {ADAPTER_FILE}; an adapter is read from safetensors alone", (), base)
    files_of_it = (ADAPTER_CONFIG, ADAPTER_FILE, *(name for name in ("README.md",) if name in files))
    return Verdict(name, True, "plays on its base, which is fetched too", files_of_it, base)


def is_transformers(folder: Path) -> bool:
    """Whether the folder's config.json says that it is transformers' MusicGen; a broken one raises WeightsError."""
    config = folder / CONFIG
    return config.is_file() and read_json(config).get("model_type") in KINDS


def is_of_stems(folder: Path) -> bool:
    """Whether a folder holds codecs of stems, not all of them perhaps, and no codec of whole mixes."""
    some = any((folder / name).is_file() for name in STEM_CODEC_FILES.values())
    return some and not (folder / CODEC_FILE).is_file()


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds an adapter of PEFT's, and no model."""
    return (folder / ADAPTER_CONFIG).is_file() and not any((folder / name).is_file() for name in MODEL_FILES)


def refuse_unfit(config: Mapping[str, Any], file: Path) -> None:
    """Raises WeightsError for parts of transformers' format that are not MusicGen's."""
    for part, kind in (("text_encoder", "t5"), ("audio_encoder", "encodec")):
        told = config.get(part)
        named = told.get("model_type") if isinstance(told, dict) else None
        if named != kind:
            raise WeightsError(f"{file} wants {quoted(named)} as its {part}; known is {kind}")
    decoder = config.get("decoder")
    if not isinstance(decoder, dict):
        raise WeightsError(f"{file} has no decoder")
    if decoder.get("activation_function", "gelu") != "gelu" or decoder.get("scale_embedding", False):
        raise WeightsError(f"{file} has a decoder of another kind than MusicGen's")


def base_of(config: Mapping[str, Any], file: Path) -> str:
    """Returns what an adapter calls its base, with the revision behind an @ where it names one.

    Raises:
        WeightsError: it names none, or is more than plain LoRA.
    """
    refuse_more_than_lora(config, file)
    base, revision = config.get(BASE_KEY), config.get("revision")
    if not isinstance(base, str) or not base.strip():
        raise WeightsError(f"{file} does not name the base that it was trained on")
    return f"{base}@{revision}" if isinstance(revision, str) and revision and base.count("/") == 1 else base


def refuse_more_than_lora(config: Mapping[str, Any], file: Path) -> None:
    """Raises WeightsError for an adapter of another kind, or with parts that only PEFT knows how to add."""
    kind = config.get("peft_type")
    if kind != "LORA":
        raise WeightsError(f"refused: {file} is an adapter of the kind {quoted(kind)}; plain LoRA is put onto a base")
    more = [name for name in _MORE_THAN_LORA if config.get(name)]
    if config.get("bias", "none") != "none":
        more.append("bias")
    start = config.get("init_lora_weights", True)
    if isinstance(start, (dict, list)) or start not in _PLAIN_STARTS:
        more.append("init_lora_weights")
    if more:
        raise WeightsError(f"refused: {file} has {', '.join(more)}; plain LoRA is put onto a base")


def read_small(folder: Path) -> Callable[[str], dict[str, Any]]:
    """Returns what reads a small JSON file of a folder."""
    return lambda name: read_json(folder / name)


def parse_small(content: bytes, name: str) -> dict[str, Any]:
    """Returns the object in a small JSON file's bytes. Raises WeightsError."""
    try:
        held = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{name} is truncated or no JSON") from error
    if not isinstance(held, dict):
        raise WeightsError(f"{name} holds no JSON object")
    return held

"""The catalogue of Hub repositories that Typebeat uses by itself: the only file in which a Hub id stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HubEntry:
    """One repository on the Hugging Face Hub.

    Attributes:
        repo: "owner/name".
        revision: Branch, tag or commit; the commit that was really loaded stands in the recipe.
        licence: Of the weights, as the Hub spells it.
        purpose: What Typebeat uses it for.
        size: About how much is fetched.
        note: What a reader must know besides.
    """

    repo: str
    revision: str
    licence: str
    purpose: str
    size: str
    note: str = ""


MUSICGEN_LICENCE = "cc-by-nc-4.0"  # of all that Meta published of MusicGen and its codec

# Nobody has pushed a Typebeat finetune yet. Until somebody does (training/ makes and pushes one, and its repository
# and tag are then written here), the Hub entry is MusicGen's base weights: they know no style word of Typebeat, and
# their licence forbids commercial use. facebook/musicgen-small (about 1.1 GB with its codec) has the same format and
# licence and can be named in TYPEBEAT_BEAT instead.
BEAT = HubEntry(
    repo="facebook/musicgen-medium",
    revision="main",
    licence=MUSICGEN_LICENCE,
    purpose="beats on a CUDA device",
    size="about 4 GB",
    note="base weights, not finetuned by Typebeat yet; no commercial use",
)
BEAT_TEXT_ENCODER = HubEntry(
    repo="t5-base",
    revision="main",
    licence="apache-2.0",
    purpose="text encoder that MusicGen's weights ask for by themselves",
    size="about 0.9 GB",
)
BEAT_CODEC = HubEntry(
    repo="facebook/encodec_32khz",
    revision="main",
    licence=MUSICGEN_LICENCE,
    purpose="codec of finetunes that name it instead of holding it",
    size="about 0.2 GB",
)
STEMS = HubEntry(
    repo="adefossez/HTDemucs",
    revision="main",
    licence="research-only",
    purpose="stems with a CUDA device, or once they are in the Hub's cache",
    size="about 0.1 GB",
    note="htdemucs; its author provides the weights for scientific purposes only: no commercial use",
)
# Chosen for its licence, which frees what it draws and what is finetuned from it; for its four steps, so seconds on
# ZeroGPU; and for a base variant of the same shapes to finetune. Z-Image-Turbo (6B, apache-2.0) is half as large again;
# Stable Diffusion 3.5 and FLUX.1-dev have licences with conditions; SDXL has the most LoRAs, but is older.
COVER = HubEntry(
    repo="black-forest-labs/FLUX.2-klein-4B",
    revision="main",
    licence="apache-2.0",
    purpose="covers on a CUDA device",
    size="about 16 GB",
    note="FLUX.2 klein 4B as it is, in bf16; it wants about 13 GB of a GPU's memory",
)
COVER_BASE = HubEntry(
    repo="black-forest-labs/FLUX.2-klein-base-4B",
    revision="main",
    licence="apache-2.0",
    purpose="what adapters for FLUX.2 klein 4B are trained on; only training fetches it",
    size="about 16 GB",
)
DRAWN_ON = {COVER_BASE.repo: COVER.repo}  # adapters of the one are drawn with on the other, which takes fewer steps
COVER_SDXL = HubEntry(
    repo="stabilityai/stable-diffusion-xl-base-1.0",
    revision="main",
    licence="openrail++",
    purpose="covers where an adapter for it is named; shapes of checkpoints that are one file",
    size="about 7 GB",
    note="Stable Diffusion XL as it is; the licence restricts some uses and travels with what is made from the weights",
)
COVER_SD15 = HubEntry(
    repo="stable-diffusion-v1-5/stable-diffusion-v1-5",
    revision="main",
    licence="creativeml-openrail-m",
    purpose="shapes of checkpoints of Stable Diffusion 1.5 that are one file",
    size="below 10 MB",
)
COVER_SPEED = HubEntry(
    repo="latent-consistency/lcm-lora-sdxl",
    revision="main",
    licence="openrail++",
    purpose="adapter with which Stable Diffusion XL needs few steps, used where there is no CUDA device",
    size="about 0.4 GB",
)
# Nobody has pushed Typebeat's style adapters for FLUX.2 klein yet. training/ makes and pushes a repository with
# lora/<style>/ in it; named in TYPEBEAT_COVER it brings its base along. Its name then replaces None here.
COVER_STYLES: HubEntry | None = None
CATALOGUE = tuple(
    entry
    for entry in (
        *(BEAT, BEAT_TEXT_ENCODER, BEAT_CODEC, STEMS),
        *(COVER, COVER_BASE, COVER_SDXL, COVER_SD15, COVER_SPEED, COVER_STYLES),
    )
    if entry is not None
)


@dataclass(frozen=True)
class Musicgen:
    """A MusicGen of Meta's that can be chosen, and what its speed depends on.

    Attributes:
        repo: "owner/name".
        name: For people.
        gigabytes: About how much is fetched, language model and codec.
        layers: Of its transformer.
        width: Of its transformer.
        codebooks: Tokens of a frame.
    """

    repo: str
    name: str
    gigabytes: float
    layers: int
    width: int
    codebooks: int = 4


MUSICGENS = (
    Musicgen("facebook/musicgen-small", "MusicGen small", 1.1, 24, 1024),
    Musicgen("facebook/musicgen-medium", "MusicGen medium", 4.0, 48, 1536),
    Musicgen("facebook/musicgen-large", "MusicGen large", 7.0, 48, 2048),
    Musicgen("facebook/musicgen-stereo-medium", "MusicGen medium, stereo", 4.1, 48, 1536, 8),
    Musicgen("facebook/musicgen-stem-6cb", "MusicGen-Stem", 4.4, 48, 1536, 6),
)
# licences of repositories whose cards may not tell them
LICENCES = {each.repo: each.licence for each in CATALOGUE}
LICENCES |= dict.fromkeys(("facebook/musicgen-stem-7cb", *(each.repo for each in MUSICGENS)), MUSICGEN_LICENCE)
# audiocraft's format says what is inside only in its gigabytes; of these it is known
NOT_PLAYED = {
    **{
        f"facebook/{name}": "it fills in masked tokens instead of drawing one after the other"
        for name in (
            *("magnet-small-10secs", "magnet-medium-10secs", "magnet-small-30secs", "magnet-medium-30secs"),
            *("audio-magnet-small", "audio-magnet-medium"),
        )
    },
    "facebook/jasco-chords-drums-400M": "it makes sound by flow matching and draws no tokens",
    "facebook/jasco-chords-drums-1B": "it makes sound by flow matching and draws no tokens",
    "facebook/jasco-chords-drums-melody-400M": "it makes sound by flow matching and draws no tokens",
    "facebook/jasco-chords-drums-melody-1B": "it makes sound by flow matching and draws no tokens",
}

"""Trains the starter's cover LoRAs, each on drawn covers of one style.

    python -m training.starter.train_cover_loras --work WORK --cover WORK/cover --minutes 25

The adapters are written to `lora/<style>/` of the cover model, in half precision and as strong as they were trained.
"""

import argparse
import json
import shutil
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file

from training.cover.cache import Picture
from training.runs.loop import make_accelerator
from training.runs.run_record import ADAPTER_FOLDER
from training.starter.art.store import stored_art
from training.starter.cover_art import add_precision
from training.train_cover_lora import CoverLoraOptions, load_base, train_on_pictures
from typebeat.engines.cover.files import ADAPTERS_FOLDER
from typebeat.engines.cover.naming import ADAPTER_CONFIG, ADAPTER_FILE, BASE_KEY
from typebeat.request.styles import STYLES

HELD_OUT = 24  # number of pictures of each style for validation, taken from the end
SHIPPED_BASE = "starter"  # what an adapter calls the base that it ships with


def train_style(style: str, work: Path, cover: Path, count: int, options: CoverLoraOptions) -> None:
    """Trains the LoRA of a style on `count` drawn covers and puts it beside its base."""
    art = stored_art(work / "art", style, count)
    pictures = [Picture(art.pixels[i], said[i % len(said)], f"{style} {i}") for i, said in enumerate(art.captions)]
    held_out = min(HELD_OUT, count // 4)
    train = pictures[:-held_out]
    train += [Picture(p.pixels[:, ::-1], p.caption, f"{p.name} mirrored") for p in train]
    pipe, base = load_base(str(cover))
    train_on_pictures(options, pipe, base, train, pictures[-held_out:], make_accelerator(options.precision))
    ship(options.out / ADAPTER_FOLDER, cover / ADAPTERS_FOLDER / style)


def ship(adapter: Path, place: Path) -> None:
    """Copies an adapter to where the app finds it, in half precision; it names its base as it ships."""
    with safe_open(adapter / ADAPTER_FILE, "pt") as held:
        tensors = {name: held.get_tensor(name).half() for name in held.keys()}  # noqa: SIM118
        metadata = held.metadata()
    place.mkdir(parents=True, exist_ok=True)
    save_file(tensors, place / ADAPTER_FILE, metadata)
    shutil.copyfile(adapter / ADAPTER_CONFIG, place / ADAPTER_CONFIG)
    told = json.loads((place / ADAPTER_CONFIG).read_text(encoding="utf-8")) | {BASE_KEY: SHIPPED_BASE}
    (place / ADAPTER_CONFIG).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def lora_options(style: str, work: Path, minutes: float, precision: str, steps: int = 0) -> CoverLoraOptions:
    """Returns the options of the training of a style's adapter, limited by steps if they are given."""
    return CoverLoraOptions(
        data=work / "art",
        style=style,
        out=work / f"lora-{style}",
        cache=work / "cache",
        steps=steps,
        minutes=0.0 if steps else minutes,
        batch=16,
        micro_batch=16,
        lr=1e-3,
        warmup_steps=20,
        final_lr=0.02,
        ema_decay=0.99,
        snr_gamma=0.0,
        precision=precision,
        check_every=50,
        grid_prompts=0,
    )


def main() -> None:
    """Trains with the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--work", type=Path, required=True, help="folder for drawn covers and runs; a stopped run resumes in it"
    )
    parser.add_argument("--cover", type=Path, required=True, help="folder of the cover model, made by train_cover")
    parser.add_argument("--styles", nargs="+", choices=STYLES, default=list(STYLES), help="styles to train")
    parser.add_argument("--count", type=int, default=800, help="number of covers of each style")
    parser.add_argument("--minutes", type=float, default=25, help="training time for each style")
    add_precision(parser)
    args = parser.parse_args()
    for style in args.styles:
        options = lora_options(style, args.work, args.minutes, args.precision)
        train_style(style, args.work, args.cover, args.count, options)


if __name__ == "__main__":
    main()

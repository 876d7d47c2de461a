"""Pushes finished cover LoRAs, one per style, to the Hub under a tag, and checks that they draw the same from there.

    python -m training.push_covers --runs runs/travis runs/cudi runs/toliver --repo you/your-covers --tag v1
    TYPEBEAT_COVER=you/your-covers@v1 python app.py

The repository holds `lora/<style>/`, where the app looks for adapters, and a card. It does not hold the base: the
adapters name it, and the app downloads it with them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.beat.export import ExportError, refuse_empty_adapter
from training.data.records import CoverImage, read_split
from training.hub.cover_card import BEFORE_AND_AFTER, PICTURES_FOLDER, cover_card, facts
from training.hub.folders import Pushed, check_may_push, pull, push_folder, read_facts, write_facts
from training.runs.errors import TrainingError
from training.runs.options import OptionsError, Say, option, run_command
from training.runs.run_record import ADAPTER_FOLDER, TrainedModel, read_run
from typebeat.engines.cover.files import ADAPTERS_FOLDER
from typebeat.engines.cover.naming import ADAPTER_CONFIG, ADAPTER_FILE
from typebeat.engines.load import load_cover_engine
from typebeat.request.styles import STYLES

SEED = 0  # of the pictures that are compared


@dataclass(frozen=True, kw_only=True)
class PushCoversOptions:
    """What to push, and where."""

    runs: tuple[str, ...] = option("folders of finished runs, each for another style and all on the same base")
    repo: str = option("Hub repository, owner/name; it is created if it does not exist")
    tag: str = option("tag for this version, such as v1; an existing tag is never moved")
    private: bool = option("whether a newly created repository is private", True)
    contact: str = option("whom to write to about rights; printed in the card", "")

    def __post_init__(self) -> None:
        if not self.runs:
            raise OptionsError("no run is given; wanted is one for each style")


def push_covers(options: PushCoversOptions, say: Say = print) -> Pushed:
    """Collects the adapters, writes their card, pushes both, pulls them again and compares what they draw.

    Raises:
        ExportError: an adapter has no effect; nothing is pushed.
        HubError: as `push_folder`; or a dataset has no `typebeat.json`.
        TrainingError: as `runs_by_style`; or the pulled adapters draw something else.
        WeightsError: the app refuses the adapters.
    """
    # 1. check everything before anything is sent
    records = runs_by_style([Path(each) for each in options.runs])
    check_may_push(options.repo, options.tag)
    datasets = {style: read_facts(Path(record.dataset)) for style, (_, record) in records.items()}
    name = f"{options.repo}@{options.tag}"
    with tempfile.TemporaryDirectory() as held:
        folder, cache = Path(held) / "covers", Path(held) / "cache"
        for style, (place, _) in records.items():
            _collect(place, style, folder)
        trained = {style: record for style, (_, record) in records.items()}
        write_facts(folder, facts(trained, datasets))
        card = cover_card(trained, datasets, name, options.contact)
        (folder / "README.md").write_text(card, encoding="utf-8")
        # 2. draw as the app does, with and without the adapters
        sent = _drawn(folder, trained, 1.0)
        without = _drawn(folder, trained, 0.0)
        for style, picture in sent.items():
            if np.array_equal(picture, without[style]):
                raise ExportError(f"refused: the adapter for {style} draws what its base draws")
        # 3. push, pull again and compare
        pushed = push_folder(folder, options.repo, options.tag, private=options.private)
        say(f"pushed {pushed.name}, commit {pushed.commit}: {', '.join(trained)}")
        back = _drawn(pull(pushed.name, cache=cache), trained, 1.0)
    if any(not np.array_equal(back[style], picture) for style, picture in sent.items()):
        raise TrainingError(f"{pushed.name} draws something else than what was pushed; do not use that tag")
    say(f"pulled again, and it draws the same; use it: TYPEBEAT_COVER={pushed.name} python app.py")
    return pushed


def runs_by_style(runs: list[Path]) -> dict[str, tuple[Path, TrainedModel]]:
    """Returns the folder and record of each run by its style, in the order of `STYLES`.

    Raises:
        TrainingError: a run is not finished, not of covers, not of a style of the app, or does not fit the others.
        ExportError: an adapter has no effect.
    """
    found: dict[str, tuple[Path, TrainedModel]] = {}
    for place in runs:
        record = read_run(place)
        if record.kind != "cover":
            raise TrainingError(f"{place} is a run of a {record.kind} model; python -m training.push takes it")
        if not record.stopped:
            raise TrainingError(f"{place} is not finished; run its training again, it goes on where it was")
        style = record.options["style"]
        if style not in STYLES:
            told = f"was trained on the style {style!r}" if style else "was trained on pictures of all styles"
            raise TrainingError(f"{place} {told}; the app has a place for {', '.join(STYLES)}")
        if style in found:
            raise TrainingError(f"{place} and {found[style][0]} are both for {style}; give one of them")
        refuse_empty_adapter(place / ADAPTER_FOLDER / ADAPTER_FILE)
        found[style] = (place, record)
    bases = {f"{record.base} at {record.base_revision}" for _, record in found.values()}
    if len(bases) > 1:
        raise TrainingError(f"the runs have different bases ({', '.join(sorted(bases))}); one app draws on one")
    base = next(record.base for _, record in found.values())
    if base != "starter" and base.count("/") != 1:
        raise TrainingError(f"the base {base} is a folder of this machine; push it first, and train on its name there")
    return {style: found[style] for style in STYLES if style in found}


def _collect(run: Path, style: str, folder: Path) -> None:
    """Copies the adapter and the picture grids of a run into the folder to push."""
    place = folder / ADAPTERS_FOLDER / style
    place.mkdir(parents=True)
    for file in (ADAPTER_FILE, ADAPTER_CONFIG):
        shutil.copyfile(run / ADAPTER_FOLDER / file, place / file)
    for when in BEFORE_AND_AFTER:
        if (run / f"{when}.png").is_file():
            (folder / PICTURES_FOLDER).mkdir(exist_ok=True)
            shutil.copyfile(run / f"{when}.png", folder / PICTURES_FOLDER / f"{style}_{when}.png")


def _drawn(folder: Path, records: Mapping[str, TrainedModel], strength: float) -> dict[str, np.ndarray]:
    """Returns the picture that the app draws in each style, for a caption of the validation split."""
    engine = load_cover_engine(str(folder))
    drawn = {}
    for style, record in records.items():
        images = read_split(Path(record.dataset), "validation", CoverImage)
        caption = next((image.caption for image in images if image.style == style), images[0].caption)
        drawn[style] = engine.draw(caption, style, [SEED], strength=strength)[0]
    return drawn


if __name__ == "__main__":
    run_command(PushCoversOptions, push_covers, "training.push_covers", __doc__)

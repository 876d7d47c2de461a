"""Pushes a finished and evaluated beat model to the Hub under a tag, and checks that it makes the same beat from there.

python -m training.push --run runs/mine --repo you/your-model --tag v1
TYPEBEAT_BEAT=you/your-model@v1 python app.py
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.beat.export import ADAPTER_FILE, refuse_empty_adapter
from training.beat.export_run import EXPORT_FOLDER, export_run, export_run_for_transformers
from training.data.records import read_split
from training.evaluate import choose_clips, make_beats
from training.hub.folders import Pushed, check_may_push, pull, push_folder, read_facts, write_facts
from training.hub.model_card import AUDIOCRAFT, TRANSFORMERS, beat_card, facts
from training.quality.evaluation import Evaluation, read_evaluation
from training.runs.errors import TrainingError
from training.runs.options import Say, option, run_command
from training.runs.run_record import ADAPTER_FOLDER, TrainedModel, read_run
from typebeat.engines.beat.formats import is_transformers
from typebeat.engines.load import load_beat_engine
from typebeat.sound.audio import Audio


@dataclass(frozen=True, kw_only=True)
class PushOptions:
    """What to push, and where."""

    run: Path = option("folder of a finished run that was evaluated")
    repo: str = option("Hub repository, owner/name; it is created if it does not exist")
    tag: str = option("tag for this version, such as v1; an existing tag is never moved")
    private: bool = option("whether a newly created repository is private", True)
    contact: str = option("whom to write to about rights; printed in the card", "")
    transformers_repo: str = option("Hub repository for the same in transformers' format; none where it is empty", "")


def push(options: PushOptions, say: Say = print) -> Pushed:
    """Exports the model, writes its card, pushes both, pulls them again and compares.

    Raises:
        ExportError: the weights equal those of the base; nothing is pushed.
        HubError: as `push_folder`; or the dataset has no `typebeat.json`.
        TrainingError: the run was not evaluated, or the pulled model makes another beat.
    """
    # 1. check everything before anything is sent
    record, evaluation = read_run(options.run), read_evaluation(options.run)
    for repo in filter(None, (options.repo, options.transformers_repo)):
        check_may_push(repo, options.tag)
    _, change = export_run(options.run)
    say(f"{change.changed} of {change.tensors} tensors differ from {record.base}, by {change.relative:.2%} of its norm")
    # 2. add adapter, facts and card to the weights
    export, name = options.run / EXPORT_FOLDER, f"{options.repo}@{options.tag}"
    adapter = options.run / ADAPTER_FOLDER
    if adapter.is_dir():
        refuse_empty_adapter(adapter / ADAPTER_FILE)
        no_stub = shutil.ignore_patterns("README.md")  # PEFT's card is empty
        shutil.copytree(adapter, export / ADAPTER_FOLDER, ignore=no_stub, dirs_exist_ok=True)
    dataset = read_facts(Path(record.dataset))
    write_facts(export, facts(record, evaluation, dataset))
    library = TRANSFORMERS if is_transformers(export) else AUDIOCRAFT
    card = beat_card(record, evaluation, dataset, name, options.contact, library)
    (export / "README.md").write_text(card, encoding="utf-8")
    other = _for_transformers(options, record, evaluation, dataset) if options.transformers_repo else None
    # 3. push, pull again and compare
    pushed = push_folder(export, options.repo, options.tag, private=options.private)
    say(f"pushed {pushed.name}, commit {pushed.commit}")
    asked = choose_clips(read_split(Path(record.dataset), "validation"), 1)
    (sent,) = make_beats(load_beat_engine(str(export)), asked, 0)
    with tempfile.TemporaryDirectory() as cache:
        (back,) = make_beats(load_beat_engine(str(pull(pushed.name, cache=Path(cache)))), asked, 0)
    _refuse_other(sent, back, pushed)
    if other:
        copy = push_folder(other, options.transformers_repo, options.tag, private=options.private)
        say(f"pushed {copy.name}, commit {copy.commit}: the same for transformers")
    say(f"pulled again, and it makes the same beat; play it: TYPEBEAT_BEAT={pushed.name} python app.py")
    return pushed


def _for_transformers(
    options: PushOptions, record: TrainedModel, evaluation: Evaluation, dataset: dict[str, Any]
) -> Path:
    """Exports the run in transformers' format with a card of its own; returns the folder."""
    folder, name = export_run_for_transformers(options.run), f"{options.transformers_repo}@{options.tag}"
    write_facts(folder, facts(record, evaluation, dataset))
    card = beat_card(record, evaluation, dataset, name, options.contact, TRANSFORMERS)
    (folder / "README.md").write_text(card, encoding="utf-8")
    return folder


def _refuse_other(sent: Audio, back: Audio, pushed: Pushed) -> None:
    if not np.array_equal(sent.samples, back.samples):
        raise TrainingError(f"{pushed.name} makes another beat than the export that was pushed; do not use that tag")


if __name__ == "__main__":
    run_command(PushOptions, push, "training.push", __doc__)

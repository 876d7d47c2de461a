"""Puts together what a DAW opens: README.txt, the Reaper project, and the DAWproject where there are stems.

In both projects each part is a track of its own that plays; the beat itself is muted beside them, or left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from typebeat.midi.notes import Note
from typebeat.parts import MadePart
from typebeat.parts.daw import README_FILE, Fader, project_name, readme_text, reaper_project
from typebeat.parts.dawproject import FILE_ENDING, ProjectTrack, dawproject_bytes
from typebeat.parts.licences import plain_licence
from typebeat.parts.pack import Recipe
from typebeat.parts.stems import FOLDER, part_of
from typebeat.request.styles import STYLES
from typebeat.sound.audio import Audio

NOTES_OF = {"bass": "808"}  # stems that the splitter names otherwise than MIDI does


def handover_files(sounds: dict[str, Audio], parts: Mapping[str, MadePart], recipe: Recipe) -> dict[str, bytes]:
    """Returns the files by their names in the pack.

    Args:
        sounds: The takes by their file names, the best one first.
        parts: What was made beside them.
        recipe: The pack's recipe.
    """
    beat_file = next(iter(sounds))
    files = {name: content for part in parts.values() for name, content in part.files.items()}
    faders = {name: Fader() for name in files if name.startswith(FOLDER)}
    made = {project_name(beat_file): reaper_project(sounds, files, recipe["bpm"], recipe["bars"], faders)}
    if faders:
        name = str(PurePosixPath(project_name(beat_file)).with_suffix(FILE_ENDING))
        made[name] = _dawproject(files, parts.get("midi") or MadePart({}), recipe)
    readme = readme_text(beat_file, [*files, *made], recipe)
    return {README_FILE: readme.encode(), **made}


def _dawproject(files: Mapping[str, bytes], midi: MadePart, recipe: Recipe) -> bytes:
    style = STYLES[recipe["style"]].name
    return dawproject_bytes(
        _tracks({name: content for name, content in files.items() if name.startswith(FOLDER)}, midi.notes),
        bpm=recipe["bpm"],
        bars=recipe["bars"],
        key=recipe["key"],
        title=f"{style} beat",
        markers=midi.markers,
        genre=style,
        licence=plain_licence(recipe["weights"]["beat"]["licence"]),
        comment=recipe["about"],
    )


def _tracks(stems: Mapping[str, bytes], notes: Mapping[str, tuple[Note, ...]]) -> list[ProjectTrack]:
    """One track a stem, with its notes; notes without a stem of their own have a track as well."""
    rest = {part: found for part, found in notes.items() if found}
    tracks = []
    for file, content in stems.items():
        part = part_of(file)
        tracks.append(ProjectTrack(part, file, content, rest.pop(NOTES_OF.get(part, part), ())))
    return [*tracks, *(ProjectTrack(part, notes=found) for part, found in rest.items())]

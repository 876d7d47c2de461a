"""Runs a command whose options are one frozen dataclass: its fields define defaults, TOML file and command line.

A field made with `option` holds the help text; its type and default are those of the option.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import MISSING, field, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from training.runs.errors import TrainingError
from typebeat.engines import WeightsError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # on Python 3.10, pytest installs it

Say = Callable[[str], None]  # receives a line for the user
Options, Result = TypeVar("Options"), TypeVar("Result")


class OptionsError(TrainingError):
    """An option that is unknown, missing, of the wrong type or out of range."""


def option(help: str, default: Any = MISSING) -> Any:
    """Returns a dataclass field with a help text; without a default the option is required."""
    return field(metadata={"help": help}, **({} if default is MISSING else {"default": default}))


def read_options(kind: type[Options], arguments: Sequence[str] | None = None, **about: str) -> Options:
    """Returns the options: the command line overrides the TOML file of `--config`, which overrides the defaults.

    Args:
        kind: A frozen dataclass of str, int, float, bool, Path or tuple[str, ...] fields made with `option`.
        arguments: The command line; None for that of this process.
        about: The parser's `prog` and `description`.

    Raises:
        OptionsError: as `options_from` does.
    """
    hints, names = get_type_hints(kind), [each.name for each in fields(kind)]
    parser = argparse.ArgumentParser(**about, argument_default=argparse.SUPPRESS)
    parser.add_argument("--config", type=Path, help="TOML file with any of the options below, written with underscores")
    for each in fields(kind):
        told = "needed" if each.default is MISSING else f"default {_shown(each.default)}"
        kwargs: dict[str, Any] = {"help": f"{each.metadata['help']} ({told})".replace("%", "%%")}
        if hints[each.name] is bool:
            kwargs["action"] = argparse.BooleanOptionalAction
        elif hints[each.name] in (str, int, float, Path):
            kwargs["type"] = hints[each.name]
        else:
            kwargs["nargs"] = "*"
        parser.add_argument(f"--{each.name.replace('_', '-')}", **kwargs)
    given = vars(parser.parse_args(arguments))
    held = read_toml(given.pop("config")) if "config" in given else {}
    return options_from(kind, {**held, **{name: given[name] for name in names if name in given}})


def read_toml(path: Path) -> dict[str, Any]:
    """Returns the content of a TOML file. Raises OptionsError if it is missing or broken."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OptionsError(f"{path} cannot be read as TOML ({error})") from error


def options_from(kind: type[Options], held: dict[str, Any]) -> Options:
    """Makes the options from names and values. Raises OptionsError for unknown names, missing or wrong values."""
    hints = get_type_hints(kind)
    if unknown := sorted(set(held) - set(hints)):
        raise OptionsError(f"unknown option {', '.join(unknown)}; known are {', '.join(hints)}")
    needed = {each.name for each in fields(kind) if each.default is MISSING}
    if missing := sorted(needed - set(held)):
        raise OptionsError(f"needed is --{', --'.join(name.replace('_', '-') for name in missing)}")
    try:
        return kind(**{name: _fit(value, hints[name]) for name, value in held.items()})
    except (TypeError, ValueError) as error:
        raise OptionsError(str(error)) from error


def run_command(kind: type[Options], command: Callable[[Options], Result], name: str, about: str) -> Result:
    """Reads the options of `python -m name`, runs the command with them, and returns its result.

    A failure is one line on stderr and an exit code: 2 for a wrong option, 130 for Ctrl-C, 1 for anything else.
    """
    try:
        return command(read_options(kind, prog=f"python -m {name}", description=about.splitlines()[0]))
    except (TrainingError, WeightsError, OSError) as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2 if isinstance(error, OptionsError) else 1)
    except KeyboardInterrupt:
        print("stopped; run the same command again to continue", file=sys.stderr)
        sys.exit(130)


def _fit(value: Any, hint: Any) -> Any:
    if hint is Path:
        return Path(str(value)).expanduser()
    if hint in (str, bool) and not isinstance(value, hint):
        raise ValueError(f"{value!r} is no {hint.__name__}")
    if hint in (int, float):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or (hint is int and value != int(value)):
            raise ValueError(f"{value!r} is no {hint.__name__}")
        return hint(value)
    return tuple(value) if isinstance(value, list) else value


def _shown(value: Any) -> str:
    return " ".join(value) or "none" if isinstance(value, tuple) else str(value) or "none"

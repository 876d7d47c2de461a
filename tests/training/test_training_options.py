"""One record is a step's defaults, its TOML file and its command line."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from training.runs.errors import TrainingError
from training.runs.options import OptionsError, option, read_options, run_command


@dataclass(frozen=True)
class Some:
    folder: Path = option("where 100% stands")
    steps: int = option("how many", 10)
    rate: float = option("how fast", 1e-4)
    merge: bool = option("whether", True)
    targets: tuple[str, ...] = option("which", ("a", "b"))


def test_the_command_line_goes_over_the_file_and_the_file_over_the_defaults(tmp_path):
    file = tmp_path / "some.toml"
    file.write_text('folder = "x"\nsteps = 3\nrate = 1\nmerge = false\ntargets = ["c"]\n')
    assert read_options(Some, ["--config", str(file)]) == Some(Path("x"), 3, 1.0, False, ("c",))
    arguments = ["--config", str(file), "--steps", "5", "--merge", "--targets", "d", "e"]
    assert read_options(Some, arguments) == Some(Path("x"), 5, 1.0, True, ("d", "e"))
    assert read_options(Some, ["--folder", "y"]) == Some(Path("y"))


def test_help_names_each_option_its_unit_and_its_default(capsys):
    with pytest.raises(SystemExit):
        read_options(Some, ["--help"], prog="python -m training.some")
    told = capsys.readouterr().out
    assert "where 100% stands (needed)" in told
    assert "how fast (default 0.0001)" in told
    assert "--no-merge" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("folder = 'x'\nstep = 3", "unknown option step; known are folder, steps"),
        ("steps = 3", "needed is --folder"),
        ("folder = 'x'\nsteps = 'many'", "'many' is no int"),
        ("folder = 'x'\nsteps = 1.5", "1.5 is no int"),
        ("folder = 'x'\nmerge = 1", "1 is no bool"),
        ("folder =", "cannot be read as TOML"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(tmp_path, text, told):
    file = tmp_path / "some.toml"
    file.write_text(text)
    with pytest.raises(OptionsError, match=told) as raised:
        read_options(Some, ["--config", str(file)])
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (OptionsError("no such\noption"), 2, "error: no such option\n"),
        (TrainingError("the loss is not a number"), 1, "error: the loss is not a number\n"),
        (OSError("the disk is full"), 1, "error: the disk is full\n"),
        (KeyboardInterrupt(), 130, "stopped; run the same command again to continue\n"),
    ],
)
def test_a_command_that_fails_says_so_in_one_line_and_by_its_exit_code(monkeypatch, capsys, raised, code, told):
    def command(options):
        raise raised

    monkeypatch.setattr("sys.argv", ["some", "--folder", "x"])
    with pytest.raises(SystemExit) as left:
        run_command(Some, command, "training.some", "Does some.")
    assert (left.value.code, capsys.readouterr().err) == (code, told)

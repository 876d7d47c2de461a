"""Makes the table of each benchmark from its results: every figure, with the bar that it has to clear if it has one."""

from __future__ import annotations

from typing import Any

from benchmarks.decode_systems import SHAPES

BARS = {  # benchmark -> figure -> its bar
    "starter": {
        **{"codec_logmel_db": "4.0", "codec_onset_f1": "original - 0.02", "codec_chroma": "0.95"},
        **{"codec_pitch": "0.92", "lead_kept": "0.9", "tempo_hit": "0.98", "key_hit": "0.90"},
        **{"backbeat_hit": "0.90", "style_hit": "0.85", "instrument_hit": "0.70", "groove_hit": "0.70"},
        **{"parts_hit": "0.95", "broken": "0"},
        **{"given_chords": "0.85", "given_melody_f1": "0.75", "given_drums_f1": "0.90", "given_808_f1": "0.85"},
        **{"again_equal": "1", "again_in_key": "0.90", "same_drums_and_melody": "0"},
        **{"realtime_x": "2, without VNNI 1", "load_s": "5", "peak_mb": "2048"},
    },
    "midi": {
        **{"f1_kick": "0.90", "f1_snare": "0.88", "f1_hat": "0.85", "f1_808": "0.88", "f1_melody": "0.70"},
        **{"right_16th": "0.90", "bpm_hit_known": "1", "bpm_hit_blind": "0.90", "s_per_30s": "15"},
    },
    "midi_recorded": {
        **{"f1_kick": "0.93", "f1_snare": "0.88", "f1_hat": "0.88", "bars_kept": "1", "tempo_kept": "1"},
        **{f"phantom_{each}": "0" for each in ("chords", "melody", "808", "key", "drums")},
    },
    "cover": {
        **{"s_per_cover": "2", "style_on": "0.85", "style_off": "0.33", "switch_s": "0.2", "subject": "0.70"},
        **{"frechet": "90", "clipped_beyond_art": "0.03", "variation": "0.6"},
    },
    "decode": {
        **{"tokens_equal": "1", "fp32_ratio": "1.6", "int8_ratio": "4", "int8_ratio_4": "7", "requests_ratio_8": "3.5"},
        **{"starter_first_sound_s": "< 1.5", "starter_x": "4", "starter_x4": "8"},
    },
    "old_processors": {
        **{
            "fp16_kl_nats": "0.001",
            "starter_fp16_ratio_4": "1.5",
            "small_fp16_ratio_1": "2",
            "small_fp16_ratio_4": "2",
        },
        **{"realtime_x4": "3", "pack_s": "less than it plays", "pack_missing": "0"},
    },
    "serve": {
        **{"errors": "0", "growth_mb": "no growth", "page_s": "2", "axe_serious": "0"},
        **{"packs_ratio_4": "1.8", "packs_ratio_most": "1.8", "first_sound_4_s": "< 3"},
    },
    "scale": {
        **{"two_ratio": "1.6", "overhead_s": "0.3", "equal_bytes": "1", "killed_packs": "20", "killed_errors": "0"},
        **{"killed_distinct": "20", "join_s": "30"},
    },
    "training": {
        **{"style_before": "< 0.20", "style_after_lora": "> 0.70", "style_after_full": "> 0.70"},
        **{"ddp_diff": "1e-4", "minutes_lora": "10", "minutes_full": "10"},
    },
    "words": {
        **{"bpm_right": "0.98", "key_right": "0.98", "false_keys_of_100": "0", "negation_right": "0.95"},
        **{"named_right": "0.95"},
    },
    "parts": {
        **{"sum_error": "1e-4", "mono_loss_db": "1", "correlation": "> 0.2", "lufs_off": "0.2", "true_peak_dbtp": "-1"},
        **{"bass_on_phone_db": "louder than dry", "mix_s": "0.4"},
        **{"again_equal": "1", "again_ratio": "1.1", "stem_sdr_db": "60"},
    },
    "own_sound": {
        **{"tempo": "0.90", "downbeat": "0.95", "key": "0.85", "tuning": "0.90", "chords_text": "1"},
        **{"midi_f1": "0.85", "hum_f1": "0.75", "made_downbeat": "0.95", "made_tempo": "1", "made_key": "0.85"},
        **{"made_tuning": "0.85", "made_chords": "0.85", "made_seconds_ratio": "2"},
        **{f"made_midi_{part}": "0.85" for part in ("drums", "808", "melody", "chords")},
    },
    "formats": {"equal": "1", "refused_truly": "1", "peak_x": "1.2", "fetched_mb": "1"},
    "faults": {},
}
FORMAT_COLUMNS = ("plays", "equal", "refused_truly", "seconds", "files_mb", "peak_mb", "peak_x", "fetched_mb")
FRAME_RATE = 50  # steps a second of sound, in the shapes that `decode` measures
BYTES_A_WEIGHT = {"int8": 1, "fp16 weights": 2}  # of the systems in `decode`; 4 in the others


def table(name: str, result: dict[str, Any]) -> str:
    """Returns the results of a benchmark as Markdown tables."""
    if name == "formats":
        where = f"On {result['processor']}, {result['cores']} cores under a load of {result['load']}:\n\n"
        return where + _formats(result["formats"])
    if name == "faults":
        return _faults(result)
    if name == "words":
        return "\n\n".join(columns_table(result[each], BARS[name], digits=2) for each in ("columns", "languages"))
    if name == "midi":
        tables = {"columns": BARS[name], "recorded": BARS["midi_recorded"]}
        return "\n\n".join(
            columns_table(result[key], bars, digits=2) for key, bars in tables.items() if result.get(key)
        )
    if name == "parts" or (name == "cover" and "columns" in result):
        return columns_table(result["columns"], BARS[name], digits=3)
    if "columns" in result:
        return columns_table(result["columns"], BARS[name], digits=2)
    if name == "cover":
        return columns_table({"starter": _plain(result)}, BARS[name], digits=3)
    if name == "decode":
        memory = f"A plain read of memory ran at {result['bandwidth_gb_s']:.1f} GB/s."
        figures = {key: value for key, value in _plain(result).items() if key != "bandwidth_gb_s"}
        return "\n\n".join([_decode_rows(result), memory, _figures(figures, BARS[name], ".3g")])
    if name == "serve":
        return _rows(result["rows"]) + "\n\n" + _figures(result["figures"], BARS[name], "g")
    if name in ("old_processors", "scale"):
        return f"On {result['processor']}:\n\n" + _figures(_plain(result), BARS[name], ".3g")
    figures = {key: value for key, value in result.items() if key != "steps"}
    return _figures(figures, BARS[name], ".3g") + "\n\n" + _step_rows(result.get("steps", {}))


def _formats(rows: dict[str, dict[str, Any]]) -> str:
    """A row for each format of weights; `told` is the line that a refusal gives."""
    lines = [_line("format", *FORMAT_COLUMNS, "told"), "|---" * (2 + len(FORMAT_COLUMNS)) + "|"]
    lines.append(_line("bar", *(BARS["formats"].get(column, "") for column in FORMAT_COLUMNS), ""))
    for name, row in rows.items():
        lines.append(
            _line(name, *(row.get(column, "") for column in FORMAT_COLUMNS), row.get("line", "").replace("|", "/"))
        )
    return "\n".join(lines)


def _faults(result: dict[str, Any]) -> str:
    """A row for each fault."""
    heads = ("fault", "tried", "lost", "seconds to recover", "what the visitor was told", "measured", "on")
    lines = [_line(*heads), "|---" * len(heads) + "|"]
    for fault, row in result["rows"].items():
        measured = ", ".join(f"{name} {value:g}" for name, value in row["figures"].items())
        told = row["seen"].replace("|", "/")
        lines.append(_line(fault, row["tried"], row["lost"], row["recover_s"], told, measured, row["processor"]))
    return "\n".join(lines)


def _plain(result: dict[str, Any]) -> dict[str, float]:
    """The figures of a result, without its counts and rows."""
    return {key: value for key, value in result.items() if isinstance(value, float | int) and not key.startswith("n_")}


def columns_table(columns: dict[str, dict[str, float]], bars: dict[str, str], digits: int) -> str:
    """A column for each of several measurements, a line for each figure of any; counts (int) stay whole."""
    lines = [_line("figure", "bar", *columns), "|---" * (2 + len(columns)) + "|"]
    for name in dict.fromkeys(figure for column in columns.values() for figure in column):
        if not name.startswith(("precision_", "recall_")) and not name.endswith("_stated"):  # the results have them
            cells = [_cell(column.get(name), digits) for column in columns.values()]
            lines.append(_line(name, bars.get(name, ""), *cells))
    return "\n".join(lines)


def _cell(value: float | None, digits: int) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"


def _figures(figures: dict[str, float], bars: dict[str, str], form: str) -> str:
    lines = [_line("figure", "bar", "measured"), "|---|---|---|"]
    return "\n".join(lines + [_line(name, bars.get(name, ""), format(value, form)) for name, value in figures.items()])


def _rows(rows: list[dict[str, float]]) -> str:
    lines = [_line(*rows[0]), "|---" * len(rows[0]) + "|"]
    return "\n".join(lines + [_line(*(f"{value:g}" for value in row.values())) for row in rows])


def _decode_rows(result: dict[str, Any]) -> str:
    heads = ("shape", "takes", "system", "steps/s", "x real time, all takes")
    lines = [_line(*heads, "of memory speed", "peak MB", "steps", "runs"), "|---" * 9 + "|"]
    for row in result["rows"]:
        requests = row.get("requests", 1)
        fast = requests * row["takes"] * row["steps_per_s"] / FRAME_RATE
        share = bytes_a_step(row) * row["steps_per_s"] / 1e9 / result["bandwidth_gb_s"]
        speed = (f"{row['steps_per_s']:.1f}", f"{fast:.2f}", f"{share:.0%}", f"{row['peak_mb']:.0f}")
        takes = row["takes"] if requests == 1 else f"{requests} requests of {row['takes']}"
        lines.append(_line(row["shape"], takes, row["system"], *speed, row["steps"], row["runs"]))
    return "\n".join(lines)


def bytes_a_step(row: dict[str, Any]) -> float:
    """Returns what a step must read at least: all weights once, and half of the longest cache on average."""
    channels, layers, _ = SHAPES[row["shape"]]
    weights = (14 * channels**2 * layers + 4 * 2048 * channels) * BYTES_A_WEIGHT.get(row["system"], 4)
    rows = 2 * row["takes"] * row.get("requests", 1)
    return float(weights + 2 * layers * channels * row["steps"] / 2 * rows * 4)


def _step_rows(steps: dict[str, dict[str, float]]) -> str:
    heads = ("step of", "steps/s", "peak MB", "of that model MB", "estimated beside the model MB")
    lines = [_line(*heads), "|---" * 5 + "|"]
    for name, row in steps.items():
        megabytes = (f"{row[each]:.0f}" for each in ("peak_mb", "model_mb", "estimate_mb"))
        lines.append(_line(name, f"{row['steps_per_s']:.2f}", *megabytes))
    return "\n".join(lines)


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"

"""States what sound files may be brought, once for the page, the API, the command line and the reader of files."""

from __future__ import annotations

FORMATS = ("WAV", "FLAC", "MP3", "OGG", "AIFF", "CAF")
SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".aiff", ".aif", ".aifc", ".caf")
SHORTEST_SECONDS, LONGEST_SECONDS = 1.0, 600.0
LARGEST_MB = 250  # millions of bytes: ten minutes of stereo in 32 bit at 48 kHz
NAMES = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
LIMITS = f"up to {LONGEST_SECONDS / 60:g} minutes and {LARGEST_MB} MB"
SOUND_FILE = f"{NAMES} of {LIMITS}"
ALLOWED = f"{NAMES}, {SHORTEST_SECONDS:g} s to {LONGEST_SECONDS / 60:g} minutes, up to {LARGEST_MB} MB"

"""The version of Typebeat, as packs, cards and the package name it."""

__version__ = "0.1.0"

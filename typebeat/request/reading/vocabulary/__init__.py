"""Phrases of each language by the concepts that they name, one module a language."""

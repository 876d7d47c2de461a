"""From files that people bring to datasets of beats and covers on disk.

`tracks` finds files with their sidecars and checks rights, `recordings` reads a sound, `fingerprints` recognises
duplicates, `chunks` cuts at bars, `splits` divides training from validation, and `dataset` reads and writes the
prepared data.
"""

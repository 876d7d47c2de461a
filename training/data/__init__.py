"""Prepares datasets of beats and covers from folders of files.

`tracks` finds files with their sidecars and checks rights, `recordings` reads sounds, `fingerprints` finds duplicates,
`chunks` cuts at bars, `splits` divides tracks into training and validation, `preparation` puts these steps together,
and `records` reads and writes the prepared data.
"""

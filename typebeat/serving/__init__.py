"""Many visitors on one machine: jobs that wait their turn, can be stopped and stay out of each other's way.

`jobs` runs packs, covers and MIDI for page and API, each in a folder of its own; `queue` is the line in front of a
worker, with an estimate and a time limit; `zerogpu` runs engines inside a ZeroGPU call.
"""

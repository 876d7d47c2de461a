"""Serves many visitors: jobs wait their turn, can be stopped and do not disturb each other.

`jobs` runs packs, covers and MIDI for page and API, each in a folder of its own; what they do are the records of
`work`. `queue` is the queue in front of workers, with an estimate and a time limit; `capacity` tells how many workers.
`states` are how a job goes. `runners` opens all that as the settings say, while `starting` shows a page that says so.
`failures` says why there is no beat. `own_folder` holds the server's files and clears up after a server that was
killed; `heard` keeps what was heard of uploads, and `memory` gives back what a job needed. `zerogpu` runs engines
inside ZeroGPU calls, `ray/` has work done by other machines. `watching` follows a job for the log (`journal`) and for
Prometheus (`metrics`); `readiness` says whether a job would be taken.
"""

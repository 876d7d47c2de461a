"""What a sound measures: its tempo, bars, key and loudness, and which drums are struck when. numpy and scipy only.

`passport` fills the `Passport` of a sound from the parts beside it: `onsets` finds where something begins, `tempo` the
even pulse, `downbeat` the first beat of a bar, `chroma` and `key` the pitch classes and the key. `strikes` recognises
drums and bass with the small network of `networks`; `reranking` picks the draft that is closest to the request. Notes
are written down in `midi/`.
"""

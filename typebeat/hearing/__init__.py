"""Measures a sound: tempo, bars, key and loudness, and which drums are struck when. numpy and scipy only.

`measuring` fills the `Passport` of a sound with the help of its neighbours: `onsets` finds where something begins,
`tempo` the pulse, `downbeat` the first beat of a bar, `chroma` and `key` the pitch classes and the key. `strikes` hears
drums and bass with one of the small `networks`; `reranking` picks the draft that is closest to the request, by its mix
or by its parts (`parts_reranker`, `part_features`). All of them look through the same short-time `spectrum`. Notes are
transcribed in `midi/`.
"""

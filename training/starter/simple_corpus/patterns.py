"""What rap beats are made of: scales, chord loops, motif rhythms, kick patterns, and the sounds of each style."""

MINOR, MAJOR = (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 5, 7, 9, 11)
LEADS = ("bells", "pluck", "keys", "lead", "strings", "choir", "hum")

# scale degrees of the chords of a four-bar loop, one a bar
LOOPS = {
    "dark": ((0, 0, 5, 4), (0, 5, 0, 6), (0, 0, 5, 5), (0, 3, 0, 5), (5, 5, 0, 0)),
    "warm": ((0, 5, 2, 6), (0, 3, 5, 4), (3, 6, 2, 5), (0, 2, 5, 3), (5, 2, 6, 0)),
    "glossy": ((5, 6, 0, 2), (0, 6, 5, 6), (5, 4, 0, 0), (0, 2, 6, 5), (3, 4, 0, 5)),
    "major": ((0, 5, 3, 4), (3, 0, 4, 5), (0, 3, 5, 4), (0, 4, 5, 3)),
}
# sixteenths of a bar on which a motif's notes start
MOTIF_RHYTHMS = {
    "slow": ((0, 6, 12), (0, 8), (0, 4, 10), (0, 6, 8, 14), (4, 8, 12)),
    "busy": (
        (0, 3, 6, 8, 11, 14),
        (0, 2, 4, 8, 10, 12),
        (0, 3, 6, 10, 12),
        (2, 4, 6, 10, 12, 14),
        (0, 4, 6, 8, 12, 14),
    ),
}
KICKS_HALF_TIME = (
    (0, 6, 10),
    (0, 3, 10),
    (0, 7, 10, 14),
    (0, 10, 13),
    (0, 6, 11),
    (0, 4, 6, 14),
    (0, 14),
    (0, 3, 6, 11),
)
KICKS_BACKBEAT = ((0, 7, 10), (0, 10), (0, 3, 8, 10), (0, 2, 10), (0, 6, 10, 11), (0, 8, 10), (0, 9, 10), (0, 5, 7, 10))
STYLE_MOODS = {
    "travis-scott": ("dark", "eerie", "psychedelic", "hard", "sad"),
    "kid-cudi": ("dreamy", "sad", "warm", "psychedelic", "dark"),
    "don-toliver": ("bright", "dreamy", "warm", "sad", "hard"),
}
STYLE_LEADS = {
    "travis-scott": {"bells": 4, "lead": 2, "choir": 2, "strings": 2, "pluck": 1, "keys": 1, "hum": 1},
    "kid-cudi": {"keys": 3, "hum": 4, "lead": 2, "strings": 2, "choir": 1, "bells": 1, "pluck": 1},
    "don-toliver": {"pluck": 4, "bells": 2, "keys": 2, "lead": 2, "hum": 1, "strings": 1, "choir": 1},
}
STYLE_CHORDS = {
    "travis-scott": {"pad": 6, "choir": 2, "strings": 2},
    "kid-cudi": {"keys": 5, "pad": 3, "strings": 1},
    "don-toliver": {"keys": 2, "pluck": 3, "pad": 3, "lead": 1},
}

"""Grooves made for dancing, that have their own places for kick or clap."""

from training.starter.corpus.groove import BACKBEAT, EIGHTHS, OFFBEATS, Groove

DANCE_GROOVES: dict[str, Groove] = {
    "jersey-club": Groove(
        bpm=(130, 145),
        back=BACKBEAT,
        kicks=(
            *("X... X... X..x ..x.", "X... X... X..x ..x. / X... X... X..x ..xx"),
            *("X... X... X..x ..x. / X... X... X..x .xx.", "X... X... X..x ..x. / X..x ..x. X..x ..x."),
            "X... X... X..x ..x. / X... X.x. X..x ..x.",
        ),
        core=(0, 4, 8, 11, 14),
        spots=(2, 6, 10, 13, 15),
        hats=(OFFBEATS, "o.X. o.X. o.X. o.X.", "X.xxX.xxX.xxX.xx", "o.X. o.X. o.X. o.Xx", "xoXoxoXoxoXoxoXo"),
        open_hats=(OFFBEATS, "..x. .... ..x. ....", ".... ..x. .... ..x."),
        percussion={"perc": ("x..x ..x. x..x ..x.", "..x. ..x. ..x. ..xx", "...x ..x. ...x ..x.")},
        traits={"clap": 0.9, "busy": 0.3, "open-hats": 0.55, "percussion": 0.6, "fills": 0.35, "rolls": 0.2}
        | {"shaker": 0.15, "sparse": 0.05, "kit-909": 0.4, "kit-808": 0.35, "snap": 0.06},
        bass={"bounce": 0.7, "long": 0.15, "glide": 0.15, "octaves": 0.3, "distorted": 0.25, "sub": 0.1},
        bass_sounds={"808": 8, "synth-bass": 2},
        bass_lines=("X... X... X..x ..x.", "X..x ..x. X..x ..x."),
    ),
    "detroit": Groove(
        bpm=(94, 110),
        back=".... X... ...X ..o. / .... X.o. ...X ..o.",
        kicks=(
            *("X.x. ..x. x... x...", "X.xx ..x. x... .x..", "X..x ..xx ..x. x...", "X.x. ..xx .x.. x.x."),
            *("X.x. .x.x x... x... / X.xx ..x. x.x. xx..", "X..x ..x. x... xx.. / X.x. ..x. x.x. x..."),
        ),
        core=(0,),
        spots=(1, 2, 3, 5, 7, 8, 9, 10, 13, 15),
        hats=("x.X.x.X.x.X.x.X.", "X.x.X.xxX.x.X.xx", "xxX.x.X.xxX.x.X.", "X.xxX.x.X.xxX.x."),
        open_hats=("..x. ..x. ..x. ..x.", "..x. .... ..x. ...."),
        percussion={"perc": ("..x. .... ..x. ....", "...x ..x. .... ..xx")},
        traits={"clap": 0.7, "busy": 0.3, "rolls": 0.2, "open-hats": 0.25, "percussion": 0.2, "cowbell": 0.1}
        | {"fills": 0.3, "snap": 0.1, "kit-808": 0.6, "kit-909": 0.1},
        feel=(-2.0, -5.0, -3.0),
        bass={"bounce": 0.7, "long": 0.15, "distorted": 0.35, "glide": 0.25, "octaves": 0.2},
        bass_sounds={"808": 8, "synth-bass": 1.5, "bass-guitar": 0.5},
        bass_lines=("X.x. ..x. x... x.x.", "X..x ..x. x.x. x..."),
    ),
    "afro": Groove(
        bpm=(96, 114),
        back="...x ..X. ..x. X...",
        kicks=(
            *("X... .... X... ....", "X... X... X... X...", "X... ...x X... ....", "X... .... X..x ..x."),
            *("X... .x.. X... .x..", "X... .... X... ..x. / X... ...x X... ...."),
        ),
        core=(0, 8),
        spots=(2, 5, 7, 11, 14, 15),
        hats=(OFFBEATS, "o.X. o.X. o.X. o.X.", "..x. ..xo ..x. ..xo", "x.xx x.xx x.xx x.xx"),
        open_hats=(OFFBEATS, ".... ..x. .... ..x."),
        percussion={
            "conga": ("..x. ..xx ..x. ..xx", ".... x.xx .... x.xx", "x..x ..xx x..x ..xx"),
            "tom_low": ("X..x ..x. .... ..x.", ".... ..x. .... x.xx", "...x ..x. .x.. ..x."),
            "perc": (".... x... .... x..x", "..x. .x.. ..x. .x.."),
        },
        traits={"percussion": 0.9, "shaker": 0.75, "rim": 0.65, "swing": 0.25, "clap": 0.15, "open-hats": 0.3}
        | {"fills": 0.25, "ghost-notes": 0.15, "cowbell": 0.1, "snap": 0.08, "busy": 0.15, "kit-909": 0.15}
        | {"kit-acoustic": 0.3},
        swing=(0.53, 0.57),
        feel=(0.0, 3.0, 1.0),
        loose=2.0,
        bass={"bounce": 0.4, "long": 0.25, "sub": 0.5, "glide": 0.2, "octaves": 0.15},
        bass_sounds={"808": 4, "bass-guitar": 3, "synth-bass": 3},
        bass_lines=("X..x ..x. ..x. x...", "X... ..x. ..x. x.x.", "...x ..x. X..x ..x."),
    ),
    "dancehall": Groove(
        bpm=(88, 108),
        back="...x ..X. ...x ..X.",
        kicks=(
            *("X... x... X... x...", "X... .... X... ....", "X... .... X... x...", "X... x... X... xx.."),
            *("X... .x.. X... x...", "X... x... X... x... / X... x... X.x. x..."),
        ),
        core=(0, 8),
        spots=(2, 4, 5, 7, 10, 12, 13, 15),
        hats=(EIGHTHS, "X..x ..X. X..x ..X.", "x.X. x.X. x.X. x.X.", "X.xx X.x. X.xx X.x."),
        open_hats=("..x. .... ..x. ....", ".... .... .... x..."),
        percussion={
            "conga": ("..x. ..x. ..x. ..xx", "...x ..x. ...x ..x."),
            "perc": ("x..x ..x. x..x ..x.", ".... ..x. .... ..x."),
            "tom_high": (".... .... .... ..xx", ".... .... ...x ..x."),
        },
        traits={"rim": 0.3, "percussion": 0.55, "clap": 0.35, "shaker": 0.35, "fills": 0.4, "cowbell": 0.15}
        | {"open-hats": 0.15, "snap": 0.1, "busy": 0.15, "kit-909": 0.2, "kit-acoustic": 0.1},
        swing=(0.53, 0.57),
        loose=1.5,
        bass={"bounce": 0.45, "long": 0.25, "sub": 0.5, "glide": 0.2, "octaves": 0.1},
        bass_sounds={"808": 5, "synth-bass": 3, "bass-guitar": 2},
        bass_lines=("X..x ..x. X..x ..x.", "X... ..x. X..x ..x.", "X..x ..x. ..x. x..."),
    ),
}

"""Grooves in which a bar has one backbeat, on its third beat or, in drill, its fourth: tempo counts double."""

from training.starter.corpus.groove import EIGHTHS, OFFBEATS, QUARTERS, THIRD_BEAT, Groove

HALF_TIME_GROOVES: dict[str, Groove] = {
    "trap": Groove(
        bpm=(128, 160),
        back=THIRD_BEAT,
        kicks=(
            *("X... ..x. ..x. .... / X... .... ..x. ..x.", "X..x .... ..x. .... / X..x .... ..x. .x.."),
            *("X... ...x ..x. ..x. / ...x ..x. ..x. ..x.", "X..x ..x. .... ..x. / X... ..x. ...x ...."),
            *("X... .... ..xx .... / X... ..x. ..x. ...x", "X... ..x. ...x ..x. / X..x ..x. ..x. ...."),
        ),
        core=(0,),
        spots=(3, 5, 6, 10, 11, 13, 14),
        hats=(EIGHTHS, "X.x.X.xxX.x.X.x.", "X.xxX.x.X.xxX.x.", "X.x.X.x.X.x.X.xx", "X.x.xxx.X.x.X.xx"),
        open_hats=(".... .... ..x. ....", ".... ..x. .... ..x.", ".... .... .... ..x.", "..x. .... .... .x.."),
        percussion={"perc": ("...x .... ...x ....", ".... ...x .... .x.x", "..x. ..x. .... ..x.")},
        traits={"rolls": 0.8, "triplets": 0.4, "open-hats": 0.45, "clap": 0.6, "fills": 0.3, "percussion": 0.3}
        | {"rim": 0.1, "sparse": 0.12, "busy": 0.2, "kit-808": 0.75, "shaker": 0.08, "snap": 0.06},
        bass={"long": 0.6, "bounce": 0.25, "glide": 0.4, "distorted": 0.4, "sub": 0.15, "octaves": 0.15},
    ),
    "half-time": Groove(
        bpm=(110, 150),
        back=THIRD_BEAT,
        kicks=(
            *("X... .... .... ..x. / X... .... .... ....", "X... .... .... .... / X... .... ..x. ...."),
            *("X... ..x. .... .... / X... .... .... ....", "X.x. .... .... .... / X... .... .... ..x."),
            *("X... .... .... .... / X..x .... .... ....", "X... .... ...x .... / X... .... .... ...x"),
        ),
        core=(0,),
        spots=(2, 3, 6, 10, 11, 14, 15),
        hats=(QUARTERS, "X... x... X.o. x...", "X... x.o. X... x...", "X... x... X... x.o."),
        open_hats=(".... .... .... x...", ".... x... .... ....", ".... .... .... ..x."),
        percussion={"perc": (".... .... .... ...x", ".... ..x. .... ...."), "tom_low": (".... .... ...x .x..",)},
        traits={"rolls": 0.3, "triplets": 0.5, "open-hats": 0.2, "clap": 0.35, "fills": 0.35, "percussion": 0.2}
        | {"sparse": 0.35, "laid-back": 0.25, "kit-808": 0.5, "kit-acoustic": 0.15, "snap": 0.06, "rim": 0.06},
        feel=(0.0, 5.0, 0.0),
        bass={"long": 0.85, "bounce": 0.05, "glide": 0.4, "distorted": 0.45, "sub": 0.25},
        bass_sounds={"808": 8, "synth-bass": 1.5, "bass-guitar": 0.5},
        bass_lines=("X... .... ..x. ....", "X... ..x. .... ..x."),
    ),
    "drill": Groove(
        bpm=(138, 148),
        back=".... .... X... .... / .... .... .... X...",
        kicks=(
            *("X... ..x. ...x ..x. / .... ..x. X... ..x.", "X... .... ..x. ..x. / ...x ..x. ..x. ...."),
            *("X..x .... ...x ..x. / X... ..x. ..x. ....", "X... ..x. .... ..x. / ..x. .... x... ..x."),
            *("X... ..x. ...x .... / ...x ..x. .... ..x.", "X... ...x ..x. .... / x..x .... ..x. ..x."),
        ),
        core=(),
        spots=(2, 3, 6, 7, 10, 11, 14, 15),
        hats=(
            *("X..x ..x. X..x ..x.", "X..x ..x. x..x ..x. / X..x ..x. x.x. x.x.", "X..x ..xx X..x ..x."),
            *("X..x ..x. X..x ..x. / X..x ..x. X..x .xx.", "X..x ..x. ...x ..x. / X..x ..x. X..x ..x."),
        ),
        open_hats=(".... .... .... ..x.", "...x .... .... .... / .... .... .... ..x.", ".... ..x. .... ...."),
        percussion={"perc": ("...x .... .... ..x. / ...x ..x. .... ....", ".... ..x. .... ...x / .... ..x. x... ....")},
        traits={"triplets": 0.55, "rolls": 0.5, "rim": 0.2, "percussion": 0.5, "open-hats": 0.2, "clap": 0.25}
        | {"fills": 0.25, "ghost-notes": 0.3, "busy": 0.12, "sparse": 0.06, "kit-808": 0.6, "snap": 0.04},
        bass={"long": 0.75, "bounce": 0.1, "glide": 0.92, "distorted": 0.4, "octaves": 0.2, "sub": 0.05},
    ),
    "plugg": Groove(
        bpm=(138, 168),
        back=THIRD_BEAT,
        kicks=(
            *("X... ..x. .... ..x. / ..x. .... ..x. ....", "X..x .... .... x... / ..x. ..x. .... ...."),
            *("X... .x.. .... ..x. / ..x. .... .... x...", "X... ..x. .... .... / ..x. .x.. ...x ...."),
            "X... .... ...x ..x. / ..x. .x.. .... ....",
        ),
        core=(),
        spots=(2, 5, 6, 11, 13, 14),
        hats=("X.xx ..xx X.xx ..x.", "x.xx .xx. x.xx .xx.", "X.x. .xx. X.x. .xx.", "X.xx ..x. X.xx .xx."),
        open_hats=("..x. .... ..x. ....", ".... x... .... x...", ".... .x.. .... x..."),
        percussion={"perc": ("...x ..x. ...x ....", ".... ...x ..x. ...x", "...x .... .x.. ..x.")},
        traits={"open-hats": 0.8, "clap": 0.4, "snap": 0.2, "rolls": 0.4, "triplets": 0.12, "sparse": 0.35}
        | {"percussion": 0.35, "rim": 0.15, "swing": 0.15, "fills": 0.12, "kit-808": 0.7, "laid-back": 0.1},
        feel=(0.0, 2.0, -2.0),
        bass={"bounce": 0.6, "long": 0.3, "glide": 0.3, "octaves": 0.25, "sub": 0.3, "distorted": 0.1},
    ),
    "rage": Groove(
        bpm=(144, 168),
        back=".... .... X... .... / .... .... X... ..o.",
        kicks=(
            *("X..x ..x. ..x. x.x.", "X.x. ..x. ..x. x.x.", "X... x.x. ..x. x...", "X..x ..x. ..xx ..x."),
            *("X..x x... ..x. x.x. / X... x.x. ..xx .x..", "X.x. x.x. ..x. x... / X..x ..x. ..x. x.x."),
        ),
        core=(0, 10),
        spots=(2, 3, 4, 5, 6, 11, 12, 13, 14),
        hats=("X.X.X.X.X.X.X.X.", "X.X.X.X.X.X.XxXx", "X.X.XxXxX.X.X.X.", "X.X.X.X.X.X.X.Xx"),
        open_hats=("..x. ..x. ..x. ..x.", ".... ..x. .... ..x.", "X... .... .... ...."),
        percussion={"perc": ("...x .... ...x ....", ".... ..x. .... .xx.")},
        traits={"busy": 0.4, "clap": 0.65, "rolls": 0.55, "open-hats": 0.4, "fills": 0.35, "triplets": 0.1}
        | {"percussion": 0.12, "kit-808": 0.7, "kit-909": 0.15},
        feel=(0.0, 0.0, -2.0),
        bass={"distorted": 0.9, "long": 0.5, "bounce": 0.3, "glide": 0.35, "octaves": 0.2},
        bass_sounds={"808": 9, "synth-bass": 1},
        bass_lines=("X.x. x.x. X.x. x.x.", "X..x ..x. X..x x.x."),
    ),
    "cloud": Groove(
        bpm=(114, 144),
        back=THIRD_BEAT,
        kicks=(
            *("X... ...x .... .... / ...x .... ...x ....", "X... .... ...x .... / ...x ...x .... ...."),
            *("X... ...x .... ...x / .... ...x .... ....", "X... .... .... ...x / .... ...x ...x ...."),
            "X..x .... .... .... / ...x .... ...x ....",
        ),
        core=(),
        spots=(3, 7, 11, 15),
        hats=(OFFBEATS, "..x. ..xo ..x. ..xo", "..x. o.x. ..x. o.x.", "..X. ..o. ..x. ..o."),
        open_hats=("..x. .... ..x. ....", ".... ..x. .... ....", ".... .... .... ..x."),
        percussion={"perc": (".... .... .... .x..", ".... .x.. .... ...."), "conga": (".... ..x. .... ...x",)},
        traits={"sparse": 0.4, "rolls": 0.25, "triplets": 0.15, "snap": 0.3, "rim": 0.2, "clap": 0.2, "open-hats": 0.4}
        | {"laid-back": 0.45, "shaker": 0.15, "percussion": 0.15, "fills": 0.08, "kit-808": 0.6},
        feel=(0.0, 8.0, 2.0),
        loose=1.5,
        bass={"long": 0.85, "sub": 0.65, "glide": 0.2, "bounce": 0.05},
        bass_sounds={"808": 7, "synth-bass": 3},
        bass_lines=("X... .... .... ...x", "X... ...x .... ...."),
    ),
}

"""Grooves with the backbeat on beats two and four, played by hand or by machine."""

from training.starter.corpus.groove import BACKBEAT, EIGHTHS, OFFBEATS, SHAKER, SIXTEENTHS, TAMBOURINE, Groove

BACKBEAT_GROOVES: dict[str, Groove] = {
    "boom-bap": Groove(
        bpm=(80, 98),
        back=BACKBEAT,
        kicks=(
            *("X... .... ..x. ....", "X.x. .... ..x. ....", "X... ...x ..x. ....", "X... .... x.x. ...."),
            *("X..x .... ..x. .... / X... ...x ..x. ....", "X... .... ..x. ...x / X.x. .... ..x. ...."),
            "X... .... .xx. .... / X... ...x .xx. ....",
        ),
        core=(0, 10),
        spots=(2, 3, 7, 8, 9, 11, 15),
        hats=(EIGHTHS, "X.x.X.xoX.x.X.x.", "X.xoX.x.X.xoX.x.", "X.x.X.x.X.x.X.xo"),
        open_hats=(".... .... .... ..x.", ".... ..x. .... ....", ".... .... ..x. ...."),
        percussion={"conga": ("..x. .... ...x ..x.", "...x ..x. ...x ..x."), "perc": (".... ...x .... ....",)},
        traits={"swing": 0.8, "ghost-notes": 0.55, "open-hats": 0.3, "fills": 0.35, "clap": 0.12, "rim": 0.08}
        | {"laid-back": 0.35, "shaker": 0.15, "percussion": 0.15, "sparse": 0.15, "busy": 0.12, "kit-acoustic": 0.75},
        swing=(0.56, 0.64),
        feel=(0.0, 7.0, -2.0),
        loose=3.5,
        bass={"bounce": 0.3, "long": 0.3, "sub": 0.6},
        bass_sounds={"bass-guitar": 4, "upright-bass": 4, "808": 2.5, "synth-bass": 0.5},
        bass_lines=("X... ...x ..x. ....", "X... .... x.x. ..x.", "X..x .... ..x. ..x.", "X... x... X... x..."),
    ),
    "lo-fi": Groove(
        bpm=(68, 88),
        back=BACKBEAT,
        kicks=(
            *("X... ...x .x.. ....", "X... .... .x.. ....", "X... ...x .... ..x.", "X... .... ...x ...."),
            *("X... ...x .... .... / X... .... .x.. ...x", "X..x .... .x.. .... / X... ...x .x.. ...."),
        ),
        core=(0,),
        spots=(3, 7, 9, 11, 14, 15),
        hats=("x.x. x... x.x. x.x.", "x.o. x.o. x... x.o.", "x... x.x. x.o. x...", "x.o. x..o x.o. x..o"),
        open_hats=(".... .... .... ..x.", ".... .... ..x. ...."),
        percussion={"conga": ("...x .... .... ..x.",), "perc": (".... ...x .... ...x", ".... ..x. .... ....")},
        traits={"swing": 0.85, "laid-back": 0.6, "ghost-notes": 0.45, "rim": 0.35, "snap": 0.15, "shaker": 0.3}
        | {"sparse": 0.4, "fills": 0.12, "open-hats": 0.12, "percussion": 0.12, "kit-acoustic": 0.7},
        swing=(0.57, 0.66),
        feel=(2.0, 12.0, 3.0),
        loose=4.0,
        bass={"long": 0.45, "sub": 0.75, "bounce": 0.1},
        bass_sounds={"upright-bass": 3, "bass-guitar": 3.5, "808": 3, "synth-bass": 0.7},
        bass_lines=("X... ...x x... ....", "X... .... .x.. ..x.", "X... .... X... ..x.", "X... x... X... x..."),
    ),
    "phonk": Groove(
        bpm=(118, 160),
        back=BACKBEAT,
        kicks=(
            *("X..x .... X..x ..x.", "X... ..x. X..x ..x.", "X..x ..x. X... ..x.", "X..x ..x. X..x ...."),
            *("X..x ..x. X..x ..x. / X..x .... X..x ..xx", "X... ..xx X..x .... / X..x ..x. X..x ...."),
        ),
        core=(0, 8),
        spots=(2, 3, 6, 7, 11, 14, 15),
        hats=(SIXTEENTHS, "XoXoXoXoXoXoXoXo", "X.xoX.xoX.xoX.xo", "XoxxXoxxXoxxXoxx"),
        open_hats=(OFFBEATS, ".... ..x. .... ..x."),
        percussion={"perc": (".... ...x .... ..x.", "..x. .... ..x. ....")},
        cowbell=(
            *("X..x ..x. x.x. x.x.", "X.x. .x.x ..x. x.x.", "X..x ..x. X..x ..x. / X..x ..x. x.x. xxx."),
            *("x.xx .xx. x.xx .xx.", "X..x ..x. ..x. x... / X..x ..x. x..x ..x."),
        ),
        traits={"cowbell": 0.95, "clap": 0.55, "rolls": 0.25, "fills": 0.25, "open-hats": 0.35, "percussion": 0.1}
        | {"busy": 0.2, "kit-808": 0.85, "sparse": 0.04},
        bass={"long": 0.5, "bounce": 0.25, "distorted": 0.85, "glide": 0.3, "octaves": 0.1},
        bass_sounds={"808": 9, "synth-bass": 1},
    ),
    "west-coast": Groove(
        bpm=(88, 104),
        back=BACKBEAT,
        kicks=(
            *("X..x ..x. ..x. ....", "X..x ..x. ..xx ....", "X..x ..xx ..x. ....", "X..x ..x. ...x ..x."),
            *("X..x ..x. ..x. .... / X..x ..xx ...x ..x.", "X..x ..x. .... ..x. / X..x ..x. ..xx ...."),
        ),
        core=(0, 3, 6),
        spots=(7, 8, 10, 11, 14, 15),
        hats=(EIGHTHS, "X.xxX.xxX.xxX.xx", "X.xXX.xXX.xXX.xX", "X.x.X.xxX.x.X.xx"),
        open_hats=(OFFBEATS, ".... ..x. .... ..x.", ".... .... .... ..x."),
        percussion={"conga": ("..x. ..xx ..x. ..xx", "...x ..x. ...x .xx."), "perc": (".... ..x. .... ...x",)},
        shaker=(*SHAKER, *TAMBOURINE),
        traits={"clap": 0.75, "snap": 0.3, "open-hats": 0.5, "shaker": 0.35, "percussion": 0.35, "cowbell": 0.15}
        | {"ghost-notes": 0.1, "fills": 0.25, "swing": 0.15, "rolls": 0.08, "kit-808": 0.4, "kit-909": 0.15}
        | {"busy": 0.1, "sparse": 0.06},
        feel=(0.0, 3.0, 0.0),
        loose=1.5,
        bass={"bounce": 0.65, "long": 0.15, "octaves": 0.35, "glide": 0.2, "sub": 0.2},
        bass_sounds={"synth-bass": 3.5, "bass-guitar": 2.5, "808": 4},
        bass_lines=("X..x ..x. ..x. ..xx", "X..x ..x. x.x. ..x.", "X.x. ..xx ..x. x.x."),
    ),
    "rnb": Groove(
        bpm=(64, 94),
        back=BACKBEAT,
        kicks=(
            *("X..x .... ..x. ..x.", "X... ..x. .x.. ..x.", "X..x ...x .... ..x.", "X... .x.x .... ..x."),
            *("X... ..x. ...x .... / X..x .... .... ..xx", "X..x .... ..xx .... / X..x ..x. .... ..x."),
        ),
        core=(0,),
        spots=(2, 3, 5, 6, 7, 9, 11, 14, 15),
        hats=(SIXTEENTHS, "XoooxoooXoooxooo", "X.oox.ooX.oox.oo", "XooxooxoXooxooxo"),
        open_hats=(".... .... .... ..x.", ".... ...x .... ....", "..x. .... .... ..x."),
        percussion={
            "conga": ("..x. ...x ..x. ....", ".... ..xx .... ..x."),
            "perc": ("...x ..x. .... .x..", "..x. .... .x.. ...x"),
        },
        traits={"snap": 0.65, "rim": 0.3, "clap": 0.25, "rolls": 0.4, "triplets": 0.15, "shaker": 0.3, "swing": 0.3}
        | {"percussion": 0.35, "laid-back": 0.4, "open-hats": 0.2, "ghost-notes": 0.2, "sparse": 0.15, "fills": 0.15}
        | {"kit-808": 0.5, "kit-acoustic": 0.2},
        feel=(0.0, 8.0, 2.0),
        loose=2.0,
        bass={"long": 0.6, "bounce": 0.2, "sub": 0.7, "glide": 0.25, "octaves": 0.1},
        bass_sounds={"808": 5.5, "bass-guitar": 2, "synth-bass": 2, "upright-bass": 0.4},
        bass_lines=("X..x .... x... ..x.", "X... ..xx .... x.x.", "X..x ..x. .x.. x..."),
    ),
    "crunk": Groove(
        bpm=(96, 110),
        back=".... X... .... X... / .... X... .... X.oo",
        kicks=(
            *("X.x. ..x. X.x. ..x.", "X.x. ..x. X... ..x.", "X.x. x.x. X.x. ..x.", "X.x. ..x. X.x. x.x."),
            *("X... x.x. X.x. ..x. / X.x. ..x. X.x. ....", "X.x. ..x. X.x. ..x. / X.x. x.x. X.x. x..."),
        ),
        core=(0, 2, 8),
        spots=(4, 6, 10, 12, 14),
        hats=(SIXTEENTHS, "XxxxXxxxXxxxXxxx", "X.xxX.xxX.xxX.xx", "XxXxXxXxXxXxXxXx"),
        open_hats=(".... ..x. .... ..x.", OFFBEATS),
        percussion={"perc": ("x..x ..x. .... ....", ".... ..x. .... ..xx"), "tom_low": (".... .... .... ..xx",)},
        traits={"clap": 0.92, "busy": 0.25, "cowbell": 0.25, "fills": 0.4, "rolls": 0.2, "open-hats": 0.2, "snap": 0.1}
        | {"percussion": 0.2, "kit-808": 0.9},
        bass={"bounce": 0.55, "long": 0.3, "distorted": 0.5, "octaves": 0.25, "sub": 0.1, "glide": 0.1},
        bass_sounds={"808": 8, "synth-bass": 2.5},
        bass_lines=("X.x. x.x. X.x. x.x.", "X.x. ..x. X.x. ..x."),
    ),
}

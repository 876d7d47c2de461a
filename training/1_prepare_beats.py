# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,-all
#     formats: ipynb,py:percent
#     notebook_metadata_filter: kernelspec,jupytext,-all
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
# ---

# %% [markdown]
# # 1 · Prepare beats
#
# [![Open in Colab][badge]][notebook]
#
# [badge]: https://colab.research.google.com/assets/colab-badge.svg
# [notebook]: https://colab.research.google.com/github/you/typebeat/blob/main/training/1_prepare_beats.ipynb
#
# A folder of beats becomes a dataset to learn from. Every file needs a licence and a source, in a JSON beside it or in
# a `metadata.csv`; [README.md](README.md) tells the format. Files without them are refused.
#
# The badge opens `you/typebeat`: put the address of your own copy there, and below.

# %%
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = "https://github.com/you/typebeat"  # where Colab clones from: your copy
if not Path("training").is_dir() and Path("../training").is_dir():  # a notebook starts in its own folder
    os.chdir("..")
elif not Path("training").is_dir():  # on Colab: clone, and install what is needed
    subprocess.run(["git", "clone", "--depth", "1", REPOSITORY, "clone"], check=True)
    os.chdir("clone")
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "-r", "tests/requirements.txt"], check=True)
sys.path.insert(0, os.getcwd())

# %% tags=["parameters"]
source = "beats"  # a folder, or owner/name of a dataset on the Hub
out = "runs/prepared"
style = ""  # of beats that do not tell one, such as "travis-scott"
split_by = "creator"  # or "track", where you made all of them
validation_share = 0.1
contact = ""  # whom somebody writes to who finds a recording of theirs in it
push_to = ""  # owner/name on the Hub; empty: it stays on this machine
tag = "v1"

# %% [markdown]
# ## Prepare
# What is refused, skipped or a duplicate is named here, and again in the dataset's card.

# %%
from IPython.display import Audio, Markdown, display

from training.prepare_beats import PrepareOptions, prepare

prepared = prepare(
    PrepareOptions(
        source=source,
        out=Path(out),
        style=style,
        split_by=split_by,
        validation_share=validation_share,
        contact=contact,
    )
)

# %% [markdown]
# ## What is in it

# %%
from IPython.display import Image

from training.hub.dataset_card import PLOTS, table
from training.runs.tables import markdown

clips = [*prepared.clips["train"], *prepared.clips["validation"]]
display(Markdown(markdown(table(clips))))
display(Image(str(prepared.folder / PLOTS)))

# %% [markdown]
# ## Listen
# Do they sound right, are they cut at the first beat of a bar, does the caption fit?

# %%
for clip in clips[:4]:
    display(Markdown(f"**{clip.caption}** ({clip.bars} bars, {clip.seconds:.1f} s, {clip.path.parent.name})"))
    display(Audio(str(clip.path)))

# %% [markdown]
# ## Push it to the Hub
# Private, unless you change that there. It needs a token with write access: `hf auth login`, or `HF_TOKEN`.

# %%
from training.hub.folders import push_dataset

if push_to:
    pushed = push_dataset(prepared.folder, push_to, tag)
    print(f"{pushed.name}, commit {pushed.commit}")
else:
    print(f"the dataset is in {prepared.folder}; notebook 2 learns from it")

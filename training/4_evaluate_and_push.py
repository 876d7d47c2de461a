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
# # 4 · Evaluate and push
#
# [![Open in Colab][badge]][notebook]
#
# [badge]: https://colab.research.google.com/assets/colab-badge.svg
# [notebook]: https://colab.research.google.com/github/you/typebeat/blob/main/training/4_evaluate_and_push.ipynb
#
# What is the finetune worth, and did training change anything at all? Then it goes to the Hub, comes back into an empty
# cache, and has to make the same beat.
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
run = "runs/finetune"  # what notebook 2 made
beats = 30  # of each model; more make the figures surer
repo = ""  # owner/name on the Hub; empty: nothing is pushed
tag = "v1"
private = True
contact = ""  # whom somebody writes to about rights, for the card

# %% [markdown]
# ## Evaluate
# Refused here: weights that equal their base.

# %%
from IPython.display import Audio, Markdown, display

from training.evaluate import EvaluateOptions, evaluate

evaluation = evaluate(EvaluateOptions(run=Path(run), beats=beats))
display(Markdown(evaluation.table))

# %% [markdown]
# ## Did it learn by heart?
# The training clip that each beat is nearest to. From 70 % on it is the same recording.

# %%
from training.runs.tables import markdown

display(Markdown(markdown(sorted(evaluation.nearest, key=lambda row: -row["agreement"])[:10])))

# %% [markdown]
# ## Before and after
# The same captions, the same seeds. Trust your ears more than the table.

# %%
from training.evaluate import listen

for caption, before, after in listen(Path(run)):
    display(Markdown(f"**{caption}**: before, after"))
    display(Audio(before.samples, rate=before.sample_rate), Audio(after.samples, rate=after.sample_rate))

# %% [markdown]
# ## Push
# It needs a token with write access: `hf auth login`, or `HF_TOKEN`.

# %%
from training.push import PushOptions, push

if repo:
    pushed = push(PushOptions(run=Path(run), repo=repo, tag=tag, private=private, contact=contact))
else:
    print("no repo is given, so nothing is pushed")

# %% [markdown]
# ## Play what is on the Hub
# As the app does: `TYPEBEAT_BEAT=you/your-model@v1 python app.py`

# %%
from typebeat.engines import Engines
from typebeat.engines.load import load_beat_engine
from typebeat.pipeline import make_pack
from typebeat.request.requests import BeatRequest

if repo:
    engine = load_beat_engine(pushed.name)
    request = BeatRequest(prompt="dark bells over a slow 808", style="travis-scott", bars=2, parts=("beat",), seed=1)
    pack = make_pack(request, Engines(engine), Path(run) / "packs")
    print(engine.weights)
    display(Audio(str(pack.takes[0])))

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
# # 3 · Train a cover LoRA
#
# [![Open in Colab][badge]][notebook]
#
# [badge]: https://colab.research.google.com/assets/colab-badge.svg
# [notebook]: https://colab.research.google.com/github/you/typebeat/blob/main/training/3_train_cover_lora.ipynb
#
# From prepared pictures of one style to an adapter that draws in it, over Stable Diffusion 1.5, XL, or the starter.
#
# SD and SDXL want a GPU, in Colab as the runtime; on a CPU take `cover_starter.toml`. Do not train on a distilled model
# (turbo, LCM): train on its base. The same on the command line: `python -m training.train_cover_lora --help`.
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
data = "covers"  # an ImageFolder dataset as notebook 1 writes it
style = ""  # learn from this style's pictures alone; empty for all
out = "runs/cover-lora"  # folder of the run; if it was stopped, it goes on
config = "training/configs/cover_starter.toml"
changes = {}  # options on top of the config, such as {"steps": 100, "rank": 8}
repo = ""  # owner/name on the Hub; empty: nothing is pushed
tag = "v1"
others = []  # finished runs of the other styles, which are pushed with this one

# %%
from training.runs.options import options_from, read_toml
from training.train_cover_lora import CoverLoraOptions, train_cover_lora

given = {"data": data, "style": style, "out": out}
options = options_from(CoverLoraOptions, {**read_toml(Path(config)), **given, **changes})
options

# %% [markdown]
# Pictures and captions are encoded once; then the adapter learns to take noise off them.

# %%
record = train_cover_lora(options)

# %%
from training.runs.plots import plot_history

plot_history(record)

# %% [markdown]
# The same prompts and seeds, before and after:

# %%
from IPython.display import Image, display

grids = [Path(out) / name for name in ("before.png", "after.png")]
for grid in grids:
    print(grid.stem)
    display(Image(str(grid)))

# %% [markdown]
# The adapter as the app loads it: it names its base, it is not empty, and it draws something else.

# %%
from safetensors.torch import load_file

from typebeat.engines.cover.files import ADAPTER_FILE, stated_base

adapter = Path(out) / "adapter"
tensors = load_file(adapter / ADAPTER_FILE)

assert stated_base(adapter) == record.base
assert all(tensor.any() for name, tensor in tensors.items() if "lora_B" in name), "an adapter has learnt nothing"
assert grids[0].read_bytes() != grids[1].read_bytes(), "it draws what the base draws"
assert record.loss_after < record.loss_before, "validation got no better: more steps, or another learning rate"
print(f"{len(tensors)} tensors for {record.base}; loss {record.loss_before:.4f} -> {record.loss_after:.4f}")

# %% [markdown]
# ## Push
# One adapter for each style, and a card. It needs a token with write access (`hf auth login`, or `HF_TOKEN`); what came
# back from the Hub has to draw the same. Then: `TYPEBEAT_COVER=you/your-covers@v1 python app.py`

# %%
from training.push_covers import PushCoversOptions, push_covers

if repo:
    pushed = push_covers(PushCoversOptions(runs=(out, *others), repo=repo, tag=tag))
else:
    print("no repo is given, so nothing is pushed")

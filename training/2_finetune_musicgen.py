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
# # 2 · Finetune a beat model
#
# [![Open in Colab][badge]][notebook]
#
# [badge]: https://colab.research.google.com/assets/colab-badge.svg
# [notebook]: https://colab.research.google.com/github/you/typebeat/blob/main/training/2_finetune_musicgen.ipynb
#
# From the prepared beats of notebook 1 to weights that play them, and the same prompts before and after.
#
# On a CPU, `starter_lora.toml` takes about ten minutes; `musicgen_*.toml` want a GPU, in Colab as the runtime. The same
# on the command line: `python -m training.finetune_musicgen --help`.
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
data = "beats"  # the dataset that notebook 1 has written
out = "runs/beats-lora"  # folder of the run; if it was stopped, it goes on
config = "training/configs/starter_lora.toml"
changes = {}  # options on top of the config, such as {"steps": 100, "base": "facebook/musicgen-small"}

# %%
from training.beat.models import trained_model
from training.finetune_musicgen import FinetuneOptions, finetune
from training.runs.options import options_from, read_toml

options = options_from(FinetuneOptions, {**read_toml(Path(config)), "data": data, "out": out, **changes})
options

# %% [markdown]
# Sound becomes tokens once, the memory is estimated, and then it learns. The weights with the lowest validation loss
# are kept.

# %%
record = finetune(options)

# %%
from training.runs.plots import plot_history

plot_history(record)

# %% [markdown]
# The same prompts and seeds, before and after:

# %%
from IPython.display import Audio, display

for sound in sorted(Path(out).glob("samples/*.wav"), key=lambda path: path.stem.split("_")[::-1]):
    print(sound.stem)
    display(Audio(str(sound)))

# %% [markdown]
# The model as evaluation and export (notebook 4) will load it: adapters merged into the base, and checked to answer
# alike. It has learnt, and it is not the base.

# %%
import torch

from training.beat.models import load_base

trained, base = trained_model(Path(out))
untrained, _ = load_base(options.base, "cpu")
states = [models.lm.state_dict() for models in (untrained, trained)]
changed = [name for name in states[0] if not torch.equal(states[0][name], states[1][name])]

assert states[0].keys() == states[1].keys()
assert changed, "the weights are the base's: nothing was trained"
assert record.loss_after < record.loss_before, "validation got no better: more steps, or another learning rate"
print(f"{len(changed)} tensors changed; validation loss {record.loss_before:.3f} -> {record.loss_after:.3f}")

"""To the Hugging Face Hub and back.

`folders` pushes and pulls folders, each failure told in one line; `model_card`, `cover_card` and `dataset_card` write
the cards of finetunes, cover LoRAs and datasets from the facts of their making.
"""

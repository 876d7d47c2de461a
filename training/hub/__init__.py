"""Uploads to and downloads from the Hugging Face Hub.

`folders` pushes and pulls folders and turns each failure into one line; `model_card`, `cover_card` and `dataset_card`
write the cards of finetunes, cover LoRAs and datasets from recorded facts.
"""

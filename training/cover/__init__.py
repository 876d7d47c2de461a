"""Everything that training a cover LoRA needs besides the training loop.

`task` defines the items of a step and the loss, `cache` encodes pictures and captions once, and `picture_grid` draws
pictures before and after training.
"""

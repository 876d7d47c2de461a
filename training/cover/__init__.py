"""What training a cover LoRA needs beside the loop.

`task` is what it learns, `cache` encodes pictures and captions once, `picture_grid` draws grids before and after.
"""

"""Measures whether a finetune is better than its base.

`comparisons` measures tempo, key, distance in sound (`kernel_distance`), agreement with the text (`text_audio`) and
copies of training clips, beside recordings. `evaluation` is the record of the figures.
"""

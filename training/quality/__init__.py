"""Whether a finetune is better than its base.

`comparisons` measures both beside recordings: tempo, key, distance in sound (`kernel_distance`), agreement with the
text (`text_audio`) and copies of training clips. `evaluation` is the record of the figures.
"""

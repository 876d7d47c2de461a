"""The engine that draws covers with a diffusion pipeline and one LoRA for each style.

`files` finds a model's files and checks that they are safe to read, `loading` makes a pipeline of them, and `drawing`
draws pictures with it.
"""

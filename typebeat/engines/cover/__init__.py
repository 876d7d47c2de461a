"""Engines that draw covers: a diffusion pipeline with one LoRA for each style.

`files` finds a folder's files and checks that they are safe to read, `loading` makes a pipeline of them, and `drawing`
draws pictures with it.
"""

"""What the starter's benchmark hears instruments, grooves and styles with.

`features` measures a beat's parts, `ear` names what plays in them, `train` trains it on corpus beats that nothing else
learns from. The network that chooses drafts learnt from other beats, and by other features.
"""

"""Files for other people's tools, made from a sound plan: one small module a format, listed in ``catalogue``.

Enters: a plan and where it comes from. Leaves: named bytes, the same for the same inputs, and notes on what the format
could not carry.
"""

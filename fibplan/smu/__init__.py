"""The driver: sweeps a two-terminal path with a real source-measure unit over VISA, and leaves its output off.

Enters: a :class:`~fibplan.smu.protocol.SweepRequest`. Leaves: the settings as the instrument read them back, and every
point with its flags. One file a dialect; whoever measures sees only the Protocol.
"""

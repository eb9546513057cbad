"""Pictures for print in black and white: the only room that imports matplotlib.

Enters: plans, curves and verdicts. Leaves: the bytes of a PNG or SVG file, the same bytes for the same values. Every
picture is 120 mm wide at its true size; what came from a simulator carries SIMULATED across it.
"""

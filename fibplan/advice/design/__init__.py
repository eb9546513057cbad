"""A bridge that more lamellae are accepted with: its section, overlaps, landing and an isolation cut, within a time.

Enters: a plan without errors, a time for the deposition, a seed, and whatever maps a function over jobs. Leaves: the
designs that nothing dominates in yield and time, and the one to make. Same plan, samples and seed, same designs.
"""

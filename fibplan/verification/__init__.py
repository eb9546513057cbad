"""From measured curves to a verdict, without touching an instrument.

Enters: a recipe's verification paths and a curve set. Leaves: the probing steps a session should run, a resistance
with bounds for each path, a grade, and a verdict with reasons.
"""

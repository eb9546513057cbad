"""From a recipe and its cards to a plan: what will be done, how long it takes, and what should be measured.

Enters: recipe and cards. Leaves: operations in order with intervals, the layout, what each path may carry, and the
resistances to expect. Pure: no clock, no files, no randomness but a given seed.
"""

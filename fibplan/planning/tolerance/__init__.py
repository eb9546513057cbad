"""What becomes of a plan when everything strays as the cards say: how many lamellae in a hundred are accepted, and why.

Enters: a plan, a number of samples, a seed, and whatever maps a function over jobs. Leaves: the yield with an interval,
the distribution of the resistance of each path, and what to control first. Same plan and seed, same numbers.
"""

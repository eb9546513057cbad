"""What a beam does to matter: volume removed, time it takes, damage it leaves, metal it deposits.

Enters: steps, stack and cards. Leaves: volumes in um3 and intervals in SI units, each with its source.
"""

"""Rules that find what is wrong with a plan before anything is milled.

Enters: a plan. Leaves: findings, each with a code, a severity, a place in the recipe and a remedy. One rule is one
small function with one code; to add one, write it in the module of its subject and name it in ``rules.py``. No rule
solves a field.
"""

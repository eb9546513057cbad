"""Finds and loads recipes and cards, and remembers where in the file every value stands.

Enters: file names, card names and folders. Leaves: validated values, and faults or findings as ``file:line:column``.
This is the one room that reads recipe and card files.
"""

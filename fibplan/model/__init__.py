"""Frozen values that every other room speaks in: recipe, cards, plan, layout, finding, curve, verdict.

What enters is validated once (unknown keys, wrong dimensions, NaN and infinity are refused); what leaves never changes.
Nothing here reads a file, knows a clock or computes more than a property of its own fields.
"""

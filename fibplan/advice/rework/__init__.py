"""What to do about what is probably wrong, with numbers from the plan.

Enters: a belief of :mod:`fibplan.advice.diagnosis`. Leaves: for each likely fault the next action, as steps that a
session takes as new operations, and the resistances to expect afterwards.
"""

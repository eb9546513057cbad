"""What is probably wrong with a lamella, from its plan and its curves.

Enters: a plan, a curve set, the card of the instrument. Leaves: a probability for every named fault, and groups of
those that the tips cannot tell apart. Every fault is a transformation of the plan's own network
(:mod:`fibplan.circuit.faults`), sampled within the tolerances of the cards.
"""

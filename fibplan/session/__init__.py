"""Walks a plan with a person and an SMU, and writes every step to the journal before and after it happens.

Enters: a plan, the frozen texts it was made from, an operator and an SMU behind their Protocols, a judge and a clock.
Leaves: a folder with the journal, the plan, its sources and the curves; and a state that says accepted only when the
judge did. Nothing is handed off that was not accepted, and no path is energised beyond what the plan allows it.
"""

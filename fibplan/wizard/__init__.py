"""A session in a terminal: one screen a step, questions with ids, and words that a stray key cannot say.

Enters: a plan, what is simulated of it, a terminal or a file of answers. Leaves: an operator and a decider for the
session's engine, every answer recorded under the id of its question, and screens that fit the terminal they are shown
on, in colour or not, with Unicode or not. It decides nothing that the engine would not: the journal is the engine's.
"""

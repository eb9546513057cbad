"""The lamella as a network of resistors: what a pair of tips would read, and what a fault changes.

Enters: a plan with its layout, and parameter values drawn from the cards' intervals. Leaves: a networkx MultiGraph
whose edges are resistances in ohm (arrays, one entry a sample), and resistances between any two of its nodes.
"""

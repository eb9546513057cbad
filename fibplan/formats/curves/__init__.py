"""Readers of measured I-V curves, one small file a format.

Enters: the bytes of another program's file, and what a person says of it. Leaves: a curve with its origin, the points
that a limit seems to have held marked, and all that the file does not say listed; or a refusal with line and column.
"""

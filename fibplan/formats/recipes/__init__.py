"""Other people's milling patterns as the start of a recipe.

Enters: an xT pattern file or an AutoLamella protocol. Leaves: the steps they amount to and a list of what could not be
carried over, or a refusal that says what in the file is not understood.
"""

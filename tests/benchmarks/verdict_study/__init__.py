"""The parts of the study of verdicts: lamellae with a truth, their probing, and what is counted."""

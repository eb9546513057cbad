"""The command line: one thin file a verb, and the one place where all rooms are put together.

Results go to stdout, progress and messages to stderr. Heavy rooms are imported inside the verb that needs them, so
that ``fibplan --help`` answers at once.
"""

"""What the TEM operator gets: one file that says what was measured and what to set, and that proves both.

Enters: the contents of a session that is over. Leaves: ``NAME.eln`` for an accepted lamella and for no other; for any
other, when asked for, ``NAME-NOT-ACCEPTED-failure-report.zip``, which no reader can take for a hand-off. The same
session gives the same bytes. The TEM operator needs no fibplan to read either. Enters too: a package that was received.
Leaves: everything that is wrong with it, or that nothing is; it is never unpacked.
"""

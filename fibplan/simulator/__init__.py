"""Simulated source-measure units behind a real TCP port: what a driver meets on the wire, without the hardware.

Enters: an :class:`~fibplan.model.cards.SmuCard`, a device under test that gives a current for a voltage, a clock, and
the bytes of any client. Leaves: the bytes the instrument would answer, with errors inside its specification. One file
an instrument; the serial number always starts with ``SIM``, so that a simulated reading says so for ever.
"""

"""What happened in a session, written down so that a crash cannot break it and a change cannot go unnoticed.

Enters: events, one at a time, each durable before :meth:`~fibplan.journal.file.Journal.append` returns. Leaves: a text
file of one JSON record a line, chained by SHA-256; the records before its first fault, and that fault by line and
byte; and the state of the session, which is only ever a fold over the events.
"""

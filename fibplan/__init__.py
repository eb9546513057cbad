"""Plan and verify FIB/SEM lamellae that must work electrically inside a TEM.

Read the rooms from the bottom up: ``units``, ``errors`` and ``clock`` know nothing of the field; ``model`` holds
the frozen values; ``verification``, ``milling``, ``layout``, ``circuit``, ``planning`` and ``checks`` compute without
touching hardware, files or clocks; ``library`` loads recipes and cards; ``journal``, ``figures``, ``smu``,
``simulator``, ``session`` and ``handoff`` meet the world; ``cli`` puts them together.
"""

__version__ = "0.1.0"

"""Where everything lies in plan view: chip, lamella, bridge, support and halo, and the distances between them.

Enters: recipe and cards. Leaves: outlines in the chip frame (micrometres, origin at the window's centre). The lamella
frame has x along its length and y across the layers, from the substrate edge to the cap.
"""

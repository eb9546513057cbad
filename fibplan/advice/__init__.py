"""What follows from comparing recipes, improving a ladder, or measuring a rate.

Enters: recipes, plans, findings, predictions and measurements. Leaves: changes in the field's terms, a ladder that the
rules allow, a narrower rate. Pure: it reads no file and knows no clock.
"""

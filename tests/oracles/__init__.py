"""Programs that nobody here wrote, and what they have to agree with us about.

Each runs in an environment and a process of its own: `programs/` has what is run there,
one small script per program that prints JSON. Nothing of theirs is part of Wattbus.
"""

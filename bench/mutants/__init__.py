"""Fault injection: change places of the program one by one and see whether the tests notice.

``python -m bench.mutants`` works on copies of the checkout without ``../shared``, so that only the project's
own tests judge. docs/mutants.md says how, and what survived the last time.
"""

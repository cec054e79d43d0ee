"""Damage by the million: every reader and every donor build on mutated files, time and memory watched.

``make fuzz`` (``python -m bench.fuzz SECONDS``) makes small sound files of every format (:mod:`seeds`),
damages what is inside them (:mod:`mutate`), and gives them to the doors that a user has (:mod:`run`). A
failure is anything else than the program's own located error, an input over its budget of time or memory, a
value that no scan can have, or a reader's foreign exception that only the last border caught.
"""

"""A network's archive: headers of many exams to Parquet, and what they say by centre, scanner and month.

Headers are read in other processes, here or on a Dask cluster; this process alone writes. What a header says
of a person, a place or a machine is stored as keyed hashes, and dates as months.
"""

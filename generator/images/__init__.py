"""Acquired images: DICOM of any vendor into the neutral tree.

A header (:mod:`header`) lends its public attributes by keyword and its private ones by creator; patient data
are not among them. What the public attributes say is in :mod:`fields`; what the vendor's own elements add
comes from the dialect (:class:`generator.vendors.dialect.ReadsImages`). :mod:`series` joins files to scans.
"""

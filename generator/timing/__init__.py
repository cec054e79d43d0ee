"""Acquisition time: one formula per pulse-sequence family, and the exam on a time axis."""

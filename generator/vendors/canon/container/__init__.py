"""Bytes to document and back: the XML of the sheet, the PAS block of DICOM, the sheet itself."""

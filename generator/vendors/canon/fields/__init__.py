"""What a row cannot say: the console's view of a scan, its entries, and the elements of the PAS block."""

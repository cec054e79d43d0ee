"""Facts: the named values that rules speak of, taken from a card, from a plan or from an example."""

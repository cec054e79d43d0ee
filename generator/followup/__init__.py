"""Which exam a patient needs, when, and whether with gadolinium: a planning aid for professionals."""

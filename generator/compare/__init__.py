"""Two trees side by side: which steps belong together, and in which fields they differ."""

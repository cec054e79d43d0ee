"""The download site: cards, pages, sheets, sums, signatures; made beside the old site, switched at once."""

"""A site's protocol for another vendor, field strength or release."""

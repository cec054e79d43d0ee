"""Speed, measured in one run beside the peers: `make bench`."""

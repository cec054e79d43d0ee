"""Expected signal of a scan from its own parameters: tissues, physics by family, contrast, noise."""

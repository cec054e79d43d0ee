"""Specs: YAML to tree with source positions, variants resolved for a target, tree back to YAML."""

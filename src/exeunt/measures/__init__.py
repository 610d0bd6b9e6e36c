"""Measures of a membership matrix: arrays in, arrays out."""

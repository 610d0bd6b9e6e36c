"""Rival explanations, the crossed-effects hazard, and factors on it."""

"""Worlds played forward under the fitted law."""

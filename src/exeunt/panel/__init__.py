"""Risk sets, outcomes and terms: the rows that models are fitted to."""

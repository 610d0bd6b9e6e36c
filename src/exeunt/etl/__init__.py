"""Build the record: raw sources → staged tables of facts; staged, curated and corrections → the record."""

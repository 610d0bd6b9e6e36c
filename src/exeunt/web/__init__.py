"""The explorer: the record in a browser on this machine, and the same answers as JSON."""

"""The report: plain values laid out on one page that opens from disk."""

"""Arguments put to the test: claims and signed links, each sent to what can check it."""

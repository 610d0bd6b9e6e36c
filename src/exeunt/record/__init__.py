"""What is known about memberships and acts of leaving, and who says so."""

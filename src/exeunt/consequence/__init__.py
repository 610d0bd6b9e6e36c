"""What follows from an exit: money, coverage, standing, and what falls too."""

"""What everyone stands on: errors, dates, files, export, progress, types, and work in other processes."""

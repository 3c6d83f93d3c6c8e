"""Running the judges: over files, in processes of their own, within bounds."""

"""Executes the notebooks: into a run's folder, or in place for the repository."""

"""What runs, checks and publishes the series; the notebooks need none of it."""

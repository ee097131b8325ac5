"""The data files: choosing, downloading and verifying them, and writing whole files."""

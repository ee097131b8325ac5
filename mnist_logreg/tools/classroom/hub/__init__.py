"""A class on JupyterHub: its configuration, and what each learner's server does."""

"""The exercises of this notebook: what is right, and what each mistake gives."""

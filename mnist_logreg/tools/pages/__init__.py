"""Web pages of notebooks and runs. They need neither a network nor a server."""

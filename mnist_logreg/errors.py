"""The error whose message is meant for a person."""


class UserError(Exception):
    """What went wrong and what to do about it, in words for the person at the keyboard.

    The command line prints the message alone; so does a notebook, by the method below.
    """

    def _render_traceback_(self):
        """The lines IPython shows in place of a traceback."""
        return [f"Error: {self}"]

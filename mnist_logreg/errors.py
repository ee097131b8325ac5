"""What a person is told when something is wrong."""


class UserError(Exception):
    """What went wrong and what to do about it, shown without a traceback."""

    def _render_traceback_(self):
        return [f"Error: {self}"]  # what IPython shows

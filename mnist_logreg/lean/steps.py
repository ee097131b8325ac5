"""Leaves out of a training step what costs time and gives nothing.

A sixth of a step are the labels that PyTorch sets for its profiler: they are set only
where one runs. A second processor saves no time on batches so small, and in a class
others want it: one thread computes.
"""

import contextlib

import torch
from torch.autograd import profiler


class _Label(profiler.record_function):
    """A label that is set only where a profiler runs."""

    def __enter__(self):
        return super().__enter__() if torch.autograd._profiler_enabled() else self

    def __exit__(self, *error):
        if self.record is not None:
            super().__exit__(*error)


_under_way: set[object] = set()  # the blocks that have begun and not ended
_before: tuple | None = None  # the number of threads and the label outside of them


@contextlib.contextmanager
def lean_steps():
    """Keep the steps of a training lean within the block.

    Blocks may be nested and may end in any order and way: after the last, all is as it
    was before the first. A number of threads that is set within a block stays.
    """
    global _before
    this = object()
    try:
        _under_way.add(this)
        if _before is None:
            _before = torch.get_num_threads(), profiler.record_function
        torch.set_num_threads(1)
        profiler.record_function = _Label
        yield
    finally:
        _under_way.discard(this)
        # Where Ctrl-C comes between these lines, the end of the next block makes up.
        if not _under_way and _before is not None:
            threads, profiler.record_function = _before
            if torch.get_num_threads() == 1:
                torch.set_num_threads(threads)
            _before = None

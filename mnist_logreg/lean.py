"""Leaves out what costs time or memory and gives nothing.

Of a training step: a sixth are the labels that PyTorch sets for its profiler, here set
only where one runs; and a second processor saves no time on batches so small.

Of a process: PyTorch's compiler. Every optimizer and ``import torchvision`` load it,
only to tell it that nothing is compiled: 1.5 s and 80 MiB of each kernel (torch 2.15,
on Linux). A stand-in answers that. Whatever else is asked of it loads the compiler.
"""

import contextlib
import sys
from importlib import import_module
from types import ModuleType

import torch
from torch.autograd import profiler


class _Label(profiler.record_function):
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


COMPILER, UTILS = "torch._dynamo", "torch._dynamo.utils"


class _StandIn(ModuleType):
    def __getattr__(self, name):
        # Python asks a package for its path before it imports a part of it.
        if name.startswith("__") and (self.__name__, name) != (COMPILER, "__path__"):
            raise AttributeError(name)
        if isinstance(sys.modules.get(COMPILER), _StandIn):
            del sys.modules[COMPILER], sys.modules[UTILS], torch._dynamo
        return getattr(import_module(self.__name__), name)


if COMPILER not in sys.modules:
    compiler, utils = _StandIn(COMPILER), _StandIn(UTILS)
    vars(compiler).update(utils=utils, graph_break=lambda *message: None)
    vars(compiler)["disable"] = lambda function, *options, **more: function
    supported = "is_compile_supported"
    vars(utils)[supported] = lambda device: utils.__getattr__(supported)(device)
    sys.modules.update({COMPILER: compiler, UTILS: utils})
    vars(torch)["_dynamo"] = compiler

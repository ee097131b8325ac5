"""Leaves PyTorch's compiler, ``torch._dynamo``, out of a process that does not use it.

Every optimizer and ``import torchvision`` load it, though only to tell it that there is
nothing to compile. That takes 1.5 s and 80 MiB of each kernel (torch 2.15, measured on
Linux). The stand-in here answers those few calls. Whatever else is asked of it, by
``torch.compile`` for example, loads the compiler, which then takes its own place.
"""

import sys
import types
from importlib import import_module

import torch

NAME = "torch._dynamo"
UTILS = f"{NAME}.utils"


class _StandIn(types.ModuleType):
    """A module that loads the one it stands for when more than it holds is wanted."""

    def __getattr__(self, name: str):
        # Python asks a package for its path before it imports a part of it.
        if name.startswith("__") and (self.__name__, name) != (NAME, "__path__"):
            raise AttributeError(name)
        return getattr(_load(self.__name__), name)


def put_off() -> None:
    """Put the stand-in in the compiler's place, unless the compiler is loaded."""
    if NAME in sys.modules:
        return
    compiler, utils = _StandIn(NAME), _StandIn(UTILS)
    _set(compiler, graph_break=_nothing, disable=_unchanged, utils=utils)
    _set(utils, is_compile_supported=_is_compile_supported)
    sys.modules.update({NAME: compiler, UTILS: utils})
    _set(torch, _dynamo=compiler)


def _load(name: str) -> types.ModuleType:
    if isinstance(sys.modules.get(NAME), _StandIn):
        del sys.modules[NAME], sys.modules[UTILS], torch._dynamo
    return import_module(name)


def _set(module: types.ModuleType, **values) -> None:
    vars(module).update(values)


def _nothing(*message) -> None:
    """Compiled code would be cut here; there is none."""


def _unchanged(function, *options, **more):
    """Compiled code would leave this function out; there is none."""
    return function


def _is_compile_supported(device):
    return _load(UTILS).is_compile_supported(device)

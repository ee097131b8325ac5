"""What Python's own errors mean, as a table for `troubles.explain`."""

import re

from mnist_logreg.checks.reading import NOTHING

DOTS = (
    "dots `...` are still in it. Something that this line uses is not written yet: in "
    "this exercise, or in one before it"
)
IMPORTS = {
    "np": "import numpy as np",
    "numpy": "import numpy",
    "math": "import math",
    "random": "import random",
    "torch": "import torch",
    "nn": "from torch import nn",
}


def _undefined(name, _, guess, line):
    if name in IMPORTS:
        return f"`{{0}}` must be imported first: `{IMPORTS[name]}`"
    if guess:
        return "there is no `{0}` here. Did you mean `{2}`?"
    if name in ("e", "pi"):
        return "`{0}` is in the module `math`: `math.{0}`"
    if len(name) == 1 or name in ("eta", "sigma", "p_y"):
        return (
            "`{0}` is only a letter that the text uses for something: put the thing "
            "itself there, under the name it has in the cells above"
        )
    if name in ("exp", "log"):
        return (
            "`{0}` alone is not known: `math.{0}` takes a number, `torch.{0}` a tensor"
        )
    if name in ("softmax", "sigmoid", "tensor", "zeros", "bincount"):
        return "`{0}` alone is not known here: it is in torch, `torch.{0}`"
    if f"{name}.append(" in line:
        return "there is no list `{0}` yet: write `{0} = []` above the loop"
    return (
        "nothing is called `{0}` here. Is it spelt as above? Was the cell that makes "
        "it run after the last restart? Text needs quotes"
    )


def _no_attribute(kind, name, _, guess, line):
    if "method" in kind:
        return (
            "a method lacks its brackets, just before `.{1}`: for example `.square()` "
            "in place of `.square`"
        )
    if kind == "bool":
        return (
            "a comparison gave a single `False`, where one for each image was meant. "
            "Compare a tensor with a number or a tensor, not with a list, and not the "
            "data set but its labels, `.targets`"
        )
    if name == "append" and kind == "NoneType":
        return (
            "`.append(…)` hands back nothing (`None`), and this became the new value. "
            "Put `.append(…)` on a line of its own, without `=`"
        )
    if name == "append" and kind not in ("tuple", "str"):
        return (
            "only a list has `.append`. Begin with an empty one, in a line before the "
            "loop: `" + (re.findall(r"(\w+)\.append", line) or ["x"])[0] + " = []`"
        )
    if kind == "NoneType":
        return (
            "what stands before `.{1}` is `None`. Did `print(…)`, or a function "
            "without `return`, make it?"
        )
    if kind == "ellipsis":
        return DOTS
    if name == "backward" and kind not in ("int", "float"):
        return "`backward` starts from the loss, the single number: not from a {0}"
    if kind in ("list", "tuple"):
        return (
            "this is a Python {0}, which has no `.{1}`. Make a tensor of it first, "
            "with `torch.tensor(…)`, or use Python's own `sum`, `len`, `max`"
        )
    if kind in ("int", "float"):
        return (
            "this is a plain Python number, which has no `.{1}`: leave `.{1}` out, or "
            "apply it before the tensor becomes a number"
        )
    return "what stands before it, of the type `{0}`, has no `.{1}`" + (
        ". Did you mean `.{3}`?" if guess else ""
    )


def _operands(sign, left, right, line):
    both = f"{left} {right}"
    if "method" in both or "function" in both:
        bare = (re.findall(r"\.([a-z_]+)\b(?!\s*\()", line) or ["square"])[-1]
        return (
            f"a method lacks its brackets, so it was not called: `.{bare}()` in place "
            f"of `.{bare}`"
        )
    if "torch.Size" in both:
        return "a shape is not a number. `len(…)` says how many entries a tensor has"
    if "NoneType" in both:
        return "one side of `{0}` is `None`: the name holds no result yet"
    if "ellipsis" in both:
        return DOTS
    if "return_types" in both:
        return (
            "`.max(dim=…)` gives two things, values and places. `.amax(dim=…)` gives "
            "the values alone"
        )
    if "str" in both:
        return "one side of `{0}` is text, which stands in quotes: take them away"
    if "list" in both or "tuple" in both:
        return (
            "`{0}` does not work on Python lists. Walk through them, "
            "`for a, b in zip(first, second):`, or add one up with `sum(…)`"
        )
    return "`{0}` does not work between the types `{1}` and `{2}`"


def _arguments(places, got, line):
    if not line:  # the check's own call
        return (
            "the check gives it {1} things, and it has places for {0}: keep the line "
            "that starts with `def` as it was"
        )
    return "a call gives {1} things to a function with places for {0}"


def _no_value(_, line):
    for name in ("sort", "append"):
        if f".{name}(" in line:
            return NOTHING[name].format("the calculation")
    return (
        "something has no value yet: dots, or `None`, which `print(…)` and functions "
        "without `return` give"
    )


# By kinds of errors: patterns of their words, and what they mean, a text or a function
# of the pattern's groups and the learner's line. {0} stands for the first group.
OF_PYTHON = {
    "NameError": {
        r"name '(\w+)' is not defined(\. Did you mean: '(\w+)')?": _undefined,
    },
    "UnboundLocalError NameError": {
        r"variable '(\w+)'": "`{0}` is used before the function has given it a value",
    },
    "AttributeError": {
        r"module '([\w.]+)' has no attribute '(\w+)'": (
            "there is no `{1}` in `{0}`. Look at the spelling in the text above"
        ),
        r"'([\w. ]+)' object has no attribute '(\w+)'"
        r"(\. Did you mean: '(\w+)')?": _no_attribute,
    },
    "TypeError": {
        r"'(int|float)' object is not callable": (
            "a number is followed by a bracket, as if it were a function. Is a `*` "
            "missing between them?"
        ),
        r"'(Tensor|list|tuple|dict)' object is not callable": (
            "round brackets call a function, and this is a {0}. To pick an entry use "
            "square brackets; to multiply, `*`"
        ),
        r"'(\w+)' object is not callable": (
            "this is a {0}, not a function, and brackets follow it"
        ),
        r"'(builtin_function_or_method|method|function)' object": (
            "a method or function lacks its round brackets, so it was not called: "
            "`.square()` in place of `.square`"
        ),
        r"takes (?:from \d+ to )?(\d+) positional arguments? "
        r"but (\d+) (?:was|were)": _arguments,
        r"missing \d+ required positional arguments?: ['\"](\w+)": (
            "a call leaves out what the function needs: `{0}`"
        ),
        r"object of type '(\w+)' has no len": (
            "`len` counts the entries of a list or a tensor, and this is a single {0}"
        ),
        r"unexpected keyword argument '(\w+)'": (
            "the function that you call knows no argument `{0}`"
        ),
        r"unsupported operand type\(s\) for ([^:]+): "
        r"'([\w. ]+)' and '([\w. ]+)'": _operands,
        r"can only concatenate str|must be str, not": (
            "text and numbers cannot be added: take the quotes away, or print them "
            "side by side"
        ),
        r"can't multiply sequence|can only concatenate": (
            "Python lists cannot be computed with as a whole. Walk through them: `for "
            "a, b in zip(first, second):`"
        ),
        r"indices must be integers": (
            "places must be whole numbers. `for i in range(len(x)):` walks through the "
            "places of `x`, `for i in x:` through its entries"
        ),
        r"iteration over a 0-d tensor": (
            "this is a single number, not a row of things. To add it to a list, write "
            "`.append(…)`"
        ),
        r"'(NoneType|ellipsis)' object": _no_value,
        r"bad operand type for unary (.): '([\w. ]+)'": lambda sign, kind, line: (
            _operands(sign, kind, "", line)
        ),
        r"must be real number, not (\w+)": (
            "a single number is needed there, and this is a {0}"
        ),
        r"'(\w+)' object is not (iterable|subscriptable)": (
            "this is a single {0}, not a row of things"
        ),
        r"must be Tensor, not (\w+)|but got (\w+)|argument 'input' .* not (\w+)": (
            "a tensor is needed there, and something else was given. A method without "
            "brackets? A list? `torch.tensor(…)` makes a tensor of a list"
        ),
    },
    "IndexError": {
        r"0-dim tensor|no dimensions|with size 0": (
            "square brackets pick from a row of things, and this is a single number"
        ),
        r"Dimension out of range \(expected to be in range of \[(-?\d+), (-?\d+)\], "
        r"but got (-?\d+)\)": (
            "the tensor has no dimension {2}: they are counted from 0, and its last "
            "one is {1}"
        ),
        r"out of (?:bounds|range)": (
            "there is no such place: places are counted from 0, up to the length minus "
            "1. `for i in range(len(x)):` walks through the places of `x`, `for i in "
            "x:` through its entries"
        ),
        r"shape of the mask \[([\d, ]+)\].* indexed tensor \[([\d, ]+)\]": (
            "the condition in the square brackets has {0} entries, and the tensor {1}. "
            "Both must be of the same images: use the function's own arguments"
        ),
        r"too many indices": (
            "more indices than the tensor has dimensions. Print its `.shape`"
        ),
        r"tensors used as indices": (
            "places must be whole numbers: `.long()` makes them"
        ),
    },
    "ValueError": {
        r"(`validation_loss` takes .*)": "{0}",
        r"unpack": (
            "the names left of `=`, or after `for`, are not as many as the values. To "
            "walk through two lists together, write `for a, b in zip(first, second):`"
        ),
        r"invalid literal for int|could not convert string": (
            "text that is not a number cannot become one"
        ),
    },
    "ZeroDivisionError": {r"": "it divides by zero"},
    "KeyError": {r"(.*)": "the dictionary has no key {0}"},
    "KeyboardInterrupt": {
        r"": "it was stopped while it ran. If it ran for long: does a loop never end?",
    },
    "RecursionError": {r"": "the function calls itself again and again"},
    "ModuleNotFoundError ImportError": {
        r"No module named '(.+?)'": (
            "there is no module `{0}` here. Is it spelt as above?"
        ),
    },
    "MemoryError": {r"": "the memory was not enough: work on fewer images at a time"},
    "SystemExit": {
        r"": "it ends the program: leave `exit()` out",
    },
    "AssertionError": {r"": "an `assert` of yours does not hold"},
}

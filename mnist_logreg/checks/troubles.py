"""What Python's errors mean, in plain words, with the learner's own line."""

import builtins
import linecache
import re
import traceback
from dataclasses import dataclass

from mnist_logreg.checks.values import FAULTS, name_of


@dataclass(frozen=True)
class Trouble:
    """An error, as plain text: it travels between processes.

    Attributes
    ----------
    kind, message : str
        The error's class and its own words.
    line : str
        The learner's line where it came up.
    hidden : tuple of str
        Names in that line that Python itself defines and the learner has overwritten.
    """

    kind: str
    message: str
    line: str = ""
    hidden: tuple[str, ...] = ()


def trouble(error: BaseException, names: dict) -> Trouble:
    """Take down an error.

    Parameters
    ----------
    error : BaseException
        What a cell or a function stopped with.
    names : dict
        The notebook's names, which tell the learner's own lines.
    """
    try:
        message = str(error)
    except FAULTS:
        message = ""
    line = ""
    if isinstance(error, SyntaxError):
        line, message = error.text or "", error.msg or ""
    else:
        for frame, number in traceback.walk_tb(error.__traceback__):
            if frame.f_globals is names:
                file = frame.f_code.co_filename
                line = linecache.getline(file, number, frame.f_globals) or line
    line = line.strip()
    words = re.findall(r"(?<![.\w])([A-Za-z_]\w*)", line)
    hidden = tuple(
        word for word in dict.fromkeys(words) if word in names and _of_python(word)
    )
    return Trouble(name_of(error), message[:2000], line[:200], hidden)


def _of_python(word: str) -> bool:
    return hasattr(builtins, word) and not word.startswith("_") and word != "display"


def explain(found: Trouble) -> str:
    """The error in plain words: what it means and what to do."""
    if found.kind == "TypeError" and "not callable" in found.message and found.hidden:
        name = found.hidden[0]
        return (
            f"a cell of yours has made a variable called `{name}`, which hides Python's "
            f"own `{name}`. Run `del {name}` in a cell, and choose another name"
        )
    for kinds, pattern, words in MEANINGS:
        match = found.kind in kinds.split() and re.search(pattern, found.message)
        if match:
            groups = [group or "" for group in match.groups()]
            said = words(*groups, found.line) if callable(words) else words
            return said.format(*groups, line=found.line) if groups else said
    first = (found.message.strip().splitlines() or [""])[0][:160]
    return f"{found.kind}: {first}".rstrip(": ")


def located(found: Trouble) -> str:
    """ "at the line ...", if the line is known."""
    return f" at the line `{found.line}`" if found.line else ""


def _undefined(name, _, guess, line):
    if guess:
        return "there is no `{0}` here. Did you mean `{2}`?"
    if len(name) == 1:
        return (
            "`{0}` is only a letter that the text uses for something: put the thing "
            "itself there, under the name it has in the cells above"
        )
    return (
        "nothing is called `{0}` here. Is it spelt as above? Was the cell that makes it "
        "run after the last restart? Text needs quotes"
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
            "Compare the tensor with the labels, not the data set: its `.targets`"
        )
    if kind == "NoneType":
        return (
            "what stands before `.{1}` is `None`. Did `print(…)`, or a function without "
            "`return`, make it?"
        )
    if kind == "ellipsis":
        return "dots are still in the place of what you have to write"
    if kind in ("list", "tuple"):
        return (
            "this is a Python {0}, which has no `.{1}`. Make a tensor of it first, with "
            "`torch.tensor(…)`, or use Python's own `sum`, `len`, `max`"
        )
    if kind in ("int", "float"):
        return (
            "this is a plain Python number, which has no `.{1}`: leave `.{1}` out, or "
            "apply it before the tensor becomes a number"
        )
    return "a {0} has no `.{1}`" + (". Did you mean `.{3}`?" if guess else "")


def _operands(sign, left, right, line):
    both = f"{left} {right}"
    if "method" in both or "function" in both:
        return (
            "a method lacks its brackets, so it was not called: `.square()` in place of "
            "`.square`"
        )
    if "NoneType" in both:
        return "one side of `{0}` is `None`: the name holds no result yet"
    if "ellipsis" in both:
        return "dots are still in the place of what you have to write"
    if "str" in both:
        return "one side of `{0}` is text, which stands in quotes: take them away"
    if "list" in both or "tuple" in both:
        return (
            "`{0}` does not work on Python lists. Walk through them: "
            "`for a, b in zip(first, second):`"
        )
    return "`{0}` does not work between a {1} and a {2}"


def _shapes(a, b, dimension, line):
    return (
        "the shapes do not fit together: {0} against {1} entries in dimension {2}. "
        "Print the `.shape` of both sides"
    )


# Kinds of errors, a pattern of their words, and what they mean.
MEANINGS = [
    # --- the cell cannot be read
    (
        "SyntaxError",
        r"invalid character '…'",
        "the three dots `…` stand for something that you have to write in their place",
    ),
    (
        "SyntaxError",
        r"invalid (?:non-printable )?character '?(.)'?",
        "Python does not know the character `{0}`. Type it anew: straight quotes, `-`, "
        "`*` for times, `/` for divided by",
    ),
    (
        "SyntaxError",
        r"'(.)' was never closed",
        "a bracket `{0}` is opened and never closed",
    ),
    (
        "SyntaxError",
        r"unmatched '(.)'|closing parenthesis '(.)'",
        "a closing bracket is one too many, or of another kind than the one opened",
    ),
    ("SyntaxError", r"expected ':'", "the line lacks a colon `:` at its end"),
    (
        "SyntaxError",
        r"Maybe you meant '==' (?:or ':=' )?instead of '='",
        "one `=` gives a name to a value; to compare, write `==`",
    ),
    (
        "SyntaxError",
        r"cannot assign to|illegal target",
        "what stands left of `=` must be a name. To compare, write `==`",
    ),
    (
        "SyntaxError",
        r"'return' outside function",
        "`return` stands outside the function: move the line to the right, under `def`",
    ),
    (
        "SyntaxError",
        r"unterminated (?:f-)?string",
        "a text is not closed: the quote at its end is missing",
    ),
    (
        "SyntaxError",
        r"forgot a comma",
        "two things stand side by side. Is a comma missing, or `*`, or a quote?",
    ),
    (
        "SyntaxError",
        r"leading zeros|invalid decimal literal",
        "a number is written in a way that Python cannot read: no leading zeros, no "
        "letters, `*` between a number and a name",
    ),
    (
        "SyntaxError",
        r"Missing parentheses in call to '(\w+)'",
        "`{0}` needs round brackets: `{0}(…)`",
    ),
    (
        "IndentationError",
        r"expected an indented block",
        "the line below a colon starts four spaces further to the right, and something "
        "must stand there",
    ),
    (
        "IndentationError TabError",
        r"",
        "the spaces at the start of the line do not fit the lines around it",
    ),
    (
        "SyntaxError",
        r"",
        "Python cannot read it. Look for a bracket, a comma or a quote that is missing, "
        "there or at the end of the line before",
    ),
    # --- names and attributes
    (
        "NameError",
        r"name '(\w+)' is not defined(\. Did you mean: '(\w+)')?",
        _undefined,
    ),
    (
        "UnboundLocalError NameError",
        r"variable '(\w+)'",
        "`{0}` is used before the function has given it a value",
    ),
    (
        "AttributeError",
        r"module '([\w.]+)' has no attribute '(\w+)'",
        "there is no `{1}` in `{0}`. Look at the spelling in the text above",
    ),
    (
        "AttributeError",
        r"'([\w. ]+)' object has no attribute '(\w+)'(\. Did you mean: '(\w+)')?",
        _no_attribute,
    ),
    # --- calls
    (
        "TypeError",
        r"'(int|float)' object is not callable",
        "a number is followed by a bracket, as if it were a function. Is a `*` missing "
        "between them?",
    ),
    (
        "TypeError",
        r"'(Tensor|list|tuple|dict)' object is not callable",
        "round brackets call a function, and this is a {0}. To pick an entry use square "
        "brackets; to multiply, `*`",
    ),
    (
        "TypeError",
        r"'(\w+)' object is not callable",
        "this is a {0}, not a function, and brackets follow it",
    ),
    (
        "TypeError",
        r"'(builtin_function_or_method|method|function)' object",
        "a method or function lacks its round brackets, so it was not called: "
        "`.square()` in place of `.square`",
    ),
    (
        "TypeError",
        r"takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) (?:was|were)",
        "the function has places for {0} arguments and got {1}: keep the line that "
        "starts with `def` as it was",
    ),
    (
        "TypeError",
        r"missing \d+ required positional arguments?: '(\w+)'",
        "a call leaves out what the function needs: `{0}`",
    ),
    (
        "TypeError",
        r"unexpected keyword argument '(\w+)'",
        "the function that you call knows no argument `{0}`",
    ),
    (
        "TypeError",
        r"unsupported operand type\(s\) for ([^:]+): '([\w. ]+)' and '([\w. ]+)'",
        _operands,
    ),
    (
        "TypeError",
        r"can't multiply sequence|can only concatenate",
        "Python lists cannot be computed with as a whole. Walk through them: "
        "`for a, b in zip(first, second):`",
    ),
    (
        "TypeError",
        r"'(NoneType|ellipsis)' object",
        "something has no value yet: dots, or `None`, which `print(…)` and functions "
        "without `return` give",
    ),
    (
        "TypeError",
        r"'(\w+)' object is not (iterable|subscriptable)",
        "this is a single {0}, not a row of things",
    ),
    (
        "TypeError",
        r"must be Tensor, not (\w+)|but got (\w+)|argument 'input' .* not (\w+)",
        "a tensor is needed there, and something else was given. A method without "
        "brackets? A list? `torch.tensor(…)` makes a tensor of a list",
    ),
    # --- tensors
    (
        "RuntimeError",
        r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at "
        r"non-singleton dimension (\d+)",
        _shapes,
    ),
    (
        "RuntimeError",
        r"mat1 and mat2 shapes cannot be multiplied \((\w+) and (\w+)\)",
        "matrices of {0} and {1} entries do not fit: the first one's columns must be as "
        "many as the second one's rows. Is an image not flattened, or a `.T` missing?",
    ),
    (
        "RuntimeError",
        r"shape '(.*?)' is invalid for input of size (\d+)",
        "{1} numbers do not fill the shape {0}",
    ),
    (
        "RuntimeError NotImplementedError",
        r"mean\(\)|Long did not match|[Ii]nput dtype (?:should|must) be either",
        "whole numbers and truth values have no mean: put `.float()` before `.mean()`",
    ),
    (
        "RuntimeError",
        r"Boolean value of Tensor with more than one value",
        "`if`, `and`, `min` and `max` of Python want a single number, and this is a "
        "tensor of many. Use the tensor's own: `.min()`, `.max()`",
    ),
    (
        "RuntimeError",
        r"(?:expected|Expected) .*?(?:type|dtype)|same dtype",
        "the numbers are of two types. `.float()` makes 32-bit floats, `.long()` whole "
        "numbers",
    ),
    (
        "RuntimeError",
        r"same device|device type",
        "the tensors are on two devices: add `.cpu()`, or move both with `.to(device)`",
    ),
    (
        "RuntimeError",
        r"does not require grad",
        "the loss does not depend on anything that learns. Was `.item()` or "
        "`.detach()` taken too early, or is a result not computed from the model?",
    ),
    (
        "RuntimeError",
        r"backward through the graph a second time",
        "`backward()` was called twice for one loss: compute the loss anew before",
    ),
    (
        "RuntimeError",
        r"leaf Variable|inplace operation|in-place operation",
        "a number that autograd watches is changed in place. Put the update under "
        "`with torch.no_grad():`",
    ),
    (
        "RuntimeError",
        r"requires grad",
        "autograd watches this tensor: take `.detach()` of it first",
    ),
    (
        "IndexError",
        r"Dimension out of range \(expected to be in range of \[(-?\d+), (-?\d+)\], "
        r"but got (-?\d+)\)",
        "the tensor has no dimension {2}: they are counted from 0, and its last one is "
        "{1}",
    ),
    (
        "IndexError",
        r"out of (?:bounds|range)",
        "there is no such place: places are counted from 0, so that the last one is the "
        "length minus 1",
    ),
    (
        "IndexError",
        r"too many indices",
        "more indices than the tensor has dimensions. Print its `.shape`",
    ),
    (
        "IndexError",
        r"tensors used as indices",
        "places must be whole numbers: `.long()` makes them",
    ),
    (
        "ValueError",
        r"unpack",
        "the names left of `=`, or after `for`, are not as many as the values",
    ),
    (
        "ValueError RuntimeError TypeError",
        r"[Oo]nly one element tensors|elements cannot be converted to Scalar",
        "a single number is needed there, and this tensor has several. Is `.mean()`, "
        "`.sum()` or an index missing?",
    ),
    (
        "ValueError",
        r"invalid literal for int|could not convert string",
        "a text that is no number cannot become one",
    ),
    # --- the rest
    ("ZeroDivisionError", r"", "it divides by zero"),
    ("KeyError", r"(.*)", "the dictionary has no key {0}"),
    (
        "KeyboardInterrupt",
        r"",
        "you stopped it (or its time was up). If it ran for long: does a loop ever end?",
    ),
    ("RecursionError", r"", "the function calls itself again and again"),
    (
        "ModuleNotFoundError ImportError",
        r"No module named '(.+?)'",
        "there is no module `{0}` here. Is it spelt as above?",
    ),
    ("MemoryError", r"", "the memory was not enough: work on fewer images at a time"),
    ("SystemExit", r"", "it ends the program: leave `exit()` out"),
    (
        "AssertionError",
        r"",
        "an `assert` of yours does not hold",
    ),
]

"""What Python's own errors mean, as a table for `troubles.explain`."""


def _undefined(name, _, guess, line):
    if guess:
        return "there is no `{0}` here. Did you mean `{2}`?"
    if len(name) == 1:
        return (
            "`{0}` is only a letter that the text uses for something: put the thing "
            "itself there, under the name it has in the cells above"
        )
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
            "Compare the tensor with the labels, not the data set: its `.targets`"
        )
    if kind == "NoneType":
        return (
            "what stands before `.{1}` is `None`. Did `print(…)`, or a function "
            "without `return`, make it?"
        )
    if kind == "ellipsis":
        return "dots are still in the place of what you have to write"
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
    return "a {0} has no `.{1}`" + (". Did you mean `.{3}`?" if guess else "")


def _operands(sign, left, right, line):
    both = f"{left} {right}"
    if "method" in both or "function" in both:
        return (
            "a method lacks its brackets, so it was not called: `.square()` in place "
            "of `.square`"
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


# Kinds of errors, a pattern of their words, and what they mean: a text, or a function
# of the pattern's groups and the learner's line. {0} stands for the first group.
OF_PYTHON = [
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
        "Python cannot read it. Look for a bracket, a comma or a quote that is "
        "missing, there or at the end of the line before",
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
        "round brackets call a function, and this is a {0}. To pick an entry use "
        "square brackets; to multiply, `*`",
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
        r"missing \d+ required positional arguments?: ['\"](\w+)",
        "a call leaves out what the function needs: `{0}`",
    ),
    (
        "TypeError",
        r"object of type '(\w+)' has no len",
        "`len` counts the entries of a list or a tensor, and this is a single {0}",
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
        r"can only concatenate str|must be str, not",
        "text and numbers cannot be added: take the quotes away, or print them "
        "side by side",
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
    # --- the rest
    ("ZeroDivisionError", r"", "it divides by zero"),
    ("KeyError", r"(.*)", "the dictionary has no key {0}"),
    (
        "KeyboardInterrupt",
        r"",
        "it was stopped while it ran. If it ran for long: does a loop never end?",
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

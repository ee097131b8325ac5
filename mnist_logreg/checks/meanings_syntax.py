"""What it means that Python cannot read a cell, as a table like `meanings_python`."""

OF_SYNTAX = {
    "SyntaxError": {
        r"invalid character '…'": (
            "the three dots `…` stand for something that you have to write in their "
            "place"
        ),
        r"invalid (?:non-printable )?character '?(.)'?": (
            "Python does not know the character `{0}`. Type it again: straight quotes, "
            "`-`, `*` for times, `/` for divided by"
        ),
        r"'(.)' was never closed": "a bracket `{0}` is opened and never closed",
        r"unmatched '(.)'|closing parenthesis '(.)'": (
            "a closing bracket is one too many, or of another kind than the one opened"
        ),
        r"expected ':'": "the line lacks a colon `:` at its end",
        r"Maybe you meant '==' (?:or ':=' )?instead of '='": (
            "one `=` gives a name to a value; to compare, write `==`"
        ),
        r"cannot assign to|illegal target": (
            "what stands left of `=` must be a name. To compare, write `==`"
        ),
        r"'return' outside function": (
            "`return` stands outside the function: move the line to the right, under "
            "`def`"
        ),
        r"unterminated (?:f-)?string": (
            "a text is not closed: the quote at its end is missing"
        ),
        r"positional argument follows keyword": (
            "what has a name comes last in the brackets of a call. Several dimensions "
            "need brackets of their own: `dim=(2, 3)`"
        ),
        r"forgot a comma": (
            "two things stand side by side. Is a comma missing, or `*`, or a quote?"
        ),
        r"leading zeros|invalid decimal literal": (
            "a number is written in a way that Python cannot read: no leading zeros, "
            "no letters, `*` between a number and a name"
        ),
        r"Missing parentheses in call to '(\w+)'": (
            "`{0}` needs round brackets: `{0}(…)`"
        ),
        r"": (
            "Python cannot read it. Look for a bracket, a comma or a quote that is "
            "missing, there or at the end of the line before"
        ),
    },
    "IndentationError": {
        r"expected an indented block": (
            "the line below a colon starts four spaces further to the right, and "
            "something must stand there"
        ),
    },
    "IndentationError TabError": {
        r"": "the spaces at the start of the line do not fit the lines around it",
    },
}

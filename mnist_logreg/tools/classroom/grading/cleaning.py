"""Cleaning: each text that comes from a learner is made harmless here, once.

Names of files and folders, error messages and hints that quote an answer pass through
`clean` before they are kept, printed or written. HTML is escaped by jinja.
"""

import hashlib
import re
import unicodedata

LONGEST = 400  # characters of one text; the longest hint of the checks has about 300

# Escape sequences of terminals: to set colours, titles and the clipboard.
SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]).*?(?:\x07|\x1b\\|\x9c|$)"  # OSC, DCS, …
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-~]?",
    re.DOTALL,
)
# Controls, invisible and direction marks, surrogates, private characters.
DROPPED = {"Cc", "Cf", "Cs", "Co"}
# What begins a formula in a spreadsheet, also in its full-width form.
FORMULA = tuple("=+-@|%＝＋－＠")
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def clean(text, longest: int = LONGEST) -> str:
    """Make a text from a learner fit to be shown: on one line, visible, not too long.

    Parameters
    ----------
    text : object
        Usually a str. Bytes that are not UTF-8, as in names that `os.listdir` returns,
        are read as the code page of old zip files.
    longest : int
        How many characters to keep.

    Returns
    -------
    str
        Without escape sequences, controls, direction marks and other invisible
        characters; white space is a single space.
    """
    text = str(text)[: 20 * longest]
    try:
        text.encode()
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "surrogateescape" if _escaped(text) else "replace")
        text = raw.decode("cp437")
    text = unicodedata.normalize("NFC", SEQUENCES.sub("", text))
    kept = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in DROPPED
    )
    kept = " ".join(kept.split())
    return kept if len(kept) <= longest else f"{kept[: longest - 1].rstrip()}…"


def cell(text) -> str:
    """A cell of a CSV file: clean, and no formula to a spreadsheet."""
    text = clean(text)
    return f"'{text}" if text.startswith(FORMULA) else text


def file_name(text) -> str:
    """A name for a file or folder that every system takes, unlike that of any other.

    What had to be changed is told apart by a few digits of the name's SHA-256.
    """
    name = re.sub(r'[\\/:*?"<>|]', "_", clean(text, 80)).strip(". ")
    if RESERVED.fullmatch(name) or name.startswith("_"):
        name = f"learner {name}"
    if name == text:
        return name
    digest = hashlib.sha256(str(text).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{name} {digest[:6]}".strip()


def _escaped(text: str) -> bool:
    """Whether all surrogates stand for bytes, as in names of files."""
    return all(
        0xDC80 <= ord(char) <= 0xDCFF for char in text if 0xD800 <= ord(char) <= 0xDFFF
    )

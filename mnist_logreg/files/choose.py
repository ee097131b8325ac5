"""Chooses the data: MNIST if it is here or can be downloaded, else the bundled digits.

This module imports neither torch nor torchvision, so commands that only ask are quick.
"""

import gzip
import io
import os
from dataclasses import dataclass
from pathlib import Path

from mnist_logreg.errors import UserError
from mnist_logreg.files.mnist import FILES, raw_folder
from mnist_logreg.files.news import say
from mnist_logreg.files.verified import (
    File,
    WrongContentsError,
    complete,
    copy_verified,
    prepare,
    set_aside,
)

SOURCES = ("auto", "mnist", "digits")

DATA = Path(__file__).resolve().parents[2] / "data"

# Seconds for a server to begin its answer. Under "auto" there is an alternative and
# people wait: three silent servers cost 7.5 seconds.
PATIENT, BRISK = 10, 2.5

ABSENT = "MNIST is not on this machine: run `make data` to download it"
FAILED = "MNIST is not on this machine and could not be fetched"


_opened: list["Data"] = []


class _AbsentError(UserError):
    """MNIST is not here, and nobody asked to download it: not an error."""


@dataclass(frozen=True)
class Data:
    """The data that are used, and why.

    Attributes
    ----------
    name : str
        "mnist" or "digits".
    root : Path
        What ``datasets.MNIST(root=...)`` reads.
    why : str
        The reason for the choice.
    n_train, n_test : int
        Numbers of images.
    """

    name: str
    root: Path
    why: str
    n_train: int
    n_test: int

    def __str__(self):
        counts = f"{self.n_train:,} training and {self.n_test:,} test images"
        if self.name == "mnist":
            return f"Data: MNIST, {counts}, all four files verified."
        return (
            f"Data: the bundled digits, NOT MNIST: {counts} ({self.why}). "
            "Sentences about MNIST do not hold for this run."
        )


def open_data(source: str = "auto", fetch: bool = False) -> Data:
    """Find and verify the data, and prepare them if needed.

    MNIST is looked for in the folder that the environment variable MNIST_ROOT names (a
    relative path starts at the repository's root) and in data/mnist.

    Parameters
    ----------
    source : {"auto", "mnist", "digits"}
        "auto" takes MNIST if it is here or can be downloaded, otherwise the bundled
        digits, and prints the reason.
    fetch : bool
        Whether MNIST may be downloaded. Without it, no network is used.

    Returns
    -------
    Data
        The data to use.

    Raises
    ------
    UserError
        If the source is unknown, or if the data asked for cannot be provided.
    """
    _opened[:] = [_open(source, fetch)]
    return _opened[0]


def last_opened() -> Data | None:
    """What ``open_data`` returned last in this process, if anything."""
    return _opened[0] if _opened else None


def _open(source: str, fetch: bool) -> Data:
    if source not in SOURCES:
        raise UserError(
            f"There is no data source {source!r}: choose {', '.join(SOURCES)}."
        )
    if source == "digits":
        return _open_digits("asked for")
    try:
        root = _open_mnist(fetch, PATIENT if source == "mnist" else BRISK)
    except UserError as error:
        if source == "mnist":
            raise
        if isinstance(error, _AbsentError):
            return _open_digits(ABSENT)
        say(str(error))
        return _open_digits(FAILED)
    why = "asked for" if source == "mnist" else "MNIST is on this machine"
    return Data("mnist", root, why, 60_000, 10_000)


def mnist_places() -> list[Path]:
    """List the roots where MNIST is looked for, in order.

    Returns
    -------
    list of Path
        MNIST_ROOT, if it is set, and data/mnist.

    Raises
    ------
    UserError
        If MNIST_ROOT names the home folder of an unknown user.
    """
    given = os.environ.get("MNIST_ROOT")
    places = [DATA / "mnist"]
    if given:
        try:
            places.insert(0, DATA.parent / Path(given).expanduser())
        except RuntimeError as error:
            raise UserError(f"MNIST_ROOT, {given}: {error}") from error
    return places


def _open_digits(why: str) -> Data:
    # NumPy is needed only here.
    from mnist_logreg.files import digits

    root = DATA / "digits"
    if not complete(raw_folder(root), digits.FILES):
        try:
            contents = digits.build()

            def supply(file: File, path: Path) -> None:
                copy_verified(io.BytesIO(contents[file.name]), file, path)

            prepare(raw_folder(root), digits.FILES, supply)
        except (OSError, EOFError, ValueError, WrongContentsError) as error:
            raise UserError(
                "The digits that come with scikit-learn are missing or not what they "
                "should be. Install the version in requirements.txt again: "
                "`make clean`, then `make setup`."
            ) from error
    return Data("digits", root, why, digits.N_TRAIN, digits.N_TEST)


def _open_mnist(fetch: bool, begin: float) -> Path:
    """Return the root that holds MNIST, prepared; raise UserError if there is none."""
    places = mnist_places()
    for root in places:
        if complete(raw_folder(root), FILES):
            if fetch and root != places[0] and not _holds(places[0], ("", ".gz")):
                say(f"MNIST_ROOT, {places[0]}, holds no MNIST: using {root}.")
            return root
    if not fetch and not any(_holds(root, ("", ".gz")) for root in places):
        raise _absent(places)
    target = _target(places)
    from mnist_logreg.files import download  # it imports requests, in 0.2 seconds

    servers = download.Mirrors(begin)

    def supply(file: File, path: Path) -> None:
        for root in places:
            archive = raw_folder(root) / f"{file.name}.gz"
            if not os.access(archive, os.F_OK) or archive.is_dir():
                continue
            if not os.access(archive, os.R_OK):
                say(f"{archive} cannot be read: change its permissions.")
                continue
            try:
                with gzip.open(archive) as stream:
                    return copy_verified(stream, file, path)
            except WrongContentsError:
                if root == target:
                    set_aside(archive)
                else:
                    say(f"{archive} is not what it should be.")
        if not fetch:
            raise _absent(places)
        servers.supply(file, path)

    prepare(raw_folder(target), FILES, supply)
    return target


def _target(places: list[Path]) -> Path:
    """The root to complete: MNIST_ROOT, unless it is someone's archive or read-only."""
    first = places[0]
    is_archive = _holds(first, (".gz",)) and not _holds(first, ("",))
    return places[-1] if is_archive or not _writable(first) else first


def _holds(root: Path, endings: tuple[str, ...]) -> bool:
    """Whether a root holds any of MNIST's files, with one of these endings."""
    return any(
        os.access(raw_folder(root) / f"{file.name}{ending}", os.F_OK)
        for file in FILES
        for ending in endings
    )


def _writable(root: Path) -> bool:
    """Whether a folder, or the first one above it that exists, can be written to."""
    while not os.access(root, os.F_OK) and root != root.parent:
        root = root.parent
    return os.access(root, os.W_OK)


def _absent(places: list[Path]) -> UserError:
    from mnist_logreg.files import download

    looked = " and ".join(str(raw_folder(root)) for root in places)
    return _AbsentError(
        f"MNIST is not on this machine: neither files nor archives in {looked}. "
        "Run `make data` where there is internet. "
        + download.ways_out(raw_folder(places[-1]))
    )

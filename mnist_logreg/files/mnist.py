"""MNIST's four files, and the folder where torchvision looks for them.

The files are by Y. LeCun, C. Cortes and C. J. C. Burges
(http://yann.lecun.com/exdb/mnist/).
"""

from pathlib import Path

from mnist_logreg.files.verified import File

# The small files come first: a server that does not work is found out early.
FILES = (
    File(
        "t10k-labels-idx1-ubyte",
        10_008,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    File(
        "train-labels-idx1-ubyte",
        60_008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    File(
        "t10k-images-idx3-ubyte",
        7_840_016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    File(
        "train-images-idx3-ubyte",
        47_040_016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
)


def raw_folder(root: Path) -> Path:
    """Where torchvision's ``datasets.MNIST(root)`` looks for the files.

    Parameters
    ----------
    root : Path
        What ``datasets.MNIST`` is given.

    Returns
    -------
    Path
        The folder that holds the four files.
    """
    return root / "MNIST" / "raw"

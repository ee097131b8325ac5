"""The bundled digits, for a machine without MNIST, in MNIST's geometry and file format.

The images are scikit-learn's digits: 1,797 handwritten digits of 8x8 pixels with 17
grey levels, from the UCI data set "Optical Recognition of Handwritten Digits"
(E. Alpaydin and C. Kaynak, 1998, https://doi.org/10.24432/C50P49).
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from mnist_logreg.files.idx import to_idx
from mnist_logreg.files.verified import File

N_TRAIN, N_TEST = 1347, 450

FILES = (
    File(
        "train-images-idx3-ubyte",
        1_056_064,
        "4ead545e9245760e0634a003ba745b90bf0cad7333d51f14e9784dd585e871d4",
    ),
    File(
        "train-labels-idx1-ubyte",
        1_355,
        "b4d0da534d8d8e18f3fdb489f421f9710eb23e25faaca4016ea30a5579a94514",
    ),
    File(
        "t10k-images-idx3-ubyte",
        352_816,
        "6f7c04a0f515cfc786a91226698053db25e92b220089ea17d42d502fb1118c54",
    ),
    File(
        "t10k-labels-idx1-ubyte",
        458,
        "3a53f43f507099a3861f6430a8c50e83451fe1e4d25eedbcdc101ca061dda6b8",
    ),
)


def build() -> dict[str, bytes]:
    """Build the four IDX files.

    All arithmetic is on whole numbers, so every machine gives the same bytes.

    Returns
    -------
    dict of str to bytes
        The contents of each file, by name.
    """
    rows = np.loadtxt(_source(), delimiter=",", dtype=np.int64)
    # RandomState's streams are frozen (NumPy NEP 19): the split never changes.
    rows = rows[np.random.RandomState(0).permutation(len(rows))]
    images = np.stack([_as_mnist(row[:64].reshape(8, 8)) for row in rows])
    labels = rows[:, 64]
    contents = {}
    for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
        train, test = np.split(array, [N_TRAIN])
        contents[f"train-{kind}-ubyte"] = to_idx(train)
        contents[f"t10k-{kind}-ubyte"] = to_idx(test)
    return contents


def _source() -> Path:
    """The file that ``sklearn.datasets.load_digits`` reads.

    Read directly, because importing scikit-learn takes five seconds.
    """
    found = find_spec("sklearn")
    if found is None or found.origin is None:
        raise FileNotFoundError("scikit-learn is not installed")
    return Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz"


def _enlargement() -> np.ndarray:
    """int64 [20, 8]: the weights, in 2000ths, of 8 pixels in each of 20.

    Cubic convolution (R. Keys, 1981, a = -1/2), with the edge pixels repeated outwards.
    """
    weights = np.zeros((20, 8), dtype=np.int64)
    for i in range(20):
        centre = 4 * i - 3  # of pixel i, in tenths of a pixel of the 8x8 image
        for k in range(centre // 10 - 1, centre // 10 + 3):
            t = abs(centre - 10 * k)
            if t <= 10:
                weight = 3 * t**3 - 50 * t**2 + 2000
            else:
                weight = -(t**3) + 50 * t**2 - 800 * t + 4000
            weights[i, min(max(k, 0), 7)] += weight
    return weights


ENLARGEMENT = _enlargement()


def _as_mnist(image: np.ndarray) -> np.ndarray:
    """uint8 [28, 28] from int64 [8, 8] with values from 0 to 16.

    A digit of 20x20 pixels, placed as MNIST's are: its centre of mass in the centre of
    the frame (http://yann.lecun.com/exdb/mnist/), as far as the frame allows.
    """
    whole = 2000 * 2000 * 16
    enlarged = ENLARGEMENT @ image @ ENLARGEMENT.T
    digit = np.clip((enlarged * 255 + whole // 2) // whole, 0, 255)
    frame = np.zeros((28, 28), dtype=np.uint8)
    top, left = (centred(digit.sum(axis=axis)) for axis in (1, 0))
    frame[top : top + 20, left : left + 20] = digit
    return frame


def centred(mass: np.ndarray) -> int:
    """Where the pixels begin so that their centre of mass is in the frame's centre.

    mass: int64 [pixels], the sum of each row or column. As far as the frame allows.
    """
    total = int(mass.sum())
    twice = int(((2 * np.arange(len(mass)) + 1) * mass).sum())  # 2 * centre * total
    return min(max((29 * total - twice) // (2 * total), 0), 28 - len(mass))

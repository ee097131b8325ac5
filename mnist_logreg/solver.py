"""scikit-learn's solver for the same model: what the recipes are measured against."""

import time
import warnings

from threadpoolctl import threadpool_limits

from mnist_logreg.data import InMemoryDataset
from mnist_logreg.errors import UserError


def solve_with_scikit_learn(
    train: InMemoryDataset, test: InMemoryDataset
) -> tuple[float, float]:
    """Fit scikit-learn's LogisticRegression, 100 iterations at most.

    In one thread: there it is quicker, and adds in the same order each time.

    Parameters
    ----------
    train, test : InMemoryDataset

    Returns
    -------
    accuracy : float, percent of the test set that is right
    seconds : float, what the fit took

    Raises
    ------
    UserError
        If scikit-learn cannot fit these data, or if memory is short.
    """
    # The first takes a second and the second tells of 100 iterations: known, and meant.
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    try:
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            pixels = rows_of_pixels(train)
            start = time.perf_counter()
            model = LogisticRegression(max_iter=100).fit(pixels, train.labels.numpy())
            seconds = time.perf_counter() - start
            accuracy = 100 * float(
                model.score(rows_of_pixels(test), test.labels.numpy())
            )
    except (ValueError, MemoryError) as error:
        raise UserError(
            f"scikit-learn's solver failed: {error or 'not enough memory'}."
        ) from error
    return accuracy, seconds


def rows_of_pixels(dataset):
    """A dataset's images as scikit-learn takes them: float32 [N, 784] from 0 to 1."""
    return dataset.images.flatten(1).float().div_(255).numpy()

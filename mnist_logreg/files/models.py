"""A trained model in a file: written whole or not at all, read without running code."""

import zipfile
from pathlib import Path

import torch

from mnist_logreg.errors import UserError
from mnist_logreg.files.whole import result_file
from mnist_logreg.model import LogisticRegression, SoftmaxRegression

KINDS = {kind.__name__: kind for kind in (LogisticRegression, SoftmaxRegression)}


def save_model(model: LogisticRegression | SoftmaxRegression, path: Path) -> None:
    """Write a model's class, sizes and weights, whole or not at all.

    Parameters
    ----------
    model : LogisticRegression or SoftmaxRegression
    path : Path
        Its folder must be there.

    Raises
    ------
    UserError
        For any other model, or if the file cannot be written; an older one stays.
    """
    kind = type(model).__name__
    if type(model) not in KINDS.values():
        raise UserError(
            f"Only {' and '.join(KINDS)} of mnist_logreg.model can be saved, not a "
            f"{kind} from {type(model).__module__}: it may compute something else."
        )
    saved = {
        "kind": kind,
        "n_inputs": model.linear.in_features,
        "n_outputs": model.linear.out_features,
        "weights": model.state_dict(),
    }
    with result_file(path) as file:
        torch.save(saved, file)


def load_model(path: Path) -> LogisticRegression | SoftmaxRegression:
    """Read a model that save_model wrote.

    Only tensors and plain values are read (weights_only=True), so that a file from
    somebody else cannot run code.

    Parameters
    ----------
    path : Path

    Returns
    -------
    LogisticRegression or SoftmaxRegression
        On the processor, whatever it was trained on.

    Raises
    ------
    UserError
        If there is no such file, or it holds no such model.
    """
    try:
        # The file is a zip archive, whose check sums torch does not look at.
        with zipfile.ZipFile(path) as archive:
            if archive.testzip() is not None:
                raise zipfile.BadZipFile
        saved = torch.load(path, weights_only=True, map_location="cpu")
        model = KINDS[saved["kind"]](saved["n_inputs"], saved["n_outputs"])
        model.load_state_dict(saved["weights"])
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except Exception as error:  # a damaged file makes torch raise almost anything
        raise UserError(
            f"{path} was not saved by this series, or is damaged; nothing in it "
            "was run. Save the model again with save_model."
        ) from error
    return model

"""The explorable figures, apart from the drawing pad."""

import torch
from torch.nn import functional as F

from mnist_logreg.errors import UserError
from mnist_logreg.explore import stills
from mnist_logreg.explore.base import Explorable, as_image, module
from mnist_logreg.explore.models import linear_models


def _packed(tensor) -> bytes:
    return tensor.contiguous().numpy().tobytes()


class MeanOfMany(Explorable):
    """The mean image of 1, 2, 5, 50, 5,000 images of one digit.

    Parameters
    ----------
    images : uint8 tensor [N, 28, 28]
    labels : int64 tensor [N]
    digit : int
        Which digit's images are averaged, 0 to 9.
    counts : tuple of int
        How many; where there are fewer images, all of them are taken.

    Raises
    ------
    UserError
        If there is no image of this digit.
    """

    _esm = module("mean.js")

    def __init__(self, images, labels, digit=3, counts=(1, 2, 5, 50, 5000)):
        chosen = images[(labels == digit).nonzero()[: max(counts), 0]]
        if not len(chosen):
            raise UserError(f"There is no image with the label {digit!r}.")
        self.digit = digit
        counts = sorted({min(count, len(chosen)) for count in counts})
        self.means = {
            count: (chosen[:count].sum(dim=0) / count).round().to(torch.uint8)
            for count in counts
        }
        super().__init__(
            data={
                "digit": int(digit),
                "counts": counts,
                "means": _packed(torch.stack(list(self.means.values()))),
                "first": _packed(chosen[:10]),
            }
        )

    def still(self):
        """The mean images side by side."""
        return stills.mean_of_many(self.means, self.digit)


class OneScore(Explorable):
    """One score as weight times pixel, summing up pixel by pixel.

    Parameters
    ----------
    model : a model with a layer ``linear``, or the ten means
        As for DrawingPad.
    image : tensor [28, 28]
        uint8 from 0 to 255, or floats from 0 to 1.
    digit : int, optional
        Whose score is shown first, 0 to 9; without it, the highest.
    """

    _esm = module("score.js")

    def __init__(self, model, image, digit=None):
        (self.model,) = linear_models(model)[:1]
        self.image = as_image(image)
        if digit is None:
            digit = self.model.scores(self.image).argmax()
        self.digit = int(digit)
        super().__init__(
            data={
                "model": self.model.numbers(),
                "image": _packed(self.image),
                "digit": self.digit,
            }
        )

    def still(self):
        """Image, weights, their product, and the sum so far as a curve."""
        return stills.one_score(self.model, self.image, self.digit)


class ScoresToProbabilities(Explorable):
    """Ten scores to move, their sigmoids, their softmax, and the loss.

    Parameters
    ----------
    scores : ten numbers, optional
        To begin with, from -10 to 10.
    label : int
        The true digit, 0 to 9, whose probability gives the loss.
    """

    _esm = module("probabilities.js")

    def __init__(self, scores=(-1, -4, 0, 3, -3, 2, -2, -1, 1, 0), label=3):
        self.scores = torch.as_tensor(scores).detach().cpu().flatten().float()
        if len(self.scores) != 10:
            raise UserError(f"Ten scores are needed, one a digit, not {len(scores)}.")
        self.label = int(label)
        super().__init__(data={"scores": self.scores.tolist(), "label": self.label})

    def still(self):
        """The three rows of bars, and the loss."""
        return stills.probabilities(self.scores, self.label)


class GradientDescent(Explorable):
    """Gradient descent on softmax regression, 1, 5 or 25 batches at a time.

    It starts from weights of 0 and learns, in the browser, from 400 of the images;
    200 more are kept apart to judge it (of fewer than 600, a third). The same seed
    gives the same images in the same order.

    Parameters
    ----------
    images : uint8 tensor [N, 28, 28]
    labels : int64 tensor [N]
    batch_size : int
    lr : float
        The learning rate to begin with.
    seed : int
    """

    LEARN, JUDGE, STILL = 400, 200, 25  # images, images, batches

    _esm = module("descent.js")

    def __init__(self, images, labels, batch_size=20, lr=0.1, seed=0):
        order = torch.randperm(
            len(labels), generator=torch.Generator().manual_seed(seed)
        )[: self.LEARN + self.JUDGE]
        self.images, self.labels = images[order], labels[order]
        self.n_learn = len(order) * 2 // 3
        self.batch_size, self.lr = min(batch_size, self.n_learn), lr
        super().__init__(
            data={
                "images": _packed(self.images),
                "labels": self.labels.tolist(),
                "learn": self.n_learn,
                "batch": self.batch_size,
                "rate": lr,
            }
        )

    def run(self, batches):
        """What the figure shows after so many batches.

        Returns
        -------
        weight, bias : float32 tensors [10, 784] and [10]
        losses, accuracies : lists of batches + 1 floats
            On the images kept apart, before the first batch and after each.
        """
        x, y = self.images.flatten(1) / 255, self.labels
        weight, bias = torch.zeros(10, 784), torch.zeros(10)
        losses, accuracies = [], []
        for step in range(batches + 1):
            scores = x[self.n_learn :] @ weight.T + bias
            losses.append(F.cross_entropy(scores, y[self.n_learn :]).item())
            right = scores.argmax(dim=1) == y[self.n_learn :]
            accuracies.append(right.float().mean().item())
            if step == batches:
                return weight, bias, losses, accuracies
            first = step * self.batch_size
            rows = torch.arange(first, first + self.batch_size) % self.n_learn
            p = torch.softmax(x[rows] @ weight.T + bias, dim=1)
            gradient = (p - F.one_hot(y[rows], 10)) / len(rows)
            weight -= self.lr * gradient.T @ x[rows]
            bias -= self.lr * gradient.sum(dim=0)
        return None

    def still(self):
        """Weight images and both curves after 25 batches."""
        weight, _, losses, accuracies = self.run(self.STILL)
        return stills.descent(weight, losses, accuracies, self.batch_size)


class ShiftedImage(Explorable):
    """An image moved by a few pixels, and what the models make of it.

    Parameters
    ----------
    models : a model or the ten means, or a dict of them by name
        As for DrawingPad.
    image : tensor [28, 28]
        uint8 from 0 to 255, or floats from 0 to 1.
    """

    STILL = 4  # pixels to the right

    _esm = module("drawing.js", "shift.js")

    def __init__(self, models, image):
        self.models, self.image = linear_models(models), as_image(image)
        super().__init__(
            data={
                "models": [model.numbers() for model in self.models],
                "image": _packed(self.image),
            }
        )

    def still(self):
        """The image before and after a move of 4 pixels, with the ten bars."""
        return stills.shift(self.image, self.models[0], self.STILL)


class OutputRange(Explorable):
    """The loss against the score, from scores and from outputs that are bounded.

    The score of the true digit is t, that of the nine others −t. The bounded outputs
    are sigmoids times `top`, so they lie between 0 and `top`; both slopes are shown.

    Parameters
    ----------
    top : float
        The end of the outputs' range to begin with, 1 to 20.
    """

    _esm = module("range.js")

    def __init__(self, top=1):
        self.top = top
        super().__init__(data={"top": top})

    def still(self):
        """Both curves, with the floor of the bounded one."""
        scores = torch.linspace(-8, 8, 161)
        wanted = torch.zeros(len(scores), dtype=torch.long)
        ten = torch.cat([scores[:, None], -scores[:, None].expand(-1, 9)], dim=1)
        plain, bent = (
            F.cross_entropy(outputs, wanted, reduction="none")
            for outputs in (ten, self.top * torch.sigmoid(ten))
        )
        return stills.output_range(scores, plain, bent, self.top)

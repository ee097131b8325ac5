"""The checks of the exercises: right, or a hint at the mistake that was made.

Each check takes the learner's answer and what is needed to judge it, displays one
verdict, and returns what to go on with, so that the rest of a notebook runs either way:
the right value, or the learner's own function where it is right, the package's where it
is not. No check raises an error because of an answer.
"""

import itertools
import math
from collections.abc import Callable
from html import escape

import torch
from IPython.display import display

from mnist_logreg import model

MIME = "application/vnd.mnist-logreg.check+json"
DIGITS = range(10)
MARKS = {"right": "✓", "wrong": "✗", "todo": "○"}
# JupyterLab and other programs draw these classes as boxes of their own colour.
BOXES = {"right": "success", "wrong": "warning", "todo": "info"}


def class_counts(answer, labels: torch.Tensor) -> torch.Tensor:
    """Exercise 1.1: how many images there are of each digit. labels: int64 [N]."""
    right = torch.bincount(labels, minlength=10)
    mistakes = [
        (labels.unique(), "these are the digits that occur. Count how often each does"),
        (
            right / len(labels),
            "these are shares. Leave out the division: we want counts",
        ),
        (
            right.sort().values,
            "the counts are sorted by size. Keep them in digit order",
        ),
        (
            right.sort(descending=True).values,
            "the counts are sorted by size. Keep them in digit order, 0 first",
        ),
        (right.sum(), "this is how many labels there are in all. Count each digit"),
        (right[1:], "the zeros are missing: ten counts are wanted, for 0 to 9"),
    ]
    if _shape(answer) == _shape(right) and sum(answer) != len(labels):
        total = f"your counts add up to {sum(answer):g}, but there are {len(labels)} "
        mistakes.append((answer, total + "labels. Count those of the training set"))
    return _judge("1.1", answer, right, mistakes)


def always_guess(
    answer, train_labels: torch.Tensor, test_labels: torch.Tensor
) -> float:
    """Exercise 1.2: percent right when always guessing the most common digit.

    train_labels: int64 [N], which choose the guess; test_labels: int64 [M].
    """
    counts = train_labels.bincount(minlength=10)
    guess, rarest = counts.argmax(), counts.argmin()
    share = (test_labels == guess).float().mean().item()
    mistakes = [
        (share, "this is a fraction. Multiply by 100 for percent"),
        (
            (train_labels == guess).float().mean().item() * 100,
            "this is the share in the training set. Judge the guess on the test labels",
        ),
        (
            (test_labels == rarest).float().mean().item() * 100,
            "this guesses the rarest digit. Take the most common one (argmax)",
        ),
        (
            (test_labels == guess).sum(),
            "this is how many are right. Divide by the number of test images",
        ),
        (
            100 * (train_labels == guess).sum() / len(test_labels),
            "this counts the training images. Count how often the digit is the label "
            "of a test image",
        ),
        (
            test_labels == guess,
            "this says of each image whether the guess is right. Take .float().mean() "
            "of it, times 100",
        ),
        (10.0, "close, but the digits are not equally common. Count the right guesses"),
        (guess, "this is the digit to guess. How often is that guess right?"),
        (100 - 100 * share, "this is the share of wrong answers. Compare with =="),
        (
            counts.max(),
            "this counts training images. Take the share of the test labels",
        ),
        (
            100 * (test_labels == guess).sum(),
            "this is 100 times how many are right. Divide by the number of test images",
        ),
    ]
    return _judge("1.2", answer, share * 100, mistakes, tolerance=5e-3)


def nearest_mean(answer) -> Callable:
    """Exercise 1.3: a function (images [N, 28, 28], means [10, 28, 28]) -> [N]."""
    # Noise: on real digits several mistakes give the same answers.
    chance = torch.Generator().manual_seed(0)
    images = torch.randint(256, (30, 28, 28), dtype=torch.uint8, generator=chance)
    means = 255 * torch.rand(10, 28, 28, generator=chance)
    difference = images[:, None].float() - means
    distance = difference.square().sum(dim=(2, 3))
    mistakes = [
        (
            distance.argmax(dim=1),
            "this picks the mean that is farthest away. Use argmin, not argmax",
        ),
        (distance, "these are the distances. Return the digit with the smallest one"),
        (
            difference.sum(dim=(2, 3)).argmin(dim=1),
            "differences of both signs cancel out. Square them before you add them up",
        ),
        (
            difference.sum(dim=(2, 3)).square().argmin(dim=1),
            "differences of both signs cancel out. Square each one before you add them "
            "up, not their sum",
        ),
        (
            distance.argmin(),
            "this is one number for all images together. argmin(dim=1) gives one for "
            "each",
        ),
        (
            difference.square().sum(dim=(1, 2)).argmin(dim=1),
            "this adds up over the digits. The rows and columns of an image are "
            "dimensions 2 and 3",
        ),
        (
            distance.argmin(dim=0),
            "this finds the nearest image for each mean. Take argmin over the digits, "
            "one answer an image",
        ),
        (
            distance.min(dim=1).values,
            "these are the smallest distances. Return which digit it was: argmin",
        ),
    ]
    return _judge_function(
        "1.3", answer, model.nearest_mean, [((images, means), mistakes)]
    )


def batches(answer, n_samples: int, batch_size: int) -> tuple[int, int]:
    """Exercise 2.1: (how many batches an epoch has, images in the last one)."""
    full, rest = divmod(n_samples, batch_size)
    right = (full + bool(rest), rest or batch_size)
    mistakes = [
        ((full, rest), "a last, smaller batch holds the rest: count it too"),
        ((full, batch_size), "the images do not divide evenly. What about the rest?"),
        ((right[0], batch_size), "the number is right, but the last batch is not full"),
        ((right[1], right[0]), "both are right, in the other order: batches first"),
        (
            (n_samples / batch_size, rest),
            "half a batch is still a batch: round up to a whole number",
        ),
        (
            (right[0], n_samples / batch_size % 1),
            "the last batch is a number of images: the remainder, n % batch_size",
        ),
    ]
    return _judge("2.1", answer, right, mistakes)


def mean_loss(answer) -> Callable:
    """Exercise 2.2: a function (batch means, batch sizes) -> the mean over samples."""

    def right(losses, sizes):
        return sum(a * b for a, b in zip(losses, sizes, strict=True)) / sum(sizes)

    losses, sizes = [2.0, 1.0, 4.0], [32, 32, 16]
    total = right(losses, sizes) * sum(sizes)
    mistakes = [
        (
            sum(losses) / 3,
            "this is a mean of means: it counts the small last batch as much as a "
            "full one. Weight each loss by its batch's size",
        ),
        (total, "this is the sum over all samples. Divide it by how many there are"),
        (total / 3, "divide by the number of samples, not by the number of batches"),
        (
            total / (3 * 32),
            "the last batch is smaller: divide by sum(sizes), not by 3 × 32",
        ),
        (
            sum(losses) / sum(sizes),
            "multiply each batch's mean by its size before you add them up",
        ),
        (sum(losses), "the losses are only added up. Weight each by its batch's size"),
    ]
    return _judge_function("2.2", answer, right, [((losses, sizes), mistakes)])


def get_batch(answer, images: torch.Tensor, labels: torch.Tensor) -> Callable:
    """Exercise 2.3: a function (images, labels, indices) -> a batch.

    images: uint8 [N, 28, 28]; labels: int64 [N]; indices: list of B ints. The batch
    is float32 [B, 1, 28, 28] from 0 to 1, and int64 [B].
    """
    images, labels, indices = images[:100], labels[:100], [40, 2, 71, 2]

    def right(images, labels, indices):
        return images[indices].unsqueeze(1).float() / 255, labels[indices]

    x, y = right(images, labels, indices)
    mistakes = [
        ((x * 255, y), "the pixels still run from 0 to 255. Divide them by 255"),
        (
            (images[indices].unsqueeze(1), y),
            "the pixels are still bytes from 0 to 255. Make floats of them with "
            ".float(), and divide by 255",
        ),
        (
            (x.squeeze(1)[None], y),
            "the channel comes after the batch: [B, 1, 28, 28], with .unsqueeze(1)",
        ),
        (
            (x, labels),
            "these are all the labels. Return those of the batch: labels[indices]",
        ),
        ((x.squeeze(1), y), "the images lack their channel: [B, 1, 28, 28] is wanted"),
        (
            (x.squeeze(1) * 255, y),
            "divide the pixels by 255, and add the channel: [B, 1, 28, 28]",
        ),
        (
            right(images, labels, sorted(indices)),
            "the images come in another order than asked for: index with the list",
        ),
        (
            right(images, labels, range(len(indices))),
            "these are the first images, not the ones at the indices asked for",
        ),
        (x, "this is the images alone. Return the labels too: images, labels"),
        ((y, x), "labels and images changed places: return images first"),
        (
            (x.double(), y),
            "the pixels are float64. The model computes in float32: use .float()",
        ),
    ]
    return _judge_function(
        "2.3", answer, right, [((images, labels, indices), mistakes)], exact_dtype=True
    )


def parameters(answer) -> int:
    """Exercise 3.1: how many numbers the model for 784 pixels and 10 digits learns."""
    mistakes = [
        (7840, "these are the weights. Each digit also has a bias of its own"),
        (7841, "one bias is not enough: each of the ten digits has its own"),
        (
            785,
            "this is one digit's share: 784 weights and a bias. There are ten digits",
        ),
        (784 * 10 + 784, "there is one bias for each digit, not for each pixel"),
        (784, "this is one digit's weights. Ten digits, and a bias for each"),
        (784 + 10, "there are ten rows of 784 weights, not one"),
        (10 * (784 + 10), "each digit has one bias, not ten"),
        (
            (7, 850),
            "Python reads a comma as two numbers. Write thousands without it",
        ),
        (2, "these are two tensors. Count the numbers in them, with numel()"),
    ]
    return _judge("3.1", answer, 784 * 10 + 10, mistakes)


def softmax(answer) -> Callable:
    """Exercise 3.2: a function (scores float [B, K]) -> probabilities [B, K]."""

    def right(scores):
        return torch.softmax(scores, dim=1)

    # As many rows as columns: keepdim forgotten is then no error, but a wrong value.
    scores = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 4.0], [2.0, 0.0, 1.0]])
    largest = scores.amax(dim=1)
    shifted = scores - largest[:, None]
    lopsided = (scores - largest).exp()
    nothing_kept = (
        "the exponential is missing. A line of its own keeps nothing: give each result "
        "a name, and return the last"
    )
    lost = "a row's number met the columns: keep the shape [B, 1] with keepdim=True"
    mistakes = [
        (lopsided / lopsided.sum(dim=1, keepdim=True), lost),
        (lopsided / lopsided.sum(dim=1), lost),
        (scores, nothing_kept),
        (shifted, nothing_kept),
        (shifted / shifted.sum(dim=1, keepdim=True), nothing_kept),
    ]
    for powers in (scores.exp(), shifted.exp()):
        made = "divide by the sum of the powers that you have just made"
        others = (scores, shifted, scores.exp(), shifted.exp())
        mistakes += [(powers / o.sum(dim=1, keepdim=True), made) for o in others]
        mistakes += [
            (powers, "every value is positive now. Divide each row by its own sum"),
            (
                powers / powers.sum(),
                "all the rows together sum to 1. Each row alone must: sum over dim=1",
            ),
            (
                powers / powers.sum(dim=0),
                "the columns sum to 1. Each row must: sum over dim=1, with "
                "keepdim=True",
            ),
            (powers / powers.sum(dim=1), lost),
        ]
    mistakes += [
        (
            scores / scores.sum(dim=1, keepdim=True),
            "the rows sum to 1, but without exp a negative score would give a "
            "negative probability",
        ),
        (
            torch.sigmoid(scores),
            "this is the sigmoid: each score on its own. The rows do not sum to 1",
        ),
        (
            torch.log_softmax(scores, dim=1),
            "these are logarithms of the probabilities: take exp of them",
        ),
    ]
    large = torch.tensor([[1000.0, 1001.0, 1002.0], [0.0, 1.0, 2.0]])
    first, second = right(large)
    nan = torch.full((3,), torch.nan)
    overflow = (
        "right for small scores, but exp(1000) overflows and gives nan: subtract the "
        "row's largest score first"
    )
    one_for_all = (
        "right for scores of one size, but next to a row of scores near 1000 a row of "
        "small ones gives nan: subtract from each row its own largest score, with dim=1"
    )
    return _judge_function(
        "3.2",
        answer,
        right,
        [
            ((scores,), mistakes),
            (
                (large,),
                [
                    (torch.stack([nan, second]), overflow),
                    (torch.stack([first, nan]), one_for_all),
                ],
            ),
        ],
    )


def loss_floor(answer) -> float:
    """Exercise 3.3: the least cross-entropy of ten outputs that lie in (0, 1)."""
    mistakes = [
        (1 + 9 / math.e, "this is 1/p. The loss is its natural logarithm"),
        (math.e / (math.e + 9), "this is the probability p. The loss is -log p"),
        (
            math.log10(1 + 9 / math.e),
            "this is the logarithm to base 10. Use the natural one: math.log",
        ),
        (-math.log(1 + 9 / math.e), "right but for the sign: a loss is -log p"),
        (math.log(10), "this is the loss of a model that guesses: all outputs alike"),
        (0, "softmax never gives 1 when the scores lie within 1 of each other"),
        (
            math.log(1 + 10 / math.e),
            "nearly: nine other digits are at 0, not ten",
        ),
        (
            math.log(1 + 9 * math.e),
            "this is the worst case, with the right digit at 0 and all others at 1",
        ),
        (math.log2(1 + 9 / math.e), "this is the logarithm to base 2. Use math.log"),
    ]
    if _shape(answer) == _shape(0.0) and answer < 0:
        mistakes.append((answer, "a loss is never negative. Check the brackets"))
    return _judge("3.3", answer, math.log(1 + 9 / math.e), mistakes, tolerance=1e-4)


def score_gradient(answer) -> Callable:
    """Exercise 4.1: a function (scores [B, K], labels [B]) -> dL/dscores [B, K]."""

    def right(scores, labels):
        onehot = torch.nn.functional.one_hot(labels, scores.shape[1])
        return (torch.softmax(scores, dim=1) - onehot) / len(scores)

    scores = torch.tensor([[2.0, -1.0, 0.5], [0.0, 1.0, 0.0]], dtype=torch.float64)
    labels = torch.tensor([0, 2])
    gradient = right(scores, labels)
    onehot = torch.nn.functional.one_hot(labels, 3)
    p, across = torch.softmax(scores, dim=1), torch.softmax(scores, dim=0)
    brackets = "mind the brackets: subtract first, then divide the whole difference"
    mistakes = [
        (gradient * 2, "the loss is a mean over the batch: divide by its size, B"),
        (gradient * 2 / 3, "divide by the batch's size B, not by the number of digits"),
        (-gradient, "the sign is turned round: probabilities minus one-hot labels"),
        (-gradient * 2, "probabilities minus one-hot, and divided by the batch size"),
        (
            p,
            "these are the probabilities. Take the one-hot labels away from them",
        ),
        (
            p / 2,
            "take the one-hot labels away from the probabilities before you divide",
        ),
        (
            (torch.sigmoid(scores) - onehot) / 2,
            "this uses the sigmoid. Cross-entropy turns scores into probabilities by "
            "softmax",
        ),
        ((scores - onehot) / 2, "turn the scores into probabilities first: softmax"),
        (p - onehot / 2, brackets),
        (p / 2 - onehot, brackets),
        (
            (p + onehot) / 2,
            "take the one-hot labels away, do not add them",
        ),
        (
            (torch.log_softmax(scores, dim=1) - onehot) / 2,
            "these are logarithms. The formula has the probabilities: softmax",
        ),
        (
            across - onehot,
            "softmax goes over the digits of each image: dim=1. And divide by the size "
            "of the batch",
        ),
        (
            scores - onehot,
            "turn the scores into probabilities first, with softmax, and divide by the "
            "size of the batch",
        ),
        (
            (across - onehot) / 2,
            "softmax goes over the digits of each image: dim=1",
        ),
        (
            gradient * 2 / 32,
            "divide by the size of the batch at hand, len(scores). The check's is 2",
        ),
    ]
    return _judge_function("4.1", answer, right, [((scores, labels), mistakes)])


def best_rate(answer, sweep: dict[float, float]) -> float:
    """Exercise 4.2: the learning rate to take. sweep: {rate: validation accuracy}."""
    best = [rate for rate in sweep if sweep[rate] == max(sweep.values())]
    right = next((rate for rate in best if _same(answer, rate, 1e-9)), best[0])
    mistakes = [
        (max(sweep.values()), "this is the best accuracy. Which rate reached it?"),
        (min(sweep, key=sweep.get), "this rate did worst: take the largest accuracy"),
        (
            min(sweep),
            "this is the smallest rate. Compare their accuracies: sweep[rate]",
        ),
        (max(sweep), "this is the largest rate. Compare their accuracies: sweep[rate]"),
        (
            list(sweep).index(right),
            "this is the best rate's place in the list. Give the rate itself",
        ),
        *((rate, "another rate did better: compare the values") for rate in sweep),
    ]
    return _judge("4.2", answer, right, mistakes, tolerance=1e-9)


def most_confused(answer, counts: torch.Tensor) -> tuple[int, int]:
    """Exercise 4.3: the most common mistake, as (what it was, what the model said).

    counts: int [10, 10]; row i, column j: images of digit i that were called j.
    """

    def place(matrix):
        return divmod(matrix.argmax().item(), matrix.shape[1])

    mistaken = counts.clone().fill_diagonal_(0)
    most = (mistaken == mistaken.max()).nonzero().tolist()
    right = tuple(next((pair for pair in most if _same(answer, pair, 0)), most[0]))
    mistakes = [
        (place(counts), "this is the most common right answer: leave out the diagonal"),
        (
            right[::-1],
            "turned round, for rows are what it was, columns what the model said; or "
            "you split the count itself, where argmax gives the place",
        ),
        (
            mistaken.argmax(),
            "this numbers the cells row by row: divmod(number.item(), 10) splits it",
        ),
        (
            counts.argmax(),
            "this numbers the cells row by row, right answers included: leave out the "
            "diagonal, then divmod(number.item(), 10) splits it",
        ),
        (mistaken.max(), "this is how often it happened. Between which two digits?"),
        (
            place(mistaken + mistaken.T),
            "this adds up both directions. We ask for one row and one column",
        ),
        *((pair, "on the diagonal are right answers") for pair in zip(DIGITS, DIGITS)),
        *(
            (pair, "another pair off the diagonal is more frequent")
            for pair in itertools.product(DIGITS, DIGITS)
        ),
    ]
    if torch.equal(mistaken, counts) and answer is not None:
        _say(
            "4.3",
            "wrong",
            "not yet: the diagonal of confusion itself is 0 now. Run the cell that "
            "counts it once more, and work on a .clone().",
        )
        return right
    return _judge("4.3", answer, right, mistakes)


def _judge(exercise, answer, right, mistakes, tolerance=1e-5):
    """Display the verdict on a value; return the right one, in the form wanted."""
    if answer is None or answer is ...:
        _say(
            exercise, "todo", "not done yet. Write your answer above and run the cell."
        )
    elif _same(answer, right, tolerance):
        _say(exercise, "right", "right.")
    else:
        _say(exercise, "wrong", _hint(answer, right, mistakes, tolerance))
    return right


def _judge_function(exercise, answer, right, cases, exact_dtype=False):
    """Display the verdict on a function, called with the arguments of each case.

    cases: list of (arguments, mistakes). Returns the function to go on with.
    """
    if not callable(answer):
        hint = "this must be a function: keep the line that starts with def"
        _say(exercise, "wrong", hint)
        return right
    for arguments, mistakes in cases:
        try:
            got = answer(*(_copy(argument) for argument in arguments))
        except Exception as error:  # whatever a learner's code may raise
            hint = f"your function stopped with {type(error).__name__}: {error}"
            _say(exercise, "wrong", hint)
            return right
        if got is None or got is ...:
            _say(exercise, "todo", "not done yet. Let the function return its result.")
            return right
        expected = right(*arguments)
        if not _same(got, expected, 1e-5, exact_dtype):
            called = " and ".join(map(_shape, arguments))
            called = f" The check called your function with {called}."
            hint = _hint(got, expected, mistakes, 1e-5, exact_dtype, called)
        elif not _as_tensors(got, expected):
            hint = "not yet: the values are right, but in a list. Return a tensor."
        else:
            continue
        _say(exercise, "wrong", hint)
        return right
    _say(exercise, "right", "right.")
    return answer


def _as_tensors(got, expected) -> bool:
    """Whether what should be a tensor is one; the next cells rely on it."""
    if isinstance(expected, tuple):
        return all(map(_as_tensors, got, expected))
    return torch.is_tensor(got) or not torch.is_tensor(expected)


def _copy(argument):
    """A copy of an argument, so that a function under test cannot change ours."""
    return argument.clone() if torch.is_tensor(argument) else list(argument)


def _hint(answer, right, mistakes, tolerance, exact_dtype=False, called="") -> str:
    """The hint of the mistake that gives this answer, else what can be said of it."""
    for value, hint in mistakes:
        same_as_right = _same(value, right, tolerance, exact_dtype)
        if not same_as_right and _same(answer, value, tolerance, exact_dtype):
            return f"not yet: {hint}" + "." * (not hint.endswith("?"))
    if _shape(answer) != _shape(right):
        return f"not yet: you gave {_shape(answer)}; wanted: {_shape(right)}.{called}"
    if exact_dtype and _same(answer, right, tolerance):
        return "not yet: the values are right, but not their dtype."
    if _shape(right) == _shape(0.0):
        least, most = sorted((0.99 * right, 1.01 * right))
        if least <= answer <= most:
            return "not yet, but close: let Python compute it all, unrounded."
        return f"not yet: this number is too {'large' if answer > right else 'small'}."
    return f"not yet: the form is right, the values are not.{called}"


def _same(answer, right, tolerance, exact_dtype=False) -> bool:
    """Whether two answers (numbers, tensors or sequences) agree, nan equal to nan."""
    if isinstance(right, tuple) and any(torch.is_tensor(part) for part in right):
        return (
            isinstance(answer, (tuple, list))
            and len(answer) == len(right)
            and all(
                _same(a, b, tolerance, exact_dtype)
                for a, b in zip(answer, right, strict=True)
            )
        )
    try:
        answer, right = torch.as_tensor(answer), torch.as_tensor(right)
    except (TypeError, ValueError, RuntimeError):
        return False
    if exact_dtype and answer.dtype != right.dtype:
        return False
    return answer.shape == right.shape and torch.allclose(
        answer.double(), right.double(), rtol=0, atol=tolerance, equal_nan=True
    )


def _shape(value) -> str:
    """What a learner would call the form of a value."""
    if torch.is_tensor(value) and value.dim():
        return f"a tensor of shape {list(value.shape)}"
    if isinstance(value, (tuple, list)):
        if any(torch.is_tensor(part) for part in value):
            return "(" + ", ".join(_shape(part) for part in value) + ")"
        return f"{len(value)} value" + "s" * (len(value) != 1)
    if isinstance(value, (int, float)) or torch.is_tensor(value):
        return "a single number"
    return f"a value of type {type(value).__name__}"


def _say(exercise: str, status: str, message: str) -> None:
    """Display one verdict, for a person and, beside it, for a program that grades."""
    verdict = {"exercise": exercise, "status": status, "message": message}
    text = f"{MARKS[status]} Exercise {exercise}: {message}"
    box = f'<div class="alert alert-{BOXES[status]}">{escape(text)}</div>'
    display({"text/plain": text, "text/html": box, MIME: verdict}, raw=True)

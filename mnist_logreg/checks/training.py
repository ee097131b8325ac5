"""The exercises of notebook 04 on the loop: what mistakes give, and the help."""

import math

import torch

from mnist_logreg.checks.calls import call_epoch
from mnist_logreg.checks.exercise import FunctionExercise, ValueExercise
from mnist_logreg.training import train_epoch as package_epoch

# ----------------------------------------------- 4.1: the lines of the training loop


def _epoch(model, loader, loss_fn, optimizer):
    return package_epoch(model, loader, loss_fn, optimizer)[0]


def tiny_task(chance, *sizes):
    """A linear model of pixels, and sets of so many images with labels 0 to 2."""
    sets = [
        [
            torch.rand(n, 1, 28, 28, generator=chance),
            torch.randint(3, (n,), generator=chance),
        ]
        for n in sizes
    ]
    return [torch.randn(3, 784, generator=chance) / 10, torch.zeros(3)], *sets


def _tiny_tasks(chance):
    for n in (8, 10):  # in batches of 3: the last one is smaller
        yield *tiny_task(chance, n), "CrossEntropyLoss", 0.5


def _epoch_with(
    *, zero=True, step=1, softmax=False, order="usual", mean="images", ink=1
):
    """An epoch with one of several mistakes."""

    def epoch(model, loader, loss_fn, optimizer):
        total, seen, losses = 0.0, 0, []
        for images, labels in loader:
            if zero:
                optimizer.zero_grad()
            outputs = model(images.flatten(1) / ink)
            outputs = torch.softmax(outputs, dim=1) if softmax else outputs
            loss = loss_fn(outputs, labels)
            if order == "step first":
                optimizer.step()
            loss.backward()
            for _ in range(step if order != "step first" else 0):
                optimizer.step()
            losses.append(loss.item())
            total += loss.item() * len(labels)
            seen += len(labels)
        results = {
            "images": total / seen,
            "batches": sum(losses) / len(losses),
            "last": losses[-1],
            "sum": total,
            "sum of batches": sum(losses),
            "per batch": total / len(losses),
        }
        return results[mean]

    return epoch


EPOCH_MISTAKES = {
    "the old slopes were never forgotten, so those of all batches add up. Begin each "
    "round with `optimizer.zero_grad()`": {"zero": False},
    "the weights did not move. Is `loss.backward()` there, and `optimizer.step()` "
    "below it? And does `zero_grad()` come before both, not between them, where it "
    "wipes out the slopes before they are used?": {"step": 0},
    "each batch takes its step twice: one `optimizer.step()` is enough": {"step": 2},
    "the loader's pixels run from 0 to 1 already: do not divide them again": {
        "ink": 255
    },
    "`step` comes before `backward`: take the step when the slopes are there, and "
    "begin each round with `zero_grad`": {"zero": False, "order": "step first"},
    "there is a softmax too many: the loss is given what the model returns": {
        "softmax": True
    },
    "the model learned well. The mean loss is over images: each batch counts by its "
    "number of images, and the last one is smaller": {"mean": "batches"},
    "the model learned well, but this is the loss of the last batch. Do the two lines "
    "with `+=` stand inside the loop, below your five?": {"mean": "last"},
    "the model learned well, but this is the sum of the losses. Divide by `seen`": {
        "mean": "sum"
    },
    "the model learned well, but this is a sum over batches. Return `total / seen`": {
        "mean": "sum of batches"
    },
    "the model learned well, but this divides by the number of batches. Divide by the "
    "number of images, `seen`": {"mean": "per batch"},
}


def _epoch_mistakes(model, loader, loss_fn, optimizer):
    for hint, how in EPOCH_MISTAKES.items():
        yield call_epoch(_epoch_with(**how), model, loader, loss_fn, optimizer), hint
    first = [part[:3] for part in loader]
    yield (
        call_epoch(_epoch, model, first, loss_fn, optimizer),
        "only the first batch was learned from. The five lines and the two below them "
        "stand in the loop, and `return` stands under `for`",
    )


train_epoch = FunctionExercise(
    number="4.1",
    answer="my_train_epoch",
    expected=_epoch,
    public=package_epoch,
    cases=_tiny_tasks,
    call=call_epoch,
    mistakes=_epoch_mistakes,
    otherwise="the model has learned, but not what the five lines teach it. Each of "
    "them runs once for each batch, with the model, the loss function and the "
    "optimizer that the function is given",
    nudge="Five lines, one for each item of the list above, in that order.",
    step="The first two are `optimizer.zero_grad()` and `outputs = "
    "model(images.flatten(1))`. The third gives the name `loss` to something.",
    solution="""
def my_train_epoch(model, loader, loss_fn, optimizer):
    total, seen = 0.0, 0
    for images, labels in loader:
        optimizer.zero_grad()
        outputs = model(images.flatten(1))
        loss = loss_fn(outputs, labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        seen += len(labels)
    return total / seen
""",
)


# --------------------------------------------------- 4.2: how small the loss can get


def _floor(lesson):
    return math.log(1 + 9 / math.e)


def _floor_mistakes(lesson):
    e, right = math.e, _floor(lesson)
    best = e / (e + 9)
    yield best, "this is the best probability. The loss is minus its logarithm"
    yield (
        0.0,
        "nothing but a probability of 1 costs 0. How large can softmax make it here?",
    )
    yield -right, "a loss is positive: minus the logarithm of a number below 1"
    yield (
        math.log(1 + 8 / e),
        "there are nine other digits, not eight, besides the true one",
    )
    yield (
        (10 * right + 9) / 10,
        "this averages over all ten digits. Take the true one's alone",
    )
    yield 100 * best, "this is the best probability, in percent"
    yield -math.log(10), "put `math.e + 9` in brackets: division comes before addition"
    yield 1 / e, "this is one over e. Softmax divides by the sum of all ten powers"
    for decimals in (4612, 461, 46):
        yield [1, decimals], "Python writes a decimal point, not a comma"
    yield math.log10(1 + 9 / e), "this is the logarithm to base 10. Use `math.log`"
    yield math.log2(1 + 9 / e), "this is the logarithm to base 2. Use `math.log`"
    yield math.log(10), "this is the loss of a guessing model: all ten outputs alike"
    yield (
        math.log(1 + 10 / e),
        "there are nine other digits, not ten, besides the true one",
    )
    yield (
        math.log(10 / e),
        "`e + 9` stands below, not 10: nine outputs of 0 and one of 1",
    )
    yield (
        math.log(e + 9),
        "this is minus the logarithm of 1 over the sum. Above stands `e`, not 1",
    )
    yield (
        math.log(1 + 9 * e),
        "here the nine others have an output of 1, the true one 0. Turn it round",
    )
    yield (
        math.log(9 / e),
        "the true digit's own power is missing from the sum: `e + 9`, not 9",
    )
    sigmoid = 1 / (1 + 1 / e)
    yield -math.log(sigmoid), "this compares with one other digit. There are nine"
    yield (
        1 - best,
        "this is the probability of all wrong digits together. The loss is minus the "
        "logarithm of the true one's",
    )
    yield (
        best * right,
        "this is weighted by the probability. The loss is the logarithm alone",
    )
    yield 1.0, "this is the output of the true digit. Put it through softmax first"
    yield 1 + 9 / e, "take the logarithm of it"
    yield (
        e + 9,
        "this is the sum of the powers. Divide `e` by it, then take minus the log",
    )


loss_floor = ValueExercise(
    number="4.2",
    answer="my_floor",
    expected=_floor,
    mistakes=_floor_mistakes,
    tolerance=5e-4,
    nudge="Ten outputs: a 1 for the true digit and nine zeros. Softmax, then −log.",
    step="e¹ = e and e⁰ = 1, so softmax gives the true digit e / (e + 9). In Python, e "
    "is `math.e`.",
    solution="my_floor = -math.log(math.e / (math.e + 9))",
)

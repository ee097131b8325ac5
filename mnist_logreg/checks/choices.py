"""The exercises of notebook 04 on choices: what mistakes give, and the help."""

import torch
from torch.nn import functional as F

from mnist_logreg.checks.calls import call_choice, call_fit
from mnist_logreg.checks.exercise import FunctionExercise
from mnist_logreg.checks.training import tiny_task
from mnist_logreg.training import evaluate

# ------------------------------------------------------- 4.3: a loop with four bugs


def _fit_with(*, zero=True, once=True, images=True, validation=True, **other):
    """The loop; each argument that is False leaves one of the four bugs in."""

    def fit(model, train_loader, validation_loader, test_loader, optimizer, epochs):
        losses, scores = [], []
        judged = validation_loader if validation else test_loader
        for _ in range(epochs):
            total, seen = 0.0, 0
            if "once an epoch" in other:
                optimizer.zero_grad()
            for batch, labels in train_loader:
                if zero and "once an epoch" not in other:
                    optimizer.zero_grad()
                outputs = model(batch.flatten(1))
                outputs = outputs if once else torch.softmax(outputs, dim=1)
                loss = F.cross_entropy(outputs, labels)
                loss.backward()
                optimizer.step()
                total += loss.item() * other.get("times", len(labels) if images else 1)
                seen += other.get("plus", len(labels) if images else 1)
            losses.append(total / seen)
            judged = train_loader if "train" in other else judged
            cost, accuracy = evaluate(model, judged)
            scores.append(-cost if "lowest" in other else accuracy)
        best = max(scores)
        return losses, best if "best" in other else scores.index(best)

    return fit


_fit = _fit_with()


def _fit_tasks(chance):
    # With these two seeds each bug, and each set of bugs, comes to another result.
    fixed = [torch.Generator("cpu").manual_seed(seed) for seed in (49, 370)]
    for generator in (*fixed, chance):
        yield *tiny_task(generator, 10, 12, 12), 0.02, 5


BUGS = {
    "zero": "the slopes of all batches add up: nothing forgets the old ones",
    "once": "the loss, `cross_entropy`, applies softmax itself, and here it is applied "
    "twice",
    "images": "the mean is one of batches, though the last batch is smaller. Let each "
    "image count the same",
    "validation": "the best epoch is not chosen by the accuracy on the validation "
    "images. Which loader is judged, and which of the two numbers counts?",
}
COUNTS = (
    "no bug is",
    "one bug is",
    "two bugs are",
    "three bugs are",
    "not done yet: all four bugs are",
)


def _fit_mistakes(*task):
    def fit(**how):
        return call_fit(_fit_with(**how), *task)

    parts = list(BUGS)
    for left in range(1, 2 ** len(parts)):
        bugs = [part for i, part in enumerate(parts) if left >> i & 1]
        which = ("It is this: " if len(bugs) == 1 else "One of them: ") + BUGS[bugs[0]]
        if len(bugs) == len(parts):
            which = "Follow one batch through the loop: what is each line for?"
        yield fit(**dict.fromkeys(bugs, False)), f"{COUNTS[len(bugs)]} left. {which}"
    yield (
        fit(lowest=True),
        "this is the epoch with the lowest loss on the validation images, a good "
        "choice. The question is about the accuracy, the second of the two numbers",
    )
    yield fit(train=True), f"one bug is left. It is this: {BUGS['validation']}"
    yield (
        fit(**{"once an epoch": True}),
        "the old slopes are forgotten once an epoch. `zero_grad` belongs into the "
        "inner loop: once for each batch",
    )
    for other in ({"times": 1}, {"plus": 1}):
        yield (
            fit(**other),
            "the mean loss is not one over images: multiply each batch's loss by the "
            "number of its images, and divide by the number of all",
        )
    yield fit(best=True), "this is the best accuracy. Return the number of its epoch"
    (losses, best), weight, bias = fit()
    yield [losses, weight, bias], "return both, the losses and the best epoch"
    yield [best, weight, bias], "return both, the losses and the best epoch"
    yield (
        [(best, losses), weight, bias],
        "return the losses first, then the best epoch, as the loop did",
    )
    yield (
        [(losses, best + 1), weight, bias],
        "the best epoch is one too high: Python counts from 0",
    )
    yield (
        call_fit(_fit, *task[:-1], 1),
        "only the first epoch was run: `return` stands under the first `for`",
    )


repaired_loop = FunctionExercise(
    number="4.3",
    answer="my_fit",
    expected=_fit,
    cases=_fit_tasks,
    call=call_fit,
    mistakes=_fit_mistakes,
    otherwise="no known bug is left, but something else is not right. Is the mean over "
    "all images of `train_loader`, whatever their number? Are all other lines as they "
    "were?",
    tolerance=1e-4,
    nudge="Ask of each line: what is it for, and is it where it belongs? One line is "
    "missing, one does a thing twice, one counts batches, one looks at the wrong set.",
    step="Begin with the missing line. Of the five lines that you wrote in Exercise "
    "4.1, which one is not there?",
    solution="""
def my_fit(model, train_loader, validation_loader, test_loader, optimizer, epochs):
    losses, scores = [], []
    for epoch in range(epochs):
        total, seen = 0.0, 0
        for images, labels in train_loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images.flatten(1)), labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
            seen += len(labels)
        losses.append(total / seen)
        scores.append(evaluate(model, validation_loader)[1])
    return losses, scores.index(max(scores))
""",
)


# --------------------------------------------------------- 4.4: choose a weight decay


def _choice(decays, validation_loss):
    return min(decays, key=validation_loss)


def _decay_tasks(chance):
    yield [0.01, 0.1, 0.003, 0.0, 0.05, 0.03], [0.45, 0.6, 0.4, 0.5, 0.8, 0.55]
    for n in (7, 9):
        decays = torch.rand(n, generator=chance).mul(80).add(10).round().div(1000)
        losses = 1.2 + torch.rand(n, generator=chance)  # above all decays
        # The best one is neither the first nor the last, and not the smallest; its
        # place is drawn, so that no fixed place is right.
        losses[torch.randint(1, n - 1, (1,), generator=chance)] = 1.1
        decays = (decays + 0.1 * torch.arange(n, 0, -1)).tolist()
        yield [round(decay, 3) for decay in decays], losses.tolist()
    # Losses far above 1; the best decay at either end; a second best after the best.
    yield [0.02, 0.3, 0.004], [1300.0, 1500.0, 1200.0]
    yield [0.006, 0.3, 0.05], [1.1, 1.3, 1.2]
    yield [0.006, 0.3, 0.05, 0.01], [1.3, 1.1, 1.4, 1.2]


def _decay_mistakes(decays, losses):
    best = min(range(len(losses)), key=losses.__getitem__)
    worst = max(range(len(losses)), key=losses.__getitem__)
    yield decays[worst], "this is the decay with the largest loss. A small loss is good"
    yield losses[best], "this is the smallest loss. Return the decay that gave it"
    yield losses[worst], "this is the largest loss. Return the decay with the smallest"
    yield best, "this is the place in the list. Return the decay that stands there"
    for pair in ((losses[best], decays[best]), (decays[best], losses[best])):
        yield pair, "this is the decay with its loss. Return the decay alone"
    yield losses, "these are all the losses. Return the decay of the smallest one"
    yield dict(zip(decays, losses)), "return the decay alone whose loss is smallest"
    yield sorted(losses), "these are the losses. Return the decay of the smallest one"
    yield (
        [decays[i] for i in sorted(range(len(losses)), key=losses.__getitem__)],
        "these are all the decays, the best one first. Return that one alone",
    )
    lower = [d for d, loss in zip(decays, losses) if loss < losses[0]]
    if lower:
        yield (
            lower[-1],
            "this is the last decay that is better than the first. When you find a "
            "lower loss, remember the loss too, not only the decay",
        )
    for decay, said in (
        (decays[0], "this is the first decay of the list"),
        (decays[-1], "this is the last decay of the list"),
        (min(decays), "this is the smallest decay"),
        (max(decays), "this is the largest decay"),
    ):
        yield (
            decay,
            f"{said}. Call `validation_loss` on each and compare all losses, before "
            "anything is returned",
        )
    yield sum(losses) / len(losses), "this is a mean of losses. Return the best decay"
    yield decays, "these are all the decays. Return the one with the smallest loss"


best_decay = FunctionExercise(
    number="4.4",
    answer="my_choice",
    expected=_choice,
    cases=_decay_tasks,
    call=call_choice,
    mistakes=_decay_mistakes,
    nudge="Call `validation_loss` on each decay, and remember the best one so far.",
    step="Python's `min` takes a function to compare by: `min(words, key=len)` is the "
    "shortest word.",
    solution="""
def my_choice(decays, validation_loss):
    return min(decays, key=validation_loss)
""",
)

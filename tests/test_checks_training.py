"""Notebook 04: what learners answer, and what they must hear."""

import pytest
from checking import Notebook, enough, rows

from mnist_logreg import checks

TRAIN = """
def my_train_epoch(model, loader, loss_fn, optimizer):
    total, seen = 0.0, 0
    for images, labels in loader:
        {}
        total += loss.item() * len(labels)
        seen += len(labels)
    return total / seen
"""
ZERO = "optimizer.zero_grad()"
ASK = "outputs = model(images.flatten(1))"
COST = "loss = loss_fn(outputs, labels)"
SLOPES = "loss.backward()"
STEP = "optimizer.step()"


def loop(*lines: str) -> str:
    """A training loop with these lines."""
    return TRAIN.format("\n        ".join(lines))


USUAL = loop(ZERO, ASK, COST, SLOPES, STEP)

FIT = """
def my_fit(model, train_loader, validation_loader, test_loader, optimizer, epochs):
    losses, scores = [], []
    for epoch in range(epochs):
        total, seen = 0.0, 0
        for images, labels in train_loader:
            optimizer.zero_grad()
            outputs = model(images.flatten(1))
            loss = nn.functional.cross_entropy(outputs, labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
            seen += len(labels)
        losses.append(total / seen)
        scores.append(evaluate(model, validation_loader)[1])
    return losses, scores.index(max(scores))
"""


def fit(*changes: tuple[str, str]) -> str:
    """The repaired loop, with parts of it changed."""
    code = FIT
    for old, new in changes:
        assert old in code
        code = code.replace(old, new)
    return code


NO_ZERO = ("            optimizer.zero_grad()\n", "")
TWICE = ("model(images.flatten(1))", "torch.softmax(model(images.flatten(1)), dim=1)")
BATCHES = ("total += loss.item() * len(labels)", "total += loss.item()")
BY_BATCHES = ("total / seen", "total / len(train_loader)")
ON_TEST = ("validation_loader)[1]", "test_loader)[1]")

CHOICE = "def my_choice(decays, validation_loss):\n    "

RIGHT = {
    "4.1": [
        USUAL,
        checks.train_epoch.solution,
        USUAL.replace("flatten(1)", "view(-1, 28 * 28)"),
        USUAL.replace("total / seen", "torch.tensor(total / seen)"),
        loop(ASK, COST, ZERO, SLOPES, STEP),
        loop(ASK, COST, SLOPES, STEP, ZERO),
    ],
    "4.2": [
        checks.loss_floor.solution,
        "my_floor = math.log(1 + 9 / math.e)",
        "my_floor = 1.4612",
        "my_floor = loss_fn(torch.tensor([[1.0] + 9 * [0.0]]), torch.tensor([0]))",
        "my_floor = -torch.log_softmax(torch.eye(10)[0], dim=0)[0]",
    ],
    "4.3": [
        FIT,
        checks.repaired_loop.solution,
        fit(("return losses, scores", "return torch.tensor(losses), scores")),
    ],
    "4.4": [
        checks.best_decay.solution,
        CHOICE + "losses = [validation_loss(d) for d in decays]\n"
        "    return decays[losses.index(min(losses))]",
        CHOICE + "best, lowest = None, float('inf')\n"
        "    for decay in decays:\n"
        "        loss = validation_loss(decay)\n"
        "        if loss < lowest:\n"
        "            best, lowest = decay, loss\n"
        "    return best",
        CHOICE + "return sorted(decays, key=validation_loss)[0]",
    ],
}

WRONG = {
    "4.1": [
        (loop(ASK, COST, SLOPES, STEP), "never forgotten"),
        (
            loop(ZERO, ASK, COST, STEP),
            "the weights did not move. Is `loss.backward()` there",
        ),
        (loop(ZERO, ASK, COST, SLOPES), "the weights did not move"),
        (loop(ASK, COST, SLOPES, ZERO, STEP), "not between them"),
        (loop(ZERO, ASK, COST, STEP, SLOPES), "`optimizer.step()` below it"),
        (loop(ZERO, "outputs = model(images)", COST, SLOPES, STEP), "flattened"),
        (loop(ZERO, ASK, "loss = loss_fn(labels, outputs)", SLOPES, STEP), "outputs"),
        (loop(ZERO, ASK, "loss = outputs - 1", SLOPES, STEP), "a single number"),
        (loop(ZERO, ASK, "loss_fn(outputs, labels)", SLOPES, STEP), "loss"),
        (loop(ZERO, COST, ASK, SLOPES, STEP), "outputs"),
        (
            loop(
                ZERO, ASK, "outputs = torch.softmax(outputs, dim=1)", COST, SLOPES
            ).replace("        total +=", "        optimizer.step()\n        total +="),
            "a softmax too many",
        ),
        (loop(ZERO, ASK, COST, "loss.backward", STEP), "backward"),
        (loop(ZERO, ASK, COST, SLOPES, "optimizer.step"), "step"),
        (loop(ZERO, ASK, COST, "backward()", STEP), "nothing is called `backward`"),
        (loop("zero_grad()", ASK, COST, SLOPES, STEP), "called `zero_grad`"),
        (loop(ZERO, ASK, COST, "loss.backwards()", STEP), "backwards"),
        (loop(ZERO, ASK, COST, "outputs.backward()", STEP), "single number"),
        (USUAL.replace("    return total", "        return total"), "inside the loop"),
        (USUAL.replace("total / seen", "total"), "Divide by `seen`"),
        (USUAL.replace("total / seen", "loss.item()"), "the last batch"),
        (
            USUAL.replace(" * len(labels)\n", "\n").replace("/ seen", "/ len(loader)"),
            "The mean loss is over images",
        ),
        (USUAL.replace("return total / seen", "print(total / seen)"), "`print` shows"),
    ],
    "4.2": [
        ("my_floor = math.e / (math.e + 9)", "this is the best probability"),
        ("my_floor = 0", "nothing but a probability of 1"),
        ("my_floor = math.log(math.e / (math.e + 9))", "a loss is positive"),
        ("my_floor = -math.log10(math.e / (math.e + 9))", "base 10"),
        ("my_floor = -math.log2(math.e / (math.e + 9))", "base 2"),
        ("my_floor = math.log(10)", "a guessing model"),
        ("my_floor = -math.log(math.e / (math.e + 10))", "not ten"),
        ("my_floor = -math.log(math.e / 10)", "`e + 9` stands below"),
        ("my_floor = -math.log(1 / (math.e + 9))", "Above stands `e`"),
        ("my_floor = -math.log(1 / (1 + 9 * math.e))", "Turn it round"),
        ("my_floor = -math.log(math.e / 9)", "own power is missing"),
        ("my_floor = -math.log(1)", "nothing but a probability of 1"),
        ("my_floor = 1", "Put it through softmax first"),
        ("my_floor = 1 - math.e / (math.e + 9)", "all wrong digits together"),
        ("my_floor = -math.log(torch.sigmoid(torch.tensor(1.0)))", "nine"),
        ("my_floor = 1.46", "close"),
        ("my_floor = -log(e / (e + 9))", "nothing is called"),
        ("my_floor = math.e + 9", "the sum of the powers"),
        ("print(-math.log(math.e / (math.e + 9)))", "Begin it with `my_floor = `"),
    ],
    "4.3": [
        (fit(NO_ZERO), "one bug is left. It is this: the slopes of all batches"),
        (fit(TWICE), "one bug is left. It is this: the loss, `cross_entropy`"),
        (fit(BATCHES, BY_BATCHES), "It is this: the mean is one of batches"),
        (
            fit(ON_TEST),
            "It is this: the best epoch is not chosen by the accuracy on the val",
        ),
        (fit(NO_ZERO, TWICE), "two bugs are left"),
        (fit(NO_ZERO, BATCHES, BY_BATCHES), "two bugs are left"),
        (fit(NO_ZERO, ON_TEST), "two bugs are left"),
        (fit(TWICE, BATCHES, BY_BATCHES), "two bugs are left"),
        (fit(TWICE, ON_TEST), "two bugs are left"),
        (fit(BATCHES, BY_BATCHES, ON_TEST), "two bugs are left"),
        (fit(NO_ZERO, TWICE, ON_TEST), "three bugs are left"),
        (fit(NO_ZERO, TWICE, BATCHES, BY_BATCHES, ON_TEST), "all four bugs are left"),
        (fit(("return losses, scores", "return scores")), "return both"),
        (fit(("return losses, scores.index(max(scores))", "return losses")), "both"),
        (fit(("    return losses", "        return losses")), "inside the loop"),
        (fit(BATCHES), "images"),
        (fit(("total / seen", "total / len(train_loader)")), "images"),
        (fit(("scores.index(max(scores))", "max(scores)")), "the number of its epoch"),
        (fit(("validation_loader)[1]", "validation_loader)[0]")), "Which loader"),
        (fit(("validation_loader)[1]", "train_loader)[1]")), "Which loader"),
    ],
    "4.4": [
        (CHOICE + "return max(decays, key=validation_loss)", "the largest loss"),
        (CHOICE + "return min(validation_loss(d) for d in decays)", "smallest loss"),
        (CHOICE + "return min(decays)", "the smallest decay"),
        (CHOICE + "return decays[0]", "the first decay"),
        (CHOICE + "return decays[-1]", "the last decay"),
        (CHOICE + "return validation_loss(decays)", "list"),
        (CHOICE + "return min(validation_loss)", "brackets"),
        (CHOICE + "return [validation_loss(d) for d in decays]", "all the losses"),
        (
            CHOICE + "losses = [validation_loss(d) for d in decays]\n"
            "    return losses.index(min(losses))",
            "the place in the list",
        ),
        (
            CHOICE + "return min((validation_loss(d), d) for d in decays)",
            "the decay with its loss",
        ),
        (CHOICE + "return sorted(decays, key=validation_loss)", "the best one first"),
        (
            CHOICE + "for decay in decays:\n        return validation_loss(decay)",
            "inside the loop",
        ),
        (CHOICE + "print(min(decays, key=validation_loss))", "`return` in its place"),
        (CHOICE + "return min(decays, key=validation_loss(decays))", "list"),
        (CHOICE + "return 0.003", "whatever it is given"),
        (CHOICE + "return decays", "all the decays"),
        (
            CHOICE + "best = min(decays, key=validation_loss)",
            "must begin with `return`",
        ),
        (CHOICE + "return decays.min()", "min"),
        (CHOICE + "return max(decays)", "largest decay"),
    ],
}


@pytest.fixture
def lesson(notebook: Notebook):
    """What the cells above have imported and made."""
    notebook.run(
        "import math\nimport torch.nn as nn\n"
        "from mnist_logreg.training import evaluate\nloss_fn = nn.CrossEntropyLoss()"
    )
    return notebook


@pytest.mark.parametrize(("number", "code"), rows(RIGHT))
def test_right_in_any_form(lesson, number, code):
    assert lesson.answer(number, code) == ("right", "right.")


@pytest.mark.parametrize(("number", "code", "words"), rows(WRONG))
def test_a_mistake_is_named(lesson, number, code, words):
    status, message = lesson.answer(number, code)
    assert status == "wrong"
    assert words in message


def test_there_are_enough_wrong_answers():
    enough(WRONG, "4")

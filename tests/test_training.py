"""The standard loop against the article's program, and the gradient by hand."""

import math
import os
import signal
import subprocess
import sys

import pytest
import torch
from torch import nn, optim
from torch.utils.data import DataLoader

from mnist_logreg.data import InMemoryDataset, load, open_data, take_whole
from mnist_logreg.errors import UserError
from mnist_logreg.model import LogisticRegression, SoftmaxRegression
from mnist_logreg.training import (
    gradient,
    lean_steps,
    train,
    train_by_hand,
    train_epoch,
)

HEADS = pytest.mark.parametrize("head", [LogisticRegression, SoftmaxRegression])


@pytest.fixture(scope="module")
def digits():
    return load(open_data("digits"))


def loaders(sets, batch_size=32):
    return (
        DataLoader(sets[0], batch_size, shuffle=True, collate_fn=take_whole),
        DataLoader(sets[1], batch_size, collate_fn=take_whole),
    )


def fresh(head, seed=0):
    torch.manual_seed(seed)
    return head(784, 10)


# ------------------------------------------------------------ against the article's own


def article(root, epochs):
    """The article's program. Returns what it prints, its losses and its accuracies."""
    from torchvision import datasets, transforms

    to_tensor = transforms.ToTensor()
    torch.manual_seed(0)
    train_dataset = datasets.MNIST(root=root, train=True, transform=to_tensor)
    test_dataset = datasets.MNIST(root=root, train=False, transform=to_tensor)
    train_loader = DataLoader(dataset=train_dataset, batch_size=32, shuffle=True)
    test_loader = DataLoader(dataset=test_dataset, batch_size=32, shuffle=False)
    log_regr = LogisticRegression(28 * 28, 10)
    loss_fn = nn.CrossEntropyLoss()
    optimizer = optim.SGD(log_regr.parameters(), lr=0.001)
    lines, losses, accuracies = [], [], []
    for epoch in range(epochs):
        for images, labels in train_loader:
            optimizer.zero_grad()
            outputs = log_regr(images.view(-1, 28 * 28))
            loss = loss_fn(outputs, labels)
            loss.backward()
            optimizer.step()
        correct = 0
        for images, labels in test_loader:
            outputs = log_regr(images.view(-1, 28 * 28))
            _, predicted = torch.max(outputs.data, 1)
            correct += (predicted == labels).sum().item()
        accuracy = 100 * correct / len(test_dataset)
        lines.append(
            f"Epoch: {epoch}. Loss: {loss.item():.4f}. Accuracy: {accuracy:.2f}%"
        )
        losses.append(loss.item())
        accuracies.append(accuracy)
    return lines, losses, accuracies


@pytest.mark.parametrize(("source", "epochs"), [("digits", 4), ("mnist", 1)])
def test_both_ways_of_training_repeat_the_article(source, epochs, capsys):
    try:
        data = open_data(source)
    except UserError as error:
        pytest.skip(str(error))
    with lean_steps():
        lines, losses, accuracies = article(data.root, epochs)
    sets = load(data)

    torch.manual_seed(0)
    train_loader, test_loader = loaders(sets)
    model = LogisticRegression(28 * 28, 10)
    standard = train(model, train_loader, test_loader, epochs=epochs, lr=0.001)
    assert capsys.readouterr().out.splitlines() == lines
    assert standard.test_accuracy == accuracies

    by_hand = train_by_hand(
        fresh(LogisticRegression), *sets, epochs=epochs, lr=0.001, batch_size=32
    )
    assert by_hand.train_loss == pytest.approx(standard.train_loss, abs=1e-3)
    assert by_hand.last_batch_loss == pytest.approx(losses, abs=1e-3)
    assert by_hand.test_accuracy == pytest.approx(accuracies, abs=0.1)


def test_by_hand_repeats_the_standard_loop_without_the_sigmoid(digits, capsys):
    one, other = fresh(SoftmaxRegression), fresh(SoftmaxRegression)
    torch.manual_seed(1)
    standard = train(one, *loaders(digits, 50), epochs=3, lr=0.05)
    torch.manual_seed(1)
    by_hand = train_by_hand(other, *digits, epochs=3, lr=0.05, batch_size=50)
    assert by_hand.train_loss == pytest.approx(standard.train_loss, abs=1e-5)
    assert by_hand.last_batch_loss == pytest.approx(standard.last_batch_loss, abs=1e-5)
    assert by_hand.test_accuracy == standard.test_accuracy
    torch.testing.assert_close(one.linear.weight, other.linear.weight)


@pytest.mark.parametrize("batch_size", [7, 32, 2000])
def test_by_hand_learns_from_the_same_batches_in_the_same_order(
    digits, capsys, batch_size
):
    """With a large step, any other order would end at other weights."""
    one, other = fresh(SoftmaxRegression), fresh(SoftmaxRegression)
    torch.manual_seed(2)
    standard = train(one, *loaders(digits, batch_size), epochs=2, lr=0.3)
    after_standard = torch.rand(())
    torch.manual_seed(2)
    by_hand = train_by_hand(other, *digits, epochs=2, lr=0.3, batch_size=batch_size)
    assert torch.rand(()) == after_standard  # the same random numbers were drawn
    assert by_hand.last_batch_loss == pytest.approx(standard.last_batch_loss, abs=1e-5)
    torch.testing.assert_close(
        other.linear.weight, one.linear.weight, rtol=0, atol=1e-5
    )


# ------------------------------------------------------------ the gradient


@HEADS
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-14)]
)
def test_the_gradient_by_hand_is_autograds(digits, head, dtype, tolerance):
    model = fresh(head).to(dtype)
    nn.init.normal_(model.linear.weight, std=0.1)  # outputs far from one another
    images, labels = digits[0].__getitems__(range(40))
    images = images.to(dtype)
    loss, weight, bias = gradient(model, images, labels)
    wanted = nn.functional.cross_entropy(model(images.flatten(1)), labels)
    wanted.backward()
    close = {"rtol": 0, "atol": tolerance}
    torch.testing.assert_close(loss, wanted.detach(), **close)
    torch.testing.assert_close(weight, model.linear.weight.grad, **close)
    torch.testing.assert_close(bias, model.linear.bias.grad, **close)


@HEADS
def test_the_gradient_by_hand_is_the_slope_of_the_loss(digits, head):
    model = fresh(head).double()
    images, labels = digits[0].__getitems__(range(40))
    images = images.double()
    _, weight, _ = gradient(model, images, labels)
    pixel = images.flatten(1).sum(dim=0).argmax()
    step = 1e-5
    for digit in range(10):
        losses = []
        for nudge in (step, -2 * step):
            model.linear.weight.data[digit, pixel] += nudge
            losses.append(gradient(model, images, labels)[0].item())
        model.linear.weight.data[digit, pixel] += step
        slope = (losses[0] - losses[1]) / (2 * step)
        assert weight[digit, pixel].item() == pytest.approx(slope, abs=1e-9)


@HEADS
def test_a_step_by_hand_follows_the_gradient_and_decay_shortens_it(digits, head):
    whole = len(digits[0])
    model, expected = fresh(head), fresh(head)
    rates = {"epochs": 4, "lr": 0.5, "batch_size": whole, "decay": True}
    history = train_by_hand(model, *digits, **rates)
    for rate, loss in zip((0.5, 0.375, 0.25, 0.125), history.train_loss, strict=True):
        images, labels = digits[0].__getitems__(range(whole))
        mean, weight, bias = gradient(expected, images, labels)
        assert loss == pytest.approx(mean.item(), abs=1e-5)
        expected.linear.weight.data -= rate * weight
        expected.linear.bias.data -= rate * bias
    torch.testing.assert_close(model.linear.weight, expected.linear.weight)
    torch.testing.assert_close(model.linear.bias, expected.linear.bias)


def test_the_mean_loss_counts_samples_not_batches(digits, capsys):
    """With a vanishing step, the mean is the loss over the whole set, ragged or not."""
    part = InMemoryDataset(digits[0].images[:70], digits[0].labels[:70])
    model = fresh(SoftmaxRegression)
    wanted = gradient(model, *part.__getitems__(range(70)))[0].item()
    by_hand = train_by_hand(model, part, digits[1], epochs=1, lr=1e-12, batch_size=64)
    standard = train(model, *loaders((part, digits[1]), 64), epochs=1, lr=1e-12)
    assert by_hand.train_loss == [pytest.approx(wanted, abs=1e-5)]
    assert standard.train_loss == [pytest.approx(wanted, abs=1e-5)]


# ------------------------------------------------------------ what can go wrong

INTERRUPTED = """
import sys
import torch
from torch.utils.data import DataLoader
from mnist_logreg.data import InMemoryDataset, load, open_data, take_whole
from mnist_logreg.model import LogisticRegression
from mnist_logreg.training import train, train_by_hand

class Telling(InMemoryDataset):
    def __getitems__(self, indices):
        print("test set", flush=True)
        return super().__getitems__(indices)

first, second = load(open_data("digits"))
second = Telling(second.images, second.labels)
model = LogisticRegression(784, 10)
loaders = (
    DataLoader(first, 32, shuffle=True, collate_fn=take_whole),
    DataLoader(second, 1000, collate_fn=take_whole),
)
history = train(model, *loaders, epochs=10**6, lr=0.001)
print("kept", len(history.train_loss), len(history.test_accuracy), flush=True)
history = train_by_hand(model, first, second, epochs=10**6, lr=0.001)
print("kept", len(history.train_loss), len(history.test_accuracy), flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_keeps_the_epochs_done():
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, text=True
    ) as child:
        for _ in ("standard", "by hand"):
            seen = 0
            for line in child.stdout:
                if line.startswith("Stopped"):
                    break
                if line == "test set\n":
                    seen += 1
                    if seen == 3:
                        child.send_signal(signal.SIGINT)
            done = int(line.split()[2])
            assert done >= 2
            assert line == f"Stopped after {done} of 1000000 epochs: interrupted.\n"
            assert child.stdout.readline() == f"kept {done} {done}\n"
    assert child.returncode == 0


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"epochs": 0}, "epochs"),
        ({"epochs": 2.5}, "epochs"),
        ({"lr": 0}, "lr"),
        ({"lr": float("nan")}, "lr"),
        ({"lr": "0.1"}, "lr"),
        ({"lr": 10**400}, "lr"),
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": 10**20}, "batch_size"),
    ],
)
def test_wrong_arguments_are_refused(digits, wrong, named):
    right = {"epochs": 1, "lr": 0.1}
    with pytest.raises(UserError, match=f"^{named}"):
        train_by_hand(fresh(LogisticRegression), *digits, **right | wrong)
    if named != "batch_size":
        with pytest.raises(UserError, match=f"^{named}"):
            train(fresh(LogisticRegression), *loaders(digits), **right | wrong)


def test_another_model_is_refused_by_hand(digits):
    model = nn.Sequential(nn.Linear(784, 10))
    with pytest.raises(UserError, match=r"not for Sequential: train that one with"):
        train_by_hand(model, *digits, epochs=1, lr=0.1)


def test_a_loss_that_is_lost_at_once_is_an_error(digits):
    for lost in (
        lambda: train_by_hand(fresh(SoftmaxRegression), *digits, epochs=2, lr=1e38),
        lambda: train(fresh(SoftmaxRegression), *loaders(digits), epochs=2, lr=1e38),
    ):
        with pytest.raises(
            UserError, match=r"after 0 of 2 epochs.*learning rate below"
        ):
            lost()


def test_a_loss_that_is_lost_later_keeps_what_was_done(digits, capsys):
    model = fresh(SoftmaxRegression)

    class Spoiling(InMemoryDataset):
        """Ruins the model after the second epoch."""

        epochs = 0

        def __getitems__(self, indices):
            self.epochs += 1
            if self.epochs == 2:
                model.linear.bias.data.fill_(torch.nan)
            return super().__getitems__(indices)

    test = Spoiling(digits[1].images, digits[1].labels)
    history = train_by_hand(model, digits[0], test, epochs=9, lr=0.1)
    assert len(history.train_loss) == len(history.test_accuracy) == 2
    assert capsys.readouterr().out.startswith("Stopped after 2 of 9 epochs: the loss")


def test_the_mean_loss_is_over_what_was_seen(digits):
    """A loader may leave images out."""
    model = fresh(SoftmaxRegression)
    nn.init.zeros_(model.linear.weight)
    nn.init.zeros_(model.linear.bias)
    still = optim.SGD(model.parameters(), lr=0.0)
    part = DataLoader(digits[0], 1000, drop_last=True, collate_fn=take_whole)
    mean, last = train_epoch(model, part, nn.CrossEntropyLoss(), still)
    assert mean == pytest.approx(last) == pytest.approx(math.log(10))


def test_training_gives_the_processors_back(digits):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        train_by_hand(fresh(LogisticRegression), *digits, epochs=1, lr=0.1)
        assert torch.get_num_threads() == 2
        with pytest.raises(ZeroDivisionError), lean_steps():
            assert torch.get_num_threads() == 1
            raise ZeroDivisionError
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_lean_steps_are_not_labelled_and_later_ones_are():
    model = fresh(LogisticRegression)
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def labels():
        with torch.profiler.profile() as profile:
            optimizer.step()
        return [event.key for event in profile.key_averages()]

    label = "Optimizer.step#SGD.step"
    with lean_steps():
        assert label not in labels()
    assert label in labels()

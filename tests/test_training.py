"""The standard loop against the article's program, and the gradient by hand."""

import math
import signal
import threading

import pytest
import torch
from threadpoolctl import threadpool_info
from torch import nn, optim
from torch.utils.data import DataLoader

from mnist_logreg.by_hand import train_by_hand
from mnist_logreg.data import InMemoryDataset, load, loader, open_data
from mnist_logreg.errors import UserError
from mnist_logreg.lean import lean_steps
from mnist_logreg.model import LogisticRegression, SoftmaxRegression
from mnist_logreg.training import History, evaluate, train_epoch


@pytest.fixture(scope="module")
def digits():
    return load(open_data("digits"))


def fresh(head, seed=0):
    torch.manual_seed(seed)
    return head(784, 10)


def by_the_loop(
    model, sets, epochs, lr, batch_size=32, loss_fn=nn.functional.cross_entropy, **sgd
):
    """The same as train_by_hand() by autograd and optim.SGD."""
    train_loader = loader(sets[0], batch_size, shuffle=True)
    test_loader = loader(sets[1], 1000)
    optimizer = optim.SGD(model.parameters(), lr=lr, **sgd)
    history = History()
    for _ in range(epochs):
        learned = train_epoch(model, train_loader, loss_fn, optimizer)
        history.append(*learned, *evaluate(model, test_loader))
    return history


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


def test_both_ways_of_training_repeat_the_article(data):
    epochs = {"digits": 4, "mnist": 1}[data.name]
    with lean_steps():
        lines, losses, accuracies = article(data.root, epochs)
    sets = load(data)

    torch.manual_seed(0)
    train_loader, test_loader = loader(sets[0], 32, shuffle=True), loader(sets[1], 1000)
    model = LogisticRegression(28 * 28, 10)
    optimizer = optim.SGD(model.parameters(), lr=0.001)
    printed = []
    for epoch in range(epochs):
        _, last = train_epoch(model, train_loader, nn.CrossEntropyLoss(), optimizer)
        _, accuracy = evaluate(model, test_loader)
        printed.append(f"Epoch: {epoch}. Loss: {last:.4f}. Accuracy: {accuracy:.2f}%")
    assert printed == lines

    by_hand = train_by_hand(
        fresh(LogisticRegression), *sets, epochs=epochs, lr=0.001, batch_size=32
    )
    assert by_hand.last_batch_loss == pytest.approx(losses, abs=1e-3)
    assert by_hand.test_accuracy == pytest.approx(accuracies, abs=0.1)


@pytest.mark.parametrize("batch_size", [1, 7, 32, 100, 2000])
@pytest.mark.parametrize(
    ("head", "options", "sgd"),
    [
        (LogisticRegression, {}, {}),
        (SoftmaxRegression, {}, {}),
        (SoftmaxRegression, {"weight_decay": 0.1}, {"weight_decay": 0.1}),
        (LogisticRegression, {"scale": 10}, {}),
    ],
    ids=["sigmoid", "plain", "weight decay", "wide sigmoid"],
)
def test_by_hand_repeats_the_standard_loop(digits, head, options, sgd, batch_size):
    """The same batches in the same order: any other would end at other weights."""
    part = InMemoryDataset(digits[0].images[:301], digits[0].labels[:301])
    sets = part, digits[1]
    scale = options.get("scale", 1)
    lr = 0.05 if batch_size > 1 else 0.005

    def loss_fn(outputs, labels):
        return nn.functional.cross_entropy(scale * outputs, labels)

    one, other = fresh(head), fresh(head)
    torch.manual_seed(2)
    by_hand = train_by_hand(
        one, *sets, epochs=3, lr=lr, batch_size=batch_size, **options
    )
    after = torch.rand(())
    torch.manual_seed(2)
    standard = by_the_loop(other, sets, 3, lr, batch_size, loss_fn, **sgd)
    assert torch.rand(()) == after  # the same random numbers were drawn
    if scale != 1:  # evaluate() knows the model alone
        by_hand.test_loss = standard.test_loss
    for name, values in vars(standard).items():
        assert getattr(by_hand, name) == pytest.approx(values, abs=1e-4), name
    torch.testing.assert_close(
        one.linear.weight, other.linear.weight, rtol=0, atol=1e-4
    )
    torch.testing.assert_close(one.linear.bias, other.linear.bias, rtol=0, atol=1e-4)


@pytest.mark.parametrize("head", [LogisticRegression, SoftmaxRegression])
def test_the_falling_rate_is_shortened_by_each_step(digits, head):
    """A batch that holds the whole set: four steps, each an epoch."""
    whole = len(digits[0])
    model, expected = fresh(head), fresh(head)
    options = {"epochs": 4, "lr": 0.5, "batch_size": whole, "decay": True}
    history = train_by_hand(model, *digits, **options)
    images, labels = digits[0][range(whole)]
    for rate, loss in zip((0.5, 0.375, 0.25, 0.125), history.train_loss, strict=True):
        mean = nn.functional.cross_entropy(expected(images.flatten(1)), labels)
        assert loss == pytest.approx(mean.item(), abs=1e-5)
        slopes = torch.autograd.grad(mean, list(expected.parameters()))
        for parameter, slope in zip(expected.parameters(), slopes, strict=True):
            parameter.data -= rate * slope
    torch.testing.assert_close(model.linear.weight, expected.linear.weight)
    torch.testing.assert_close(model.linear.bias, expected.linear.bias)


def test_scores_far_apart_have_the_losses_of_autograd(digits):
    """With a long step some losses are in the hundreds: they must not overflow."""
    one, other = fresh(SoftmaxRegression), fresh(SoftmaxRegression)
    torch.manual_seed(1)
    by_hand = train_by_hand(one, *digits, epochs=1, lr=100)
    torch.manual_seed(1)
    standard = by_the_loop(other, digits, 1, 100)
    assert by_hand.train_loss[0] > 50
    assert by_hand.train_loss == pytest.approx(standard.train_loss, rel=0.01)


def test_the_mean_loss_counts_samples_not_batches(digits):
    """With a vanishing step, the mean is the loss over the whole set, ragged or not."""
    part = InMemoryDataset(digits[0].images[:70], digits[0].labels[:70])
    model = fresh(SoftmaxRegression)
    wanted, percent = evaluate(model, loader(part, 70))
    by_hand = train_by_hand(model, part, part, epochs=1, lr=1e-12, batch_size=64)
    standard = by_the_loop(model, (part, part), 1, 1e-12, 64)
    for history in by_hand, standard:
        assert history.train_loss == [pytest.approx(wanted, abs=1e-5)]
        assert history.test_loss == [pytest.approx(wanted, abs=1e-5)]
        assert history.test_accuracy == [pytest.approx(percent)]


def test_evaluate_leaves_the_model_as_it_was(digits):
    model = nn.Sequential(nn.Linear(784, 10), nn.Dropout(0.5))
    for training in True, False:
        model.train(training)
        results = {evaluate(model, loader(digits[1], 100)) for _ in range(2)}
        assert len(results) == 1  # no dropout
        assert model.training is training is model[1].training
    assert all(p.grad is None for p in model.parameters())


# ------------------------------------------------------------ what can go wrong


def when_looked_at(dataset, act):
    """A dataset that does something whenever its images are asked for."""

    class Acting(InMemoryDataset):
        @property
        def images(self):
            act()
            return dataset.images

        @images.setter
        def images(self, images):
            pass

    return Acting(dataset.images, dataset.labels)


def interrupted(dataset):
    """A dataset whose images arrive together with Ctrl-C."""
    return when_looked_at(dataset, lambda: signal.raise_signal(signal.SIGINT))


def test_ctrl_c_keeps_the_epochs_done(digits, capsys):
    train, test = digits
    soon = threading.Timer(0.02, signal.raise_signal, [signal.SIGINT])
    acts = iter([int, int, soon.start])  # in the third epoch, at any moment
    test = when_looked_at(test, lambda: next(acts, int)())
    model, threads = fresh(LogisticRegression), torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        history = train_by_hand(model, train, test, epochs=10**6, lr=0.001)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    done = len(history.train_loss)
    assert done >= 2
    assert {len(values) for values in vars(history).values()} == {done}
    assert capsys.readouterr().out == (
        f"Stopped after {done} of 1000000 epochs: interrupted. The epochs done are "
        "kept. Run the cell again for all of them.\n"
    )


def test_ctrl_c_in_the_first_epoch_says_what_to_do(digits):
    model = fresh(SoftmaxRegression)
    before = model.linear.weight.clone()
    with pytest.raises(
        UserError,
        match=r"^Stopped in the first of 2 epochs: interrupted\. Run the cell again",
    ):
        train_by_hand(model, digits[0], interrupted(digits[1]), epochs=2, lr=0.1)
    assert torch.equal(model.linear.weight, before)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"epochs": 0}, "epochs"),
        ({"epochs": 2.5}, "epochs"),
        ({"lr": -1}, "lr"),
        ({"lr": float("nan")}, "lr"),
        ({"lr": "0.1"}, "lr"),
        ({"lr": 10**400}, "lr"),
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": "32"}, "batch_size"),
        ({"weight_decay": -1}, "weight_decay"),
        ({"weight_decay": float("inf")}, "weight_decay"),
    ],
)
def test_wrong_arguments_are_refused(digits, wrong, named):
    right = {"epochs": 1, "lr": 0.1}
    with pytest.raises(UserError, match=f"^{named}"):
        train_by_hand(fresh(LogisticRegression), *digits, **right | wrong)


def test_what_has_no_formula_here_is_refused(digits):
    model = nn.Sequential(nn.Linear(784, 10))
    with pytest.raises(UserError, match=r"not for Sequential: train that one with"):
        train_by_hand(model, *digits, epochs=1, lr=0.1)


def test_a_loss_that_is_lost_at_once_is_an_error(digits):
    with pytest.raises(
        UserError, match=r"first of 2 epochs.*a learning rate below 1e\+38; nothing"
    ):
        train_by_hand(fresh(SoftmaxRegression), *digits, epochs=2, lr=1e38)


def test_a_loss_that_is_lost_later_keeps_what_was_done(digits, capsys):
    """A penalty so large that it turns the weights round, half as large again."""
    model = fresh(SoftmaxRegression)
    history = train_by_hand(model, *digits, epochs=99, lr=1, weight_decay=2.5)
    done = len(history.train_loss)
    assert 1 < done < 20
    assert {len(values) for values in vars(history).values()} == {done}
    assert all(map(math.isfinite, history.train_loss))
    assert model.linear.weight.isfinite().all()
    assert capsys.readouterr().out == (
        f"Stopped after {done} of 99 epochs: the loss is no longer a finite number. "
        "The epochs done are kept. Choose a learning rate below 1 for all of them.\n"
    )


def test_the_mean_loss_is_over_what_was_seen(digits):
    """A loader may leave images out."""
    model = fresh(SoftmaxRegression)
    nn.init.zeros_(model.linear.weight)
    nn.init.zeros_(model.linear.bias)
    still = optim.SGD(model.parameters(), lr=0.0)
    part = DataLoader(digits[0], 1000, drop_last=True)
    mean, last = train_epoch(model, part, nn.CrossEntropyLoss(), still)
    assert mean == pytest.approx(last) == pytest.approx(math.log(10))


def test_training_by_hand_gives_the_processors_back(digits):
    def threads():
        return [library["num_threads"] for library in threadpool_info()]

    before = threads()
    train_by_hand(fresh(LogisticRegression), *digits, epochs=1, lr=0.1)
    with pytest.raises(UserError):
        train_by_hand(
            fresh(LogisticRegression), digits[0], interrupted(digits[1]), epochs=1, lr=1
        )
    assert threads() == before

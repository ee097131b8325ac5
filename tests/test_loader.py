"""The loader: the usual DataLoader's batches, and what it changes only meanwhile."""

import multiprocessing

import pytest
import torch
from torch import nn, optim
from torch.utils.data import DataLoader

from mnist_logreg.data import load, loader, open_data
from mnist_logreg.errors import UserError


@pytest.fixture(scope="module")
def train():
    return load(open_data("digits"))[0]


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("own_generator", [False, True])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch_size", [1, 32, 100, 300, 2000])
def test_the_batches_are_those_of_the_usual_dataloader(
    train, batch_size, shuffle, own_generator
):
    def passes(make):
        torch.manual_seed(3)
        generator = torch.Generator().manual_seed(5) if own_generator else None
        made = make(train, batch_size, shuffle=shuffle, generator=generator)
        return len(made), [*made, *made], torch.rand(())

    length, ours, after = passes(loader)
    usual_length, usual, usual_after = passes(DataLoader)
    assert length == usual_length and after == usual_after
    for (images, labels), (images_2, labels_2) in zip(ours, usual, strict=True):
        assert torch.equal(images, images_2) and images.dtype is images_2.dtype
        assert torch.equal(labels, labels_2) and labels.dtype is labels_2.dtype
        assert images.view(-1, 28 * 28).shape == (len(labels), 784)


@pytest.mark.parametrize("rows", [[5, 0, 1346, 5], torch.tensor([5, 0, 1346, 5])])
def test_the_dataset_gives_a_batch_for_a_list_of_indices(train, rows):
    images, labels = train[rows]
    for image, label, i in zip(images, labels, rows, strict=True):
        assert torch.equal(image, train[int(i)][0]) and label == train[int(i)][1]


def test_a_batch_may_be_changed_and_the_data_stay(train):
    before = train.images.clone()
    for images, labels in loader(train, 32):
        images.zero_()
        labels.zero_()
    assert torch.equal(train.images, before) and train.labels.any()


@pytest.mark.parametrize("wrong", [0, -1, 2.5, "32", None])
def test_a_wrong_batch_size_is_refused(train, wrong):
    with pytest.raises(UserError, match=r"^batch_size must be a whole number from 1"):
        loader(train, wrong)


def changed(data, path):
    """In a child: change what is mapped."""
    train, _ = load(data)
    train.images[:] = 7
    path.write_text(str(train.images.sum().item()))


def test_the_images_are_mapped_and_a_change_is_this_process_s_own(tmp_path):
    data = open_data("digits")
    train, _ = load(data)
    before = train.images.sum()
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=changed, args=(data, tmp_path / "sum"))
    child.start()
    child.join()
    assert (tmp_path / "sum").read_text() == str(7 * train.images.numel())
    assert train.images.sum() == load(data)[0].images.sum() == before


# ------------------------------------------------ what is changed meanwhile


def labels_of_a_step():
    """What a profiler is told of one zero_grad and one step."""
    model = nn.Linear(2, 2)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    with torch.profiler.profile() as profile:
        model(torch.ones(1, 2)).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    return {event.key for event in profile.key_averages()}


LABELS = {"Optimizer.step#SGD.step", "Optimizer.zero_grad#SGD.zero_grad"}


def test_one_thread_computes_meanwhile_and_a_profiler_misses_nothing(train):
    original = torch.autograd.profiler.record_function
    for _ in loader(train, 500):
        assert torch.get_num_threads() == 1
        assert issubclass(torch.autograd.profiler.record_function, original)
        assert labels_of_a_step() >= LABELS
    assert torch.get_num_threads() == 2
    assert torch.autograd.profiler.record_function is original
    assert labels_of_a_step() >= LABELS


def stop_by_break(batches):
    for _ in batches:
        break


def stop_by_error_and_ctrl_c(batches):
    for error in (ZeroDivisionError, KeyboardInterrupt):
        with pytest.raises(error):
            for _ in batches:
                raise error
        assert torch.get_num_threads() == 2


def stop_by_an_image_that_fails(batches):
    batches.dataset.images = batches.dataset.images[:10]
    with pytest.raises(IndexError):
        list(batches)


def forget_one_half_way(batches):
    iterator = iter(batches)
    next(iterator)
    assert torch.get_num_threads() == 1
    del iterator


def go_through_it_within_itself(batches):
    for _ in batches:
        for _ in batches:
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 1
        stop_by_break(batches)
        assert torch.get_num_threads() == 1


def end_in_another_order(batches):
    first, second = iter(batches), iter(batches)
    next(first), next(second)
    first.close()
    assert torch.get_num_threads() == 1
    second.close()


def go_through_two_at_once(batches):
    assert len(list(zip(batches, loader(batches.dataset, 400)))) == 3


@pytest.mark.parametrize(
    "stop",
    [
        stop_by_break,
        stop_by_error_and_ctrl_c,
        stop_by_an_image_that_fails,
        forget_one_half_way,
        go_through_it_within_itself,
        end_in_another_order,
        go_through_two_at_once,
    ],
)
def test_all_is_as_before_however_a_pass_ends(stop):
    original = torch.autograd.profiler.record_function
    stop(loader(load(open_data("digits"))[0], 500))
    assert torch.get_num_threads() == 2
    assert torch.autograd.profiler.record_function is original


def test_a_number_of_threads_set_meanwhile_stays(train):
    for _ in loader(train, 500):
        torch.set_num_threads(4)
    assert torch.get_num_threads() == 4

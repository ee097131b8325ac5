"""The exercises of notebook 02 on batches: what mistakes give, and the help."""

import torch

from mnist_logreg.checks.exercise import FunctionExercise

# --------------------------------------------------- 2.1: how many batches an epoch has


def count_batches(n: int, size: int) -> tuple[int, int]:
    """How many batches of `size` hold `n` images, and how many the last one holds."""
    full, rest = divmod(n, size)
    return (full + 1, rest) if rest else (full, size)


def _images_and_sizes(chance):
    yield 17, 5
    yield 15, 5
    yield 5, 8
    size, full, rest = (torch.randint(2, 40, (3,), generator=chance)).tolist()
    yield full * (size + 40) + rest, size + 40


def _batches_mistakes(n, size):
    full, rest = divmod(n, size)
    number, last = count_batches(n, size)
    even = f"{n} images fill {full} batches of {size}, and none is left over: "
    if rest:
        yield (full, rest), "a last, smaller batch holds the rest: count it too"
        yield (
            (full, size),
            "the images do not divide evenly. The rest makes one more batch",
        )
        yield full, "a last, smaller batch counts too, and its size is wanted as well"
    else:
        yield (full, 0), even + "the last one is full, not empty"
        yield (full + 1, 0), even + "no further batch follows: the last one is full"
        yield (full + 1, size), even + "no further batch follows"
        yield (
            full + 1,
            even + "no further batch follows. Return the size of the last one, too",
        )
    yield (number, size), "the number is right, but the last batch is not full"
    yield (last, number), "both are right, in the other order: batches first"
    yield (rest, full), "batches first, and count the last, smaller batch too"
    yield number, "the number is right. Return the size of the last batch, too"
    fraction = "part of a batch is still a batch: round up to a whole number"
    yield (n / size, rest), fraction
    yield n / size, fraction + ". And return the size of the last one, too"
    yield (
        (number, n / size % 1),
        "the last batch is a number of images: the rest, `n % size`",
    )
    yield last, "this is the last batch. Return how many there are first"
    yield (
        (number, size - last),
        "these are the empty places of the last batch. How many images does it hold?",
    )
    yield (
        (number, n - size),
        "from `n` take away the images of *all* full batches, not of one",
    )
    for there in (32, 60):
        for more in (0, 1):
            yield (
                [n // there + more, n % there],
                f"this divides by {there}, whatever it is given. Use the argument "
                "`size`",
            )


batches = FunctionExercise(
    number="2.1",
    answer="my_batches",
    expected=count_batches,
    cases=_images_and_sizes,
    mistakes=_batches_mistakes,
    nudge="How many batches are full, and how many images are left over? If some are, "
    "they make one more batch; if none is, the last batch is a full one.",
    step="`full = n // size` is the number of full batches and `rest = n % size` what "
    "is left over. Now treat two cases: `if rest > 0:` and `else:`.",
    solution="""
def my_batches(n, size):
    full = n // size
    rest = n % size
    if rest > 0:
        return full + 1, rest
    return full, size
""",
)


# ------------------------------------------------ 2.2: the mean loss of unequal batches


def weighted_mean(losses: list[float], sizes: list[int]) -> float:
    """The mean over all images, from the mean of each batch and its size."""
    return sum(loss * n for loss, n in zip(losses, sizes, strict=True)) / sum(sizes)


def _losses_and_sizes(chance):
    yield [2.0, 1.0, 4.0], [32, 32, 16]
    yield [1.0, 9.0], [32, 1]
    losses = (5 * torch.rand(5, generator=chance)).tolist()
    yield losses, torch.randint(1, 65, (5,), generator=chance).tolist()


def _loss_mistakes(losses, sizes):
    total, count = weighted_mean(losses, sizes) * sum(sizes), len(losses)
    yield (
        sum(losses) / count,
        "this is a mean of means: it counts the small last batch as much as a full "
        "one. Weight each loss by its batch's size",
    )
    yield total, "this is the sum over all images. Divide it by how many there are"
    yield total / count, "divide by the number of images, not by the number of batches"
    yield (
        total / (count * sizes[0]),
        "not all batches are of one size: divide by `sum(sizes)`",
    )
    yield total / (count * 32), "not all batches hold 32: divide by `sum(sizes)`"
    yield (
        sum(losses) / sum(sizes),
        "multiply each batch's mean by its size before you add them up",
    )
    yield (
        sum(losses),
        "the losses are only added up. Take each loss times its own size: "
        "`for loss, n in zip(losses, sizes):`",
    )
    for left in (0, -1):
        yield (
            (total - losses[left] * sizes[left]) / sum(sizes),
            "a batch is left out, the first or the last. `range(len(losses))` runs "
            "through all places",
        )
    yield (
        weighted_mean(losses[:2], sizes[:2]),
        "these are the first two batches alone. Go through all of them",
    )
    yield sum(sizes), "this is how many images there are. Where are the losses?"
    for divisor in (1, count):
        yield (
            sum(losses) * sum(sizes) / divisor,
            "multiply each loss by its own batch's size, then add up, then divide",
        )
    yield total / sizes[-1], "this divides by the last batch alone: `sum(sizes)`"
    yield (
        total / 80,
        "this divides by 80, whatever it is given. Divide by `sum(sizes)`",
    )
    yield (
        [a * b / sum(sizes) for a, b in zip(losses, sizes)],
        "these are the parts that the batches add. Add them up",
    )
    yield (
        losses[-1] * sizes[-1] / sum(sizes),
        "this holds the last batch alone. Add to the total in each round: "
        "`total += loss * n`",
    )
    yield losses[-1] * sizes[-1], "this is the sum of the last batch alone"
    yield losses[-1], "this is the loss of the last batch alone"
    yield (
        losses[0] * sizes[0] / sum(sizes),
        "this holds the first batch alone. Does the function end in the first round?",
    )
    yield losses[0] * sizes[0], "this is the sum of the first batch alone"
    yield (
        [a * b for a, b in zip(losses, sizes)],
        "these are the sums of the batches. Add them up, and divide by `sum(sizes)`",
    )
    for divisor in (1, count):
        yield (
            sum(a / b for a, b in zip(losses, sizes)) / divisor,
            "multiply each loss by its batch's size. Divide once, at the end",
        )
    yield (
        sum(a + b for a, b in zip(losses, sizes)) / sum(sizes),
        "multiply each loss by its batch's size: `*`, not `+`",
    )
    yield sorted(losses)[count // 2], "this is the median of the batches' losses"


mean_loss = FunctionExercise(
    number="2.2",
    answer="my_mean_loss",
    expected=weighted_mean,
    cases=_losses_and_sizes,
    mistakes=_loss_mistakes,
    nudge="A batch of 32 with a mean loss of 2 has lost 64 in all. What have all "
    "batches lost together, and how many images were that?",
    step="Start with `total = 0`. In the loop add what each batch has lost in all: "
    "`total += loss * n`. Divide after the loop.",
    solution="""
def my_mean_loss(losses, sizes):
    total = 0
    for loss, n in zip(losses, sizes):
        total += loss * n
    return total / sum(sizes)
""",
)


# ----------------------------------------------------------- 2.5: convert a whole batch


def converted(images: torch.Tensor, labels: torch.Tensor) -> tuple:
    """Bytes [B, 28, 28] as floats from 0 to 1 of shape [B, 1, 28, 28]; the labels."""
    return images.unsqueeze(1).float() / 255, labels


def _batch(chance):
    for n in (4, 7):
        images = torch.randint(200, (n, 28, 28), dtype=torch.uint8, generator=chance)
        yield images, torch.randint(10, (n,), generator=chance)


def _convert_mistakes(images, labels):
    x, y = converted(images, labels)
    flat = x.squeeze(1)
    scale = "the pixels still run from 0 to 255. Divide them by 255"
    channel = "the images lack their channel, dimension 1: `.unsqueeze(1)`"
    yield (x * 255, y), scale
    yield (flat, y), channel
    yield (flat * 255, y), f"{scale}. And {channel}"
    yield (
        (flat[None], y),
        "the channel stands before the batch. It comes after: `.unsqueeze(1)`",
    )
    yield (flat[None] * 255, y), f"{scale}, and put the channel behind the batch"
    for last in (flat.unsqueeze(2), flat.unsqueeze(3)):
        yield (
            (last, y),
            "the channel comes right after the batch: `[B, 1, 28, 28]`, with "
            "`.unsqueeze(1)`",
        )
        yield (last * 255, y), f"{scale}. And the channel comes right after the batch"
    yield x, "these are the images alone. Return the labels too: two, with a comma"
    yield x * 255, f"{scale}. And return the labels too"
    yield flat, f"{channel}. And return the labels too"
    yield flat * 255, f"{scale}, give them a channel, and return the labels too"
    yield y, "these are the labels alone. Return the images first"
    yield (y, x), "labels and images have changed places: return the images first"
    for bytes_ in (x * 255, (x * 255).byte()):
        yield (bytes_ * 255, y), "this multiplies by 255. Divide"
    yield (x * 255 / 256, y), "this divides by 256. A byte holds 0 to 255"
    yield (x / 255, y), "this divides by 255 twice. Once is enough"
    yield (
        (x / x.max(), y),
        "this divides by the largest pixel of this batch. Divide every batch by 255",
    )
    yield (x - 0.5, y), "this subtracts something. Divide by 255, and leave it at that"
    yield (1 - x, y), "ink and paper have changed places. Divide by 255 alone"
    yield (
        (x.flatten(1), y),
        "this flattens the images. The shape `[B, 1, 28, 28]` is wanted",
    )
    yield (x, y / 255), "labels are digits, not ink: leave them as they are"
    yield (x.byte(), y), "the decimals are cut off: divide with `/`, and keep floats"
    yield (
        {"images": x, "labels": y},
        "this is a dictionary. Return the two with a comma between them",
    )
    yield (x, y[:, None]), "the labels are right as they are: `[B]`"
    yield (x[:1], y[:1]), "this is the first image alone. Convert the whole batch"
    yield (x[0], y[0]), "this is the first image alone. Convert the whole batch"


convert = FunctionExercise(
    number="2.5",
    answer="my_convert",
    expected=converted,
    cases=_batch,
    mistakes=_convert_mistakes,
    nudge="`ToTensor` adds the channel, makes floats, and divides by 255. Here the "
    "batch comes first, so the channel is dimension 1.",
    step="`images.unsqueeze(1)` has the shape `[B, 1, 28, 28]`, and dividing it by 255 "
    "makes floats of it. Return that and `labels`, with a comma between them.",
    solution="""
def my_convert(images, labels):
    return images.unsqueeze(1) / 255, labels
""",
)

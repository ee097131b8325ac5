"""The exercises of notebook 01 on distances: what mistakes give, and the help."""

import torch

from mnist_logreg import model
from mnist_logreg.checks.exercise import FunctionExercise

# ----------------------------------------- 1.3: squared distance of an image and a mean


def squared_distance(image: torch.Tensor, mean: torch.Tensor) -> float:
    """The sum of the squared differences of two tensors of the same shape."""
    return (image.float() - mean).square().sum().item()


def _image_and_mean(chance):
    yield torch.tensor([[1, 0], [9, 5]]), torch.tensor([[0.0, 4.0], [4.0, 4.0]])
    for shape in ((28, 28), (3, 5)):
        image = torch.randint(256, shape, dtype=torch.uint8, generator=chance)
        yield image, 255 * torch.rand(shape, generator=chance)


def _distance_mistakes(image, mean):
    image = image.double()
    gap = image - mean
    cancel = "differences of both signs cancel out. Square "
    yield gap.sum(), cancel + "each one before you add up"
    yield gap.sum().square(), cancel + "each one before you add up, not their sum"
    yield gap.sum().abs(), cancel + "each one before you add up"
    for each in (gap, -gap):
        yield each, "these are the differences. Square them and add them up"
    yield gap.square(), "these are the squares. Add them up with `.sum()`"
    yield (
        gap.abs().sum(),
        "this adds up the differences without their signs. Square them in place of "
        "taking `abs`",
    )
    for mean_of_squares in (gap.square().mean(), gap.square().sum() / 784):
        yield mean_of_squares, "this is a mean. Add the squares up: `.sum()`"
    yield gap.square().sum().sqrt(), "this is the root of it. Leave the root out"
    yield gap.square().sum() / 1e6, "this is in millions. Leave the division out"
    yield image - mean.double().square().sum(), "brackets: subtract before you square"
    yield gap.sum(dim=0).square(), cancel + "each one before you add up"
    yield gap.square()[-1, -1], "this is the last square alone. Add all of them up"
    yield gap.square().sum() / 2, "this is half of it. Leave the division out"
    for dim in (0, 1):
        yield (
            gap.square().sum(dim=dim),
            "this adds up over one dimension alone. `.sum()` without a dimension adds "
            "up everything",
        )
    yield (
        image.square().sum() - mean.double().square().sum(),
        "this squares first and subtracts then. Subtract first",
    )
    early = "this squares before it subtracts. Subtract first, then square once"
    yield (image.square() - mean.double().square()).square().sum(), early
    yield image.square() - mean.double().square(), early
    squared = image - mean.double().square()
    for each in (squared, squared.sum()):
        yield each, "this squares the mean alone. Brackets: `(image - mean) ** 2`"
    yield (image + mean).square().sum(), "this adds the two. Subtract the mean"
    doubled = "`* 2` doubles a number. To square it, write `** 2` or `.square()`"
    yield (2 * gap).sum(), doubled
    yield (2 * gap.abs()).sum(), doubled
    yield 2 * gap, doubled
    yield gap.square().max(), "this is the largest square alone. Add all of them up"
    yield gap.pow(3).sum(), "this takes the third power. Square: `** 2`"
    yield (image * mean).sum(), "this multiplies the two. Subtract the mean"
    yield image.square().sum(), "this squares the image alone. Subtract the mean first"


distance = FunctionExercise(
    number="1.3",
    answer="my_distance",
    expected=squared_distance,
    cases=_image_and_mean,
    mistakes=_distance_mistakes,
    tolerance=1e-4,
    nudge="Subtract, square, add up: one step a line, each result with a name.",
    step="`difference = image - mean` is a table of differences. `difference.square()` "
    "squares each of them.",
    solution="""
def my_distance(image, mean):
    difference = image - mean
    return difference.square().sum().item()
""",
)


# ---------------------------------------------------- 1.4: classify by the nearest mean


def _images_and_means(chance):
    # Noise: on real digits several mistakes give the same answers. No image that is
    # about as near to two means: rounding would decide.
    for n in (30, 7):
        drawn = torch.randint(256, (2 * n, 28, 28), dtype=torch.uint8, generator=chance)
        means = 255 * torch.rand(10, 28, 28, generator=chance)
        gaps = (drawn[:, None] - means).square().sum(dim=(2, 3)).sort(dim=1).values
        yield drawn[gaps[:, 1] - gaps[:, 0] > 1e-3 * gaps[:, 0]][:n], means


def _nearest_mistakes(images, means):
    difference = images[:, None].float() - means
    distance = difference.square().sum(dim=(2, 3))
    cancel = "differences of both signs cancel out. Square "
    yield (
        distance.argmax(dim=1),
        "this picks the mean that is farthest away. Use `argmin`, not `argmax`",
    )
    yield distance, "these are the distances. Return the digit with the smallest one"
    yield difference.sum(dim=(2, 3)).argmin(dim=1), cancel + "them before you add up"
    yield (
        difference.sum(dim=(2, 3)).square().argmin(dim=1),
        cancel + "each one before you add them up, not their sum",
    )
    yield (
        distance.argmin(),
        "this is one number for all images. `argmin(dim=1)` gives one for each",
    )
    for dims in ((1, 2), (1, 3)):
        for dim in (0, 1):
            yield (
                difference.square().sum(dim=dims).argmin(dim=dim),
                "this adds up over the digits. The rows and columns of an image are "
                "dimensions 2 and 3",
            )
    for dim in (2, 3):
        yield (
            difference.square().sum(dim=dim).argmin(dim=1),
            "this adds up over one dimension of the image alone. Rows and columns are "
            "both needed: `dim=(2, 3)`",
        )
    yield (
        distance.argmin(dim=0),
        "this finds the nearest image for each mean. Take `argmin` over the digits, "
        "`dim=1`: one answer for each image",
    )
    yield (
        distance.min(dim=1).values,
        "these are the smallest distances. Return which digit it was: `argmin`",
    )
    yield (
        [distance.min(dim=1).values, distance.argmin(dim=1)],
        "`min(dim=1)` gives two things, the smallest distances and their places. "
        "`argmin(dim=1)` gives the places alone",
    )
    yield (
        difference.abs().sum(dim=(2, 3)).argmin(dim=1),
        "this adds up the differences without their signs. Square them",
    )
    yield (
        distance.argsort(dim=1),
        "these are all ten digits in order of distance. Return the first of each row",
    )
    yield (
        0,
        "this is a single place, 0: everything was added up before. Give `sum` the "
        "dimensions to add up, `dim=(2, 3)`",
    )
    yield (
        distance.argmin(dim=1) + 1,
        "each answer is one too large: places are counted from 0, as the digits are",
    )
    yield (
        means[distance.argmin(dim=1)],
        "these are the nearest means themselves. Return their places: the digits",
    )
    yield (
        distance.sort(dim=1).values,
        "these are the distances, sorted. `argmin(dim=1)` gives the digit with the "
        "smallest one",
    )
    yield (
        distance.sum(dim=0),
        "this is one number for each mean, for all images together. One digit for each "
        "image is wanted",
    )
    yield (
        distance[-1].argmin(),
        "this is the answer to the last image alone. Collect one for each image",
    )
    yield (
        difference.square().sum(dim=0).argmin(dim=1),
        "this adds up over the images. Rows and columns are dimensions 2 and 3",
    )
    yield difference, "these are the differences. Square them and add them up"
    yield difference.square(), "these are the squares. Add them up over `dim=(2, 3)`"
    yield (
        difference.square().sum(),
        "this adds up everything. Give `sum` the dimensions to add up: `dim=(2, 3)`",
    )


nearest_mean = FunctionExercise(
    number="1.4",
    answer="my_nearest_mean",
    expected=model.nearest_mean,
    public=model.nearest_mean,
    cases=_images_and_means,
    mistakes=_nearest_mistakes,
    nudge="Square, add up, find the smallest: one step a line, each with a name.",
    step="The squares are `difference.square()`. In `[N, 10, 28, 28]` the rows and "
    "columns are dimensions 2 and 3, so `.sum(dim=(2, 3))` of them leaves a table "
    "`[N, 10]`, a row for each image.",
    solution="""
def my_nearest_mean(images, means):
    difference = images[:, None] - means
    return difference.square().sum(dim=(2, 3)).argmin(dim=1)
""",
)

"""The two models."""

import torch

from mnist_logreg.model import LogisticRegression, SoftmaxRegression


def test_both_start_from_the_same_weights_and_differ_by_a_sigmoid():
    x = torch.rand(5, 784)
    torch.manual_seed(0)
    article = LogisticRegression(784, 10)
    torch.manual_seed(0)
    textbook = SoftmaxRegression(784, 10)
    assert textbook(x).shape == (5, 10)
    assert torch.equal(article(x), torch.sigmoid(textbook(x)))


def test_the_parameters_are_a_weight_a_pixel_and_a_bias_a_digit():
    shapes = [tuple(p.shape) for p in LogisticRegression(784, 10).parameters()]
    assert shapes == [(10, 784), (10,)]

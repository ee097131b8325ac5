"""Logistic regression for ten classes: the usual recipe's model, and the textbook's."""

import torch
from torch import nn


class LogisticRegression(nn.Module):
    """The usual recipe's model: a linear function, then a sigmoid for each class.

    Maps float [B, n_inputs] to float [B, n_outputs], each value between 0 and 1 and on
    its own: a row does not sum to 1.
    """

    def __init__(self, n_inputs, n_outputs):
        super().__init__()
        self.linear = nn.Linear(n_inputs, n_outputs)

    def forward(self, x):
        """Sigmoids of the scores: float [B, n_inputs] to [B, n_outputs]."""
        return torch.sigmoid(self.linear(x))


class SoftmaxRegression(nn.Module):
    """The textbook's model: a linear function alone, whose scores a softmax takes.

    Maps float [B, n_inputs] to float [B, n_outputs]. The softmax is left to the loss
    (``nn.CrossEntropyLoss``), which applies it to whatever it is given.
    """

    def __init__(self, n_inputs, n_outputs):
        super().__init__()
        self.linear = nn.Linear(n_inputs, n_outputs)

    def forward(self, x):
        """The scores (logits): float [B, n_inputs] to [B, n_outputs]."""
        return self.linear(x)

"""Logistic regression in PyTorch on MNIST: the package behind the four notebooks.

Importing the package imports nothing else; each module is imported where it is used:

data       opens MNIST, or the bundled digits, verified
baselines  the mean digits, and the nearest of them
model      the usual recipe's model, and the one without its sigmoid
training   the training loop, by the library and by hand
reference  scikit-learn's solver, to measure them against
results    saves models and numbers whole or not at all
plots      the figures
checks     the checks of the exercises
"""

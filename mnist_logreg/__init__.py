"""Logistic regression in PyTorch on MNIST: the package behind the four notebooks.

Importing the package imports nothing else; each module is imported where it is used:

data      opens MNIST, or the bundled digits, verified; batches of it
model     the article's model, the textbook's, and the nearest mean digit
training  the training loop as taught, and what it measures
by_hand   the same training by the lesson's formula
solver    scikit-learn's solver, to measure them against
results   saves models and numbers whole or not at all
plots     the figures, drawn by figures in the colours of palette
explore   a drawing pad and figures that answer to the hand
lean      what keeps the steps of a training quick
checks    the checks of the exercises
"""

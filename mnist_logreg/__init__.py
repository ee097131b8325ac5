"""Logistic regression in PyTorch on MNIST: the package behind the four notebooks.

The lesson: data, model, training, by_hand, solver, experiments, plots, plots_lesson and
results. What they rest on: figures and palette (how figures look and are shown), lean
(what keeps training quick), errors and files. Beside them: the checks of the exercises,
and explore, the figures that answer to the hand. Behind them: tools.
"""

"""What keeps training quick and a kernel small, without a word of it in the lesson.

`lean_steps` leaves out of a training step what costs time and gives nothing; `compiler`
leaves out PyTorch's compiler until somebody uses it.
"""

from mnist_logreg.lean import compiler
from mnist_logreg.lean.steps import lean_steps as lean_steps

compiler.put_off()

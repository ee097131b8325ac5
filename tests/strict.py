"""How nbval compares the committed notebooks: strictly, and on another processor."""

import json
import os
import re
import time
from pathlib import Path
from queue import Empty

import nbval.kernel
import nbval.plugin
import pytest
from tiny import read

from mnist_logreg.errors import UserError
from mnist_logreg.files.choose import open_data
from mnist_logreg.tools.project import NOTEBOOKS
from mnist_logreg.tools.series.kernels import BlockingKernel, environment

# Without this processor's vector instructions, and not with one thread, as the
# notebooks were written: what holds there holds on other machines.
ANOTHER_PROCESSOR = {
    "ATEN_CPU_CAPABILITY": "default",
    "OMP_NUM_THREADS": "2",
    "OMP_WAIT_POLICY": "passive",  # the other tests want the processors, too
}


class _Elsewhere(BlockingKernel):
    async def _async_pre_start_kernel(self, *, env=None, **options):
        env = environment() | ANOTHER_PROCESSOR
        return await super()._async_pre_start_kernel(env=env, **options)


class _Kernel(nbval.kernel.RunningKernel):
    """Nbval's kernel, whose death is noticed at once and not after the time limit."""

    def get_message(self, stream, timeout=None):
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            rest = 1 if end is None else min(1, max(0, end - time.monotonic()))
            try:
                return super().get_message(stream, timeout=rest)
            except Empty:
                if not self.is_alive():
                    raise RuntimeError("the kernel died") from None
                if end is not None and time.monotonic() >= end:
                    raise


class _Accuracies(pytest.Item):
    """What nbval does not compare, since a single test image may flip."""

    def reportinfo(self):
        return self.path, 0, self.name

    def runtest(self):
        """They must lie within 0.1 point of those stored; 0.3 with a hidden layer."""
        fresh = json.loads(Path(os.environ["MNIST_RUN"], "metrics.json").read_text())
        stored, epochs = _stored()
        assert fresh["test_accuracy"] == pytest.approx(epochs, abs=0.1)
        assert fresh["recipes"]
        for name, value in fresh["recipes"].items():
            # A hidden layer magnifies what is rounded differently.
            allowed = 0.3 if "hidden" in name else 0.1
            found = stored[f"test accuracy, {name}"]
            assert value == pytest.approx(found, abs=allowed), name


def _stored() -> tuple[dict[str, float], list[float]]:
    """The percentages that the committed notebooks print: labelled, and by epoch."""
    text = "\n".join(
        output.get("text", "")
        for path in sorted(NOTEBOOKS.glob("*.ipynb"))
        for cell in read(path).cells
        for output in cell.get("outputs", [])
    )
    labelled = re.findall(r"^(.+?): (-?[\d.]+) %(?:$|,)", text, re.M)
    epochs = re.findall(r"^Epoch: \d+\. .* Accuracy: ([\d.]+)%$", text, re.M)
    return {label: float(value) for label, value in labelled}, list(map(float, epochs))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Compare no pictures; the committed outputs need MNIST to be compared with."""
    report = yield
    if not isinstance(collector, nbval.plugin.IPyNbFile):
        return report
    # A figure's alternative text is compared, its picture is not.
    collector.sanitize_patterns[r"base64,[^\"]*"] = "base64,"
    committed = sorted(NOTEBOOKS.glob("*.ipynb"))
    if collector.path in committed:
        try:
            open_data("mnist")
        except UserError as error:
            reason = f"stored outputs need real MNIST. {error}"
            collector.add_marker(pytest.mark.skip(reason=reason))
    if collector.path == committed[-1]:
        item = _Accuracies.from_parent(collector, name="accuracies")
        report.result.append(item)
    return report


nbval.kernel.KernelManager = _Elsewhere
nbval.plugin.RunningKernel = _Kernel

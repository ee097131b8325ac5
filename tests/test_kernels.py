"""A kernel that runs headlessly knows nothing of the person whose machine it is."""

import os
import sys
import tempfile
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import writes
from tiny import execute, kernelspec, nbval, notebook, read
from waiting import call

from mnist_logreg.tools import kernel_settings
from mnist_logreg.tools.project import ROOT
from mnist_logreg.tools.series.clean import clean, stamp

CELLS = (
    "import matplotlib.pyplot as plt\nimport numpy as np\nimport torch",
    "plt.imshow(torch.arange(6.0).view(2, 3))\nplt.title('$x^2$')\nplt.show()",
    "figure, axis = plt.subplots()\naxis.plot([1, 2, 4])\nfigure.savefig('x.png')\n"
    "import hashlib\nfrom pathlib import Path\n"
    "print(hashlib.sha256(Path('x.png').read_bytes()).hexdigest())",
    "1 + 1\ntorch.tensor(1 / 3)\nnp.float64(1 / 3)",
    "print(torch.tensor(2 / 3), np.array([1 / 3]))",
    "import warnings\nwarnings.warn_explicit('look', UserWarning, 'cell', 1)",
    "import sys\nprint('spoiled' in sys.modules, plt.get_backend())",
)
SETTINGS = {
    ".config/matplotlib/matplotlibrc": (
        "image.origin: lower\ntext.usetex: True\nsavefig.transparent: True\n"
        "figure.figsize: 2, 2\nbackend: TkAgg\n"
    ),
    ".ipython/profile_default/ipython_kernel_config.py": (
        "c.InteractiveShell.ast_node_interactivity = 'all'\n"
        "c.InlineBackend.figure_formats = {'svg'}\n"
        "c.IPKernelApp.exec_lines = ['import sys; sys.modules[\"spoiled\"] = sys']\n"
    ),
    ".ipython/profile_default/startup/00-mine.py": (
        "import numpy, torch\n"
        "torch.set_printoptions(precision=2)\nnumpy.set_printoptions(precision=2)\n"
        "import sys; sys.modules['spoiled'] = sys\n"
    ),
    ".pythonstartup": "import sys; sys.modules['spoiled'] = sys\n",
    "elsewhere/matplotlibrc": "image.origin: lower\n",
}


@pytest.fixture
def person(tmp_path):
    """The environment of somebody with settings of all kinds, and a folder to be in."""
    home = tmp_path / "home"
    for name, text in SETTINGS.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, "utf-8")
    kernelspec(home, "/bin/false")
    variables = {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "MATPLOTLIBRC": str(home / ".config" / "matplotlib" / "matplotlibrc"),
        "MPLBACKEND": "module://backend_interagg",  # as PyCharm sets it
        "IPYTHONDIR": str(home / ".ipython"),
        "JUPYTER_PATH": str(home),
        "JUPYTER_DATA_DIR": str(home),
        "JUPYTER_PREFER_ENV_PATH": "0",
        "PYTHONSTARTUP": str(home / ".pythonstartup"),
        "PYTHONWARNINGS": "ignore",
    }
    return variables, home / "elsewhere"


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A notebook that shows what settings would change, executed and clean."""
    folder = tmp_path_factory.mktemp("executed")
    path = notebook(folder / "tiny.ipynb", *CELLS)
    book = clean(execute(path, folder / "out.ipynb", {}, cell_seconds=120))
    stamp(book)
    (folder / "x.png").unlink()
    path.write_text(writes(book), "utf-8")
    return path


EXECUTE = """
import sys
from pathlib import Path
from tiny import execute
execute(Path(sys.argv[1]), Path(sys.argv[2]), cell_seconds=120)
"""


def test_what_is_executed_is_the_same_and_nothing_is_left(executed, person, tmp_path):
    """The same byte for byte. Of the kernel no file is left."""
    variables, folder = person
    out, temporary = tmp_path / "out.ipynb", tmp_path / "temporary"
    temporary.mkdir()
    variables |= {"TMPDIR": str(temporary), "PYTHONPATH": str(ROOT / "tests")}
    command = (sys.executable, "-c", EXECUTE, executed, out)
    done = call(*command, folder=folder, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    book = clean(read(out))
    stamp(book)
    assert writes(book) == executed.read_text("utf-8")
    assert not list(temporary.iterdir())


def test_what_nbval_compares_is_the_same(executed, person):
    variables, _ = person
    status, report = nbval(executed, **variables)
    assert status == 0, report


def test_the_settings_would_have_changed_every_output(executed, person):
    """In a kernel as Jupyter itself starts it."""
    variables, folder = person
    stored, book = read(executed), read(executed)
    kernel = AsyncKernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    client = NotebookClient(book, km=kernel, allow_errors=True)
    environment = os.environ | variables | {"MPLBACKEND": ""}
    client.execute(env=environment, cwd=str(folder))
    for before, after in zip(stored.cells, book.cells, strict=True):
        assert not before.get("outputs") or before.outputs != after.outputs


NAMED = """
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.provisioning import LocalProvisioner
from mnist_logreg.tools.series.kernels import Kernel
for kind in (AsyncKernelClient, LocalProvisioner, Kernel):
    for trait in kind.class_traits().values():
        if isinstance(getattr(trait, "klass", None), str):
            print(kind, trait.name)
"""


def test_threads_that_start_their_first_kernels_look_up_no_class_by_name():
    """Where two do so at the same time, traitlets fails."""
    done = call(sys.executable, "-c", NAMED)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(os.name == "nt", reason="no sockets that are files on Windows")
def test_kernels_are_reached_by_files_where_that_is_possible(tmp_path):
    """A port may be given to two kernels that start at once; a file's name is new."""
    with tempfile.TemporaryDirectory() as folder:
        assert kernel_settings.transport(folder) == "ipc"
        assert not list(Path(folder).iterdir())
    (long := tmp_path / ("long" * 20)).mkdir()
    assert (
        kernel_settings.transport(long)
        == kernel_settings.transport(tmp_path / "gone")
        == "tcp"
    )

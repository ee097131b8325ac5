"""The command line: each command is found, errors are one line, imports are late."""

import ast
import importlib
import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import psutil
import pytest
import requests
from jupyter_client import BlockingKernelClient
from lab_server import running_lab
from tiny import kernelspec
from waiting import call, until

from mnist_logreg.tools import cli

ROOT = Path(__file__).parents[1]


python = partial(call, sys.executable)


def test_every_command_is_there_and_help_names_it():
    done = python("-m", "mnist_logreg", "--help")
    assert done.returncode == 0
    for command, (name, _) in cli.COMMANDS.items():
        module = importlib.import_module(f"mnist_logreg.tools.{name}")
        assert callable(module.add_arguments) and callable(module.main)
        assert re.search(rf"^ +{command}\s", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("args", [[], ["fly"], ["run", "--fast"], ["data", "--x"]])
def test_wrong_arguments_are_refused_in_a_line(args, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(args)
    assert stopped.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_the_command_line_imports_nothing_large():
    done = python(
        "-c",
        "import sys, mnist_logreg.tools.cli as cli\n"
        "try: cli.main(['run', '--epochs', '0'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('torch', 'papermill', 'IPython') if m in sys.modules])",
    )
    assert done.stdout == "[]\n"


def value(kernel, expression):
    """An expression's value in a running kernel, where nothing else is executed."""
    asked = {"value": expression}
    reply = kernel.execute(
        "", silent=True, user_expressions=asked, reply=True, timeout=60
    )
    text = reply["content"]["user_expressions"]["value"]["data"]["text/plain"]
    return ast.literal_eval(text)


@pytest.mark.skipif(sys.platform == "win32", reason="stopped by a signal")
def test_lab_is_for_this_machine_and_its_user(tmp_path):
    kernelspec(tmp_path, "/bin/false")  # of another installation
    variables = {
        "HOME": str(tmp_path),
        "BROWSER": "true",
        "JUPYTER_DATA_DIR": str(tmp_path),
        "JUPYTER_PREFER_ENV_PATH": "0",
    }
    command = (tmp_path, "-m", "mnist_logreg", "lab")
    variables["PYTHONPATH"] = str(ROOT)
    with running_lab(*command, **variables) as (url, server, runtime):
        page, token = url.split("?token=")
        assert page.endswith("/lab/tree/learn/01_dataset.ipynb")
        assert '"buildCheck": false' in requests.get(url, timeout=30).text
        api = page.replace("/lab/tree/learn/01_dataset.ipynb", "/api/kernels")
        assert requests.get(api, timeout=30).status_code == 403
        known = {"Authorization": f"token {token}"}
        described = requests.get(f"{api[:-1]}specs", headers=known, timeout=30).json()
        kernel = described["kernelspecs"]["python3"]["spec"]
        assert kernel["display_name"] == "Python 3 (ipykernel)"
        sessions = f"{page.partition('/lab')[0]}/api/sessions"
        (session,) = until(lambda: requests.get(sessions, headers=known).json())
        assert session["path"] == "learn/01_dataset.ipynb"
        connection = runtime / f"kernel-{session['kernel']['id']}.json"
        keys = json.loads(connection.read_text("utf-8"))
        assert keys["transport"] == "ipc" and "curve_publickey" in keys
        kernel = BlockingKernelClient(connection_file=str(connection))
        kernel.load_connection_file()
        kernel.start_channels()
        until(lambda: value(kernel, "'torch' in __import__('sys').modules"))
        assert value(kernel, "In") == [""]  # nothing of the learner's was run
        kernel.stop_channels()
        listening = [
            c.laddr.ip
            for c in psutil.Process(server.pid).net_connections()
            if c.status == psutil.CONN_LISTEN
        ]
        assert set(listening) == {"127.0.0.1"}


@pytest.mark.parametrize("name", ["numpy", "torch"])
def test_a_file_in_a_module_s_place_is_an_error_that_names_it(name, tmp_path):
    file = tmp_path / f"{name}.py"
    file.write_text("nonsense = 1\n")
    done = python("-m", "mnist_logreg", "bench", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {file}: Python takes this file")
    assert done.stderr.count("\n") == 1


def test_a_reader_who_stops_after_the_first_line_sees_no_error():
    """As `python -m mnist_logreg data | head -1` does."""
    with subprocess.Popen(
        [sys.executable, "-m", "mnist_logreg", "data", "--source", "digits"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        command.stdout.close()
        assert command.stderr.read() == ""
    assert command.returncode == 1


def test_a_command_runs_without_anything_to_print_to(tmp_path):
    runs, page = [tmp_path / "a", tmp_path / "b"], tmp_path / "page.html"
    for run in runs:
        run.mkdir()
        numbers = {"data": "mnist", "train_loss": [1], "test_accuracy": [90]}
        (run / "metrics.json").write_text(json.dumps(numbers))
    compare = [sys.executable, "-m", "mnist_logreg", "compare", *runs, "--out", page]
    assert call("sh", "-c", '"$@" >&- 2>&-', "sh", *compare).returncode == 0
    assert page.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_log_on_a_full_disk_is_an_error_in_a_line():
    with Path("/dev/full").open("w") as full:
        done = python("-m", "mnist_logreg", "data", "--source", "digits", stdout=full)
    assert done.returncode == 1
    assert done.stderr == "error: No space left on device.\n"


def test_a_python_without_the_packages_is_pointed_to_the_one_that_has_them():
    done = python("-S", "-m", "mnist_logreg", "grade", "class")
    assert done.returncode == 1
    assert done.stderr.startswith("error: this Python, ")
    assert ".venv" in done.stderr
    assert done.stderr.count("\n") == 1

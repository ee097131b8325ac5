"""A real JupyterHub with the configuration that is shipped, and a class on it."""

import contextlib
import json
import os
import re
import shutil
import site
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests
import websocket
import yaml
from jupyter_client.jsonutil import json_default
from jupyter_client.session import Session
from waiting import until

from mnist_logreg.files.choose import open_data
from mnist_logreg.tools.classroom import editions, hub
from mnist_logreg.tools.classroom.hub import server
from mnist_logreg.tools.project import ROOT

SHIPPED = Path(hub.__file__).parent
PATIENCE = 300  # seconds

# What the test adds to the shipped configuration: anybody may log in, and each
# learner is a system user of their own, as on a real hub, where the test may do that.
TESTED = """
import os
from jupyterhub.spawner import SimpleLocalProcessSpawner

load_subconfig({shipped!r})

class Spawner(SimpleLocalProcessSpawner):
    home_dir_template = {homes!r} + "/{{username}}"

    def make_preexec_fn(self, name):
        start = super().make_preexec_fn(name)
        uid = {first_uid} + int(name.removeprefix("learner")) if {separate} else None
        home = self.home_dir

        def become():
            os.makedirs(home, mode=0o700, exist_ok=True)
            if uid:
                os.chown(home, uid, uid)
                os.setgroups([])
                os.setgid(uid)
                os.setuid(uid)
            start()

        return become

c.JupyterHub.spawner_class = Spawner
c.JupyterHub.authenticator_class = "shared-password"
c.Authenticator.allow_all = True
c.SharedPasswordAuthenticator.user_password = "a password for this test"
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.Spawner.cmd = [{python!r}, *c.Spawner.cmd[1:]]
c.Spawner.environment.update({{"MNIST_ROOT": {data!r}}})
"""
FIRST_UID = 64_200  # nobody's


def free_ports(n: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(n)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def for_all(folder: Path) -> str | None:
    """A Python with the series that other users can run; None if there is none."""
    if os.name == "nt" or os.getuid() != 0:
        return None
    base = f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    for python in (sys.executable, base):
        if python == base:
            if not Path(base).exists():
                continue
            command = [base, "-m", "venv", "--without-pip", folder]
            subprocess.run(command, check=True)
            python = str(folder / "bin" / "python")
            (packages,) = folder.glob("lib/python*/site-packages")
            paths = [p for p in site.getsitepackages() if "site-packages" in p]
            lines = [f"import site; site.addsitedir({path!r})" for path in paths]
            (packages / "series.pth").write_text("\n".join(lines))
            for part in ("etc", "share"):  # JupyterLab
                (folder / part).symlink_to(Path(sys.prefix, part))
        code = "import mnist_logreg.tools.classroom.hub.server, numpy"
        with contextlib.suppress(OSError):
            done = subprocess.run(
                [python, "-P", "-c", code],
                user=FIRST_UID,
                group=FIRST_UID,
                extra_groups=[],
                cwd="/",
                env={"PATH": os.environ["PATH"], "HOME": "/"},
                capture_output=True,
            )
            if done.returncode == 0:
                return python
    return None


class Class:
    """A running hub: its address, its learners' homes, and whether they are users."""

    def __init__(self, folder: Path):
        self.port, hub_port, api_port = free_ports(3)
        self.address = f"http://127.0.0.1:{self.port}"
        self.homes = folder / "h"  # the path of a socket in it must be short
        self.homes.mkdir()
        python = for_all(folder / "python")
        self.separate = python is not None
        config = folder / "jupyterhub_config.py"
        config.write_text(
            TESTED.format(
                shipped=str(SHIPPED / "jupyterhub_config.py"),
                homes=str(self.homes),
                separate=self.separate,
                first_uid=FIRST_UID,
                port=self.port,
                hub_port=hub_port,
                api_port=api_port,
                python=python or sys.executable,
                data=str(open_data("digits").root.parent / "mnist"),
            )
        )
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", config],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def close(self):
        """End the hub, its proxy and every server."""
        processes = []
        with contextlib.suppress(psutil.Error):
            parent = psutil.Process(self.process.pid)
            processes = [*parent.children(recursive=True), parent]
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        for process in processes:
            with contextlib.suppress(psutil.Error):
                process.kill()
        self.process.wait(30)


class Learner:
    """Somebody at a browser, as far as the hub can tell."""

    def __init__(self, room: Class, number: int):
        self.name = f"learner{number}"
        self.room = room
        self.home = room.homes / self.name
        self.web = requests.Session()
        self.base = f"{room.address}/user/{self.name}"

    def log_in(self):
        """Log in and wait until the own server answers."""
        login = f"{self.room.address}/hub/login"

        def hub_answers():
            assert self.room.process.poll() is None, self.room.said()
            with contextlib.suppress(requests.ConnectionError):
                return self.web.get(login, timeout=60).status_code == 200

        until(hub_answers, PATIENCE)
        form = {
            "username": self.name,
            "password": "a password for this test",
            "_xsrf": self.web.cookies.get("_xsrf", path="/hub/"),
        }
        page = self.web.post(f"{login}?next=/hub/spawn", data=form, timeout=PATIENCE)
        assert page.status_code == 200, (page.status_code, self.room.said())

        def own_server_answers():
            page = self.web.get(f"{self.base}/", timeout=60)
            assert page.status_code == 200, (page.status_code, self.room.said())
            return page.url.startswith(self.base)

        until(own_server_answers, PATIENCE)

    def api(self, method: str, path: str, **options):
        cookies = {c.path: c.value for c in self.web.cookies if c.name == "_xsrf"}
        headers = {"X-XSRFToken": cookies.get(f"/user/{self.name}/", "")}
        address = f"{self.base}/api/{path}"
        return self.web.request(
            method, address, headers=headers, timeout=PATIENCE, **options
        )

    def notebook(self, name: str) -> dict:
        return self.api("GET", f"contents/mnist-logreg/{name}").json()["content"]

    def run(self, *cells: str) -> list[str]:
        """Run cells in a new kernel; returns what each prints."""
        path = "mnist-logreg/04_training.ipynb"
        started = self.api("POST", "kernels", json={"name": "python3", "path": path})
        assert started.status_code == 201, started.text
        place = f"{self.base}/api/kernels/{started.json()['id']}/channels"
        cookies = "; ".join(f"{c.name}={c.value}" for c in self.web.cookies)
        channel = websocket.create_connection(
            place.replace("http", "ws", 1),
            cookie=cookies,
            timeout=PATIENCE,
            origin=self.room.address,
        )
        with contextlib.closing(channel):
            return [_execute(channel, cell) for cell in cells]


def _execute(channel, code: str) -> str:
    """Run a cell; returns what it prints."""
    message = Session().msg("execute_request", {"code": code, "silent": False})
    channel.send(json.dumps(message | {"channel": "shell"}, default=json_default))
    printed, reply, idle = "", None, False
    while reply is None or not idle:  # they come by different ways
        frame = channel.recv()
        if isinstance(frame, bytes):  # of an explorable figure, for its script
            continue
        answer = json.loads(frame)
        content = answer["content"]
        if answer["parent_header"].get("msg_id") != message["msg_id"]:
            continue
        if answer["msg_type"] == "stream":
            printed += content["text"]
        elif answer["msg_type"] == "status":
            idle = content["execution_state"] == "idle"
        elif answer["msg_type"] == "execute_reply":
            reply = content
    if reply["status"] != "ok":
        raise RuntimeError("\n".join([code, printed, *reply["traceback"]]))
    return printed


@pytest.fixture(scope="module")
def room():
    if not shutil.which("configurable-http-proxy"):
        pytest.skip(
            "no proxy for JupyterHub here: npm install -g configurable-http-proxy"
        )
    # Not in pytest's own folder, which no other user may enter.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with contextlib.closing(Class(Path(folder))) as room:
            yield room


def code_of(notebook: dict, **parameters) -> list[str]:
    """The cells of code, with values set after the parameters."""
    cells = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cells.append("".join(cell["source"]))
            if "parameters" in cell["metadata"].get("tags", ()):
                cells += [f"{name} = {value!r}" for name, value in parameters.items()]
    return cells


def test_learners_log_in_at_once_and_work_side_by_side(room):
    class_of = [Learner(room, number) for number in range(2)]

    def work(learner: Learner):
        learner.log_in()
        notebook = learner.notebook("04_training.ipynb")
        cells = code_of(notebook, source="digits", epochs=2, seed=7)
        *_, uid = learner.run(*cells, "import os; print(os.getuid())")
        return notebook, int(uid)

    with ThreadPoolExecutor(len(class_of)) as pool:
        worked = list(pool.map(work, class_of))
    given = editions.learners(editions.committed()["04_training.ipynb"])
    for number, (notebook, uid) in enumerate(worked):
        sources = ["".join(cell["source"]) for cell in notebook["cells"]]
        assert sources == [cell.source for cell in given.cells]
        results = class_of[number].home / "mnist-logreg" / "results"
        assert sum(path.stat().st_size for path in results.iterdir()) > 1000
        assert uid == (FIRST_UID + number if room.separate else os.getuid())


def test_learners_do_not_meet(room):
    anna, ben = Learner(room, 0), Learner(room, 1)
    anna.log_in()
    page = anna.web.get(f"{ben.base}/api/contents", timeout=60, allow_redirects=False)
    assert page.status_code in (302, 403)
    page = anna.web.get(f"{ben.base}/api/contents", timeout=60)
    assert page.status_code == 403 or "/hub/" in page.url
    if not room.separate:
        pytest.skip("no other users here: that files are apart needs root")
    look = f"""
from pathlib import Path
import mnist_logreg
for place in (Path({str(ben.home)!r}), Path(mnist_logreg.__file__).parent):
    try:
        (place / "mine").touch()
        print("written")
    except PermissionError:
        print("refused")
try:
    print(list(Path({str(ben.home)!r}).iterdir()))
except PermissionError:
    print("refused")
"""
    assert anna.run(look) == ["refused\nrefused\nrefused\n"]


def test_work_is_not_overwritten_when_a_server_starts_again(room):
    learner = Learner(room, 0)
    learner.log_in()
    name = "mnist-logreg/01_dataset.ipynb"
    work = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    saved = learner.api(
        "PUT", f"contents/{name}", json={"type": "notebook", "content": work}
    )
    assert saved.status_code == 200, saved.text
    (learner.home / "mnist-logreg" / "02_dataloader.ipynb").unlink()
    token = {"X-XSRFToken": learner.web.cookies.get("_xsrf", path="/hub/")}
    stop = f"{room.address}/hub/api/users/{learner.name}/server"
    stopped = learner.web.delete(stop, headers=token, timeout=PATIENCE)
    assert stopped.status_code in (202, 204), stopped.text
    again = Learner(room, 0)
    again.log_in()
    assert again.notebook("01_dataset.ipynb")["cells"] == []
    assert again.notebook("02_dataloader.ipynb")["cells"]


def test_kernels_speak_in_secret_and_nobody_asks_for_news(room):
    learner = Learner(room, 1)
    learner.log_in()
    (text,) = learner.run(
        "import ipykernel.connect as c; print(open(c.get_connection_file()).read())"
    )
    assert "curve_publickey" in text
    settings = learner.web.get(
        f"{learner.base}/lab/api/settings/@jupyterlab/apputils-extension:notification",
        timeout=60,
    ).json()
    assert settings["settings"].get("fetchNews") == "false" or (
        settings["schema"]["properties"]["fetchNews"]["default"] == "false"
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux limits it")
def test_a_cell_that_wants_too_much_memory_stops_alone(room):
    learner = Learner(room, 1)
    learner.log_in()
    with pytest.raises(RuntimeError, match=r"allocate|MemoryError"):
        learner.run("import torch; x = torch.ones(2**30)")  # 4 GiB
    assert learner.run("print(6 * 7)") == ["42\n"]


def test_the_chart_s_values_say_what_the_configuration_says():
    from traitlets.config.loader import PyFileConfigLoader

    values = yaml.safe_load((SHIPPED / "values.yaml").read_text("utf-8"))
    config = PyFileConfigLoader("jupyterhub_config.py", str(SHIPPED)).load_config()
    spawner, pod = config.Spawner, values["singleuser"]
    assert spawner.cmd[1:] == pod["cmd"][1:]
    assert spawner.default_url == pod["defaultUrl"]
    assert spawner.start_timeout == pod["startTimeout"]
    assert (
        spawner.http_timeout == values["hub"]["config"]["KubeSpawner"]["http_timeout"]
    )
    assert spawner.mem_limit == pod["memory"]["limit"]
    assert spawner.cpu_limit == pod["cpu"]["limit"]


def test_notebooks_are_handed_out_once(tmp_path):
    server.hand_out(tmp_path / "new")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == set(editions.committed())
    work = tmp_path / "new" / "01_dataset.ipynb"
    work.write_text("my work")
    server.hand_out(tmp_path / "new")
    assert work.read_text() == "my work"


def test_the_configuration_names_what_is_there():
    text = (SHIPPED / "jupyterhub_config.py").read_text("utf-8")
    (module,) = re.findall(r'"-m", "([\w.]+)"', text)
    assert (ROOT / (module.replace(".", "/") + ".py")).exists()
    (name,) = re.findall(r"mnist-logreg/(\w+\.ipynb)", text)
    assert name in editions.committed()

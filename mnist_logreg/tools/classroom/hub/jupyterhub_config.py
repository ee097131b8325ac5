"""JupyterHub's configuration for a class; WORKSHOP.md says how to start it.

A plain JupyterHub uses it unchanged. So does The Littlest JupyterHub, which finds it by
a link in its folder jupyterhub_config.d. values.yaml says the same for Kubernetes. The
hub's owner decides who may log in.
"""

import os
import sys
from pathlib import Path

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - JupyterHub defines it

# The Littlest JupyterHub keeps what users run apart from the hub itself.
users_python = Path("/opt/tljh/user/bin/python")
python = str(users_python) if users_python.exists() else sys.executable

# -P: no file in a learner's home stands in a module's place.
c.Spawner.cmd = [python, "-P", "-m", "mnist_logreg.tools.classroom.hub.server"]
c.Spawner.default_url = "/lab/tree/mnist-logreg/01_dataset.ipynb"
c.Spawner.environment.update(
    {"MNIST_ROOT": os.environ.get("MNIST_ROOT", "/srv/mnist-logreg/data/mnist")}
)

# When a whole room logs in at once, the last server starts minutes after the first.
c.Spawner.start_timeout = 300
c.Spawner.http_timeout = 300

# Of a learner: a server and two notebooks. The server keeps each of its processes to
# the memory; The Littlest JupyterHub enforces both for all of them together.
c.Spawner.mem_limit = "2G"
c.Spawner.cpu_limit = 2

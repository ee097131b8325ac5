"""Fixtures of the tests of the data."""

import gzip
from contextlib import contextmanager

import pytest
from preparing import NO_NETWORK, UNSET, Clone

from mnist_logreg.errors import UserError
from mnist_logreg.files import digits
from mnist_logreg.files.choose import open_data
from mnist_logreg.tools.machine import data as data_command


@pytest.fixture(scope="session")
def mnist():
    """MNIST's root, or skip the test where MNIST is not on this machine."""
    try:
        return open_data("mnist").root
    except UserError as error:
        pytest.skip(str(error).partition(":")[0])


@pytest.fixture(params=["digits", "mnist"])
def data(request):
    """Each of the two in turn."""
    if request.param == "mnist":
        request.getfixturevalue("mnist")
    return open_data(request.param)


@pytest.fixture(scope="session")
def mnist_archives(mnist):
    """MNIST's four .gz files, by name."""
    return data_command.archives(mnist)


@pytest.fixture(scope="session")
def digits_archives():
    """The digits' four files as .gz, by name."""
    return {
        f"{name}.gz": gzip.compress(contents, mtime=0)
        for name, contents in digits.build().items()
    }


@pytest.fixture
def clone(tmp_path):
    """A copy of the package, with nothing in its data/ yet."""
    return Clone(tmp_path / "clone")


@pytest.fixture
def no_network(monkeypatch):
    """Nothing but this machine can be reached, whatever a test asks for."""
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)
    for name, value in NO_NETWORK.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def file_limit():
    """``with file_limit(1000):`` no file may grow beyond that, as on a full disk."""
    resource = pytest.importorskip("resource", reason="Windows has no such limit")

    @contextmanager
    def limited(size):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited

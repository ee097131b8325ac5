"""The data: which are chosen, what they are, how they are handed on."""

import hashlib
import os
import re
import socket
import stat
import subprocess
import sys
import zipfile
from urllib.parse import urlsplit

import numpy as np
import pytest
import torch
from misbehaving import Server
from preparing import is_complete, write_all
from torch.utils.data import DataLoader

from mnist_logreg.data import InMemoryDataset, load, loader, open_data
from mnist_logreg.errors import UserError
from mnist_logreg.files import choose, digits, download
from mnist_logreg.files.mnist import FILES as MNIST
from mnist_logreg.files.mnist import raw_folder

# --- what a DataLoader gets ---


def test_the_same_numbers_as_torchvision_reads(data):
    from torchvision import datasets
    from torchvision.transforms import ToTensor

    for ours, train in zip(load(data), (True, False), strict=True):
        theirs = datasets.MNIST(data.root, train=train, transform=ToTensor())
        assert len(ours) == len(theirs) == (data.n_train if train else data.n_test)
        assert torch.equal(ours.images, theirs.data)
        assert torch.equal(ours.labels, theirs.targets)
        for i in (0, 1, len(theirs) - 1, -1):
            image, label = ours[i]
            assert torch.equal(image, theirs[i][0]) and image.dtype is torch.float32
            assert label == theirs[i][1] and type(label) is type(theirs[i][1]) is int


def test_the_same_batches_as_torchvision_gives(data):
    from torchvision import datasets
    from torchvision.transforms import ToTensor

    ours = load(data)[1]
    theirs = datasets.MNIST(data.root, train=False, transform=ToTensor())
    torch.manual_seed(3)
    batches = list(loader(ours, batch_size=32, shuffle=True))
    torch.manual_seed(3)
    usual = list(DataLoader(theirs, batch_size=32, shuffle=True))
    assert len(batches) == len(usual)
    for (images, labels), (images_2, labels_2) in zip(batches, usual, strict=True):
        assert torch.equal(images, images_2) and images.dtype is images_2.dtype
        assert torch.equal(labels, labels_2) and labels.dtype is labels_2.dtype


def test_a_data_set_is_a_sequence_with_an_end():
    dataset = InMemoryDataset(
        torch.zeros(3, 28, 28, dtype=torch.uint8), torch.arange(3)
    )
    assert [label for _, label in dataset] == [0, 1, 2]
    assert dataset[-1][1] == 2
    with pytest.raises(IndexError):
        dataset[3]


# --- the bundled digits ---


def test_the_digits_are_those_of_scikit_learn_and_the_same_each_time():
    from sklearn.datasets import load_digits

    bundled = load_digits()
    order = np.random.RandomState(0).permutation(1797)
    built = digits.build()
    for file in digits.FILES:
        assert len(built[file.name]) == file.size
        assert hashlib.sha256(built[file.name]).hexdigest() == file.sha256
    labels = built["train-labels-idx1-ubyte"][8:] + built["t10k-labels-idx1-ubyte"][8:]
    assert list(labels) == bundled.target[order].tolist()
    for i in (0, 1000, 1796):  # the enlarged digit has as much ink a pixel
        image = bundled.images[order[i]]
        enlarged = digits._as_mnist(image.astype(int))
        assert enlarged.sum() / 255 / 400 == pytest.approx(image.mean() / 16, abs=0.02)


def test_the_digits_have_the_geometry_of_mnist():
    train, test = load(open_data("digits"))
    for images in (train.images, test.images):
        assert images.dtype is torch.uint8 and images.shape[1:] == (28, 28)
        ink = images > 0
        rows, columns = ink.any(dim=2).sum(dim=1), ink.any(dim=1).sum(dim=1)
        assert rows.max() <= 20 and columns.max() <= 20
        mass = images.float()
        centres = torch.arange(28) + 0.5
        for axis in (1, 2):
            centre = (mass.sum(dim=axis) * centres).sum(dim=1) / mass.sum(dim=(1, 2))
            assert ((centre - 14).abs() <= 0.5 + 1e-4).float().mean() > 0.99
            assert ((centre - 14).abs() < 2).all()
    assert images.max() == 255
    assert set(train.labels.tolist()) == set(test.labels.tolist()) == set(range(10))


def test_the_digits_are_files_as_mnist_has_them(mnist):
    root = open_data("digits").root
    for file, n in zip(digits.FILES, (1347, 1347, 450, 450), strict=True):
        ours = (raw_folder(root) / file.name).read_bytes()
        theirs = (raw_folder(mnist) / file.name).read_bytes()
        assert ours[:4] == theirs[:4]  # the magic number: kind and dimensions
        assert ours[4:8] == n.to_bytes(4, "big")
        if "images" in file.name:
            assert ours[8:16] == theirs[8:16]  # 28 x 28
            assert len(ours) == 16 + n * 784
        else:
            assert len(ours) == 8 + n


# --- the choice ---


def test_what_is_said_names_the_data_and_no_path(mnist):
    assert str(open_data("mnist")) == (
        "Data: MNIST, 60,000 training and 10,000 test images, all four files verified."
    )
    said = str(open_data("digits"))
    assert "NOT MNIST" in said and "1,347 training and 450 test images" in said
    assert "asked for" in said and str(open_data("digits").root) not in said
    assert open_data().name == "mnist"


def test_an_unknown_source_is_refused():
    with pytest.raises(UserError, match="'imagenet': choose auto, mnist, digits"):
        open_data("imagenet")


def test_a_notebook_touches_no_network(no_network, tmp_path, monkeypatch):
    monkeypatch.setattr(choose, "DATA", tmp_path / "data")
    with Server({}) as server:
        monkeypatch.setenv("MNIST_MIRROR", server.url)
        chosen = open_data()
        with pytest.raises(UserError, match="MNIST is not on this machine"):
            open_data("mnist")
    assert server.requests.total() == 0
    assert chosen.name == "digits" and chosen.why == choose.ABSENT
    assert "run `make data`" in str(chosen)
    assert not (tmp_path / "data" / "mnist").exists()


def test_choosing_imports_neither_torch_nor_scikit_learn(clone):
    code = (
        "import sys; from mnist_logreg.files.choose import open_data; open_data();"
        "heavy = {'torch', 'torchvision', 'sklearn', 'matplotlib'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=clone.folder,
        env=clone.environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_public_servers_are_those_of_torchvision():
    from torchvision import datasets

    assert list(download.PUBLIC) == datasets.MNIST.mirrors


# --- where the data lie ---


def state(root):
    return sorted(
        (str(p.relative_to(root)), p.stat().st_size, p.stat().st_mtime_ns)
        for p in root.rglob("*")
    )


@pytest.mark.parametrize("unpacked", [False, True])
def test_a_folder_that_somebody_filled_is_only_read(clone, mnist_archives, unpacked):
    """Though it could be written to."""
    root = clone.folder / "somebody's"
    write_all(root, mnist_archives, unpacked)
    before = state(root)
    status, out, err = clone.data("--source", "mnist", MNIST_ROOT=str(root))
    assert (status, err) == (0, "")
    assert str(raw_folder(root if unpacked else clone.mnist)) in out
    assert state(root) == before


def test_an_empty_mnist_root_is_where_mnist_is_fetched_to(clone, mnist_archives):
    """A relative path starts at the repository's root, wherever one stands."""
    with Server(mnist_archives) as server:
        status, out, _ = clone.data(MNIST_ROOT="my data", MNIST_MIRROR=server.url)
    assert status == 0 and "Data: MNIST" in out
    assert is_complete(clone.folder / "my data", MNIST)
    assert not clone.mnist.exists()
    away = clone.folder / "notebooks"
    away.mkdir()
    clone.folder, repository = away, clone.folder
    status, out, _ = clone.data(
        "--source", "mnist", MNIST_ROOT="my data", PYTHONPATH=str(repository)
    )
    assert status == 0 and str(repository / "my data") in out


def test_the_four_archives_on_a_stick_are_enough(clone, mnist_archives):
    write_all(clone.mnist, mnist_archives)
    status, out, err = clone.data("--source", "mnist")
    assert (status, err) == (0, "") and out.count("verified") == 5


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_new_files_have_the_usual_permissions(clone):
    """So that one person can prepare the data for a whole class."""
    clone.data("--source", "digits")
    umask = os.umask(0)
    os.umask(umask)
    for file in digits.FILES:
        mode = (raw_folder(clone.digits) / file.name).stat().st_mode
        assert stat.S_IMODE(mode) == 0o666 & ~umask


# --- handing MNIST on ---


def test_data_says_what_is_there(clone):
    status, out, err = clone.data("--source", "digits")
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == str(open_data("digits"))
    assert f"In {raw_folder(clone.digits)}:" in out
    for file in digits.FILES:
        assert re.search(rf"{file.name} +{file.size:,} bytes  verified", out)


def test_a_laptop_is_the_mirror_of_a_class(clone, mnist_archives, tmp_path):
    """It gives the four archives and nothing else."""
    write_all(clone.mnist, mnist_archives)
    learner = type(clone)(tmp_path / "learner")
    with clone.start("--serve", "0") as laptop:
        try:
            while "MNIST_MIRROR=" not in (line := laptop.stdout.readline()):
                assert laptop.poll() is None
            url = f"http://127.0.0.1:{re.search(r':([0-9]+)/', line)[1]}/"
            status, _, err = learner.data("--source", "mnist", MNIST_MIRROR=url + "x/")
            assert status == 1 and f"{url}x/ answered 404" in err
            status, out, err = learner.data(MNIST_MIRROR=url)
            assert status == 0 and "Data: MNIST" in out, err
            with socket.create_connection(("127.0.0.1", urlsplit(url).port)) as odd:
                odd.sendall(b"GET /\x1b[2J HTTP/1.0\r\n\r\n")
                assert b"404" in odd.recv(100)
        finally:
            laptop.terminate()
        said = laptop.stderr.read()
        # What a stranger asks for does not steer the terminal.
        assert r"GET /\x1b[2J" in said and "\x1b" not in said
    assert is_complete(learner.mnist, MNIST)


def test_a_pack_travels_on_a_stick(clone, mnist_archives, tmp_path):
    write_all(clone.mnist, mnist_archives, unpacked=True)  # archives are made anew
    pack = tmp_path / "on a stick.zip"
    status, out, _ = clone.data("--pack", pack)
    assert status == 0 and f"python -m zipfile -e {pack.name} data/mnist" in out
    learner = type(clone)(tmp_path / "learner")
    unpack = [sys.executable, "-m", "zipfile", "-e", pack, "data/mnist"]
    subprocess.run(unpack, cwd=learner.folder, check=True)
    status, out, err = learner.data("--source", "mnist")
    assert (status, err) == (0, "") and str(learner.mnist) in out
    with zipfile.ZipFile(pack) as contents:
        assert len(contents.namelist()) == 4


def test_a_pack_overwrites_nothing(clone, mnist_archives, tmp_path):
    write_all(clone.mnist, mnist_archives)
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    status, _, err = clone.data("--pack", mine)
    assert status == 1 and "exists already" in err
    assert mine.read_text() == "mine"
    status, _, err = clone.data("--pack", tmp_path / "no such folder" / "x.zip")
    assert status == 1 and "Cannot write" in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--serve", "http"], 2, "'http' is not a port"),
        (["--serve", "65536"], 2, "'65536' is not a port"),
        (["--source", "imagenet"], 2, "invalid choice: 'imagenet'"),
        (["--serve", "--pack", "x"], 2, "not allowed with"),
        (["--source", "digits", "--pack", "x"], 1, "are for MNIST"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(clone, arguments, status, said):
    done, out, err = clone.data(*arguments)
    assert (done, out) == (status, "")
    assert said in err and err.startswith("error: ") and err.count("\n") == 1


def test_a_port_in_use_is_refused(clone, mnist_archives):
    write_all(clone.mnist, mnist_archives)
    with Server({}) as taken:
        port = taken.url.split(":")[2].split("/")[0]
        status, _, err = clone.data("--serve", port)
    # The other server listens on one address only: some systems let both do.
    assert status == 1 and f"Port {port} cannot be used" in err


def test_bare_torchvision_fetches_from_the_laptop(mnist_archives, tmp_path):
    """It checks the md5 sums of the original archives, and so needs those."""
    from torchvision import datasets

    md5 = dict(datasets.MNIST.resources)
    if any(hashlib.md5(mnist_archives[name]).hexdigest() != md5[name] for name in md5):
        pytest.skip("the original archives are not at hand")
    with Server(mnist_archives) as laptop:
        bare = type("MNIST", (datasets.MNIST,), {"mirrors": [laptop.url]})
        assert len(bare(tmp_path, download=True)) == 60_000


def test_the_original_archives_are_handed_on_as_they_are(clone, mnist_archives):
    write_all(clone.mnist, mnist_archives)
    assert clone.data("--pack", "pack.zip")[0] == 0
    with zipfile.ZipFile(clone.folder / "pack.zip") as pack:
        for name, contents in mnist_archives.items():
            assert pack.read(f"MNIST/raw/{name}") == contents

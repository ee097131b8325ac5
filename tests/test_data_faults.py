"""Whatever goes wrong, the data are complete and right, or absent, and a word is said.

Unless a test says otherwise, the files fetched are those of the digits, which are
small; the code that fetches them is MNIST's.
"""

import gzip
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import misbehaving
import pytest
from misbehaving import Server
from preparing import in_process, is_complete, prepare, write_all, wrong_files

from mnist_logreg.errors import UserError
from mnist_logreg.files import choose, digits, download, verified
from mnist_logreg.files.mnist import FILES as MNIST
from mnist_logreg.files.mnist import raw_folder

pytestmark = pytest.mark.usefixtures("no_network")

SERVER_FAULTS = {
    "503": (misbehaving.status(503), "answered 503 Service Unavailable"),
    "404": (misbehaving.status(404), "answered 404 Not Found"),
    "403": (misbehaving.status(403), "answered 403 Forbidden"),
    "login page": (misbehaving.login_page, "sent a web page instead"),
    "login page called a file": (
        misbehaving.disguised_login_page,
        "sent 51 bytes that are not train-images-idx3-ubyte.gz",
    ),
    "redirected for ever": (misbehaving.redirect_for_ever, "gave no answer"),
    "right length, wrong bytes": (misbehaving.wrong_bytes, "bytes that are not"),
    "zeros": (misbehaving.zeros, "bytes that are not"),
    "empty file": (misbehaving.empty, "sent 0 bytes that are not"),
    "short file": (misbehaving.short, "bytes that are not"),
    "connection cut half-way": (misbehaving.cut, "cut the connection half-way, twice"),
    "silent server": (misbehaving.silent, "gave no answer within 0.5 seconds"),
    "stalled half-way": (misbehaving.stalled, "gave less than 20 kB/s over 1 seconds"),
    "dripping server": (misbehaving.drip, "gave less than 20 kB/s over 1 seconds"),
    "endless file": (misbehaving.endless, "sent more than train-images-idx3-ubyte.gz"),
    "hangs up": (misbehaving.hang_up, "cannot be reached"),
}


@pytest.fixture
def impatient(monkeypatch):
    """Time limits short enough for tests; the code that keeps them is the same."""
    monkeypatch.setattr(download, "WINDOW", 1)


def fetch(root, *servers):
    """Fetch the digits; a server must answer in half a second."""
    prepare(root, *servers, begin=0.5)


def leftovers(root):
    return [p.name for p in raw_folder(root).iterdir() if p.suffix == ".part"]


@pytest.mark.parametrize("name", SERVER_FAULTS)
def test_a_bad_server_is_given_up_with_its_answer_and_the_next_is_asked(
    name, tmp_path, digits_archives, impatient, capsys
):
    behave, answer = SERVER_FAULTS[name]
    with Server(digits_archives, behave) as bad:
        with pytest.raises(UserError, match="could not be fetched") as caught:
            fetch(tmp_path, bad.url)
        said = str(caught.value)
        raw = str(raw_folder(tmp_path))
        for named in (bad.url, answer, "MNIST_MIRROR", "MNIST_ROOT", raw):
            assert named in said
        assert not wrong_files(tmp_path) and not leftovers(tmp_path)
        assert not list(raw_folder(tmp_path).glob("*ubyte*"))

        bad.requests.clear()
        capsys.readouterr()
        with Server(digits_archives) as good:
            fetch(tmp_path, bad.url, good.url)
        assert is_complete(tmp_path) and not leftovers(tmp_path)
        said = capsys.readouterr().err
        assert bad.url in said and answer in said
        assert len(bad.requests) == 1, "a bad server is asked for one file only"


def test_a_server_that_turns_bad_half_way(tmp_path, digits_archives, impatient):
    """What one server gave is kept; the next gives the rest."""
    half = dict(list(digits_archives.items())[2:])
    with Server(half) as bad, Server(digits_archives) as good:
        fetch(tmp_path, bad.url, good.url)
    assert is_complete(tmp_path)


def test_a_cut_download_starts_again(tmp_path, digits_archives):
    with Server(digits_archives, misbehaving.cut_once()) as flaky:
        fetch(tmp_path, flaky.url)
    assert is_complete(tmp_path)
    assert sorted(flaky.requests.values()) == [1, 1, 1, 2]


def test_an_archive_called_an_encoding_is_taken_as_it_is(tmp_path, digits_archives):
    with Server(digits_archives, misbehaving.encoded) as odd:
        fetch(tmp_path, odd.url)
    assert is_complete(tmp_path)


def test_an_archive_that_swells_fills_no_disk(tmp_path, digits_archives):
    bomb = {name: gzip.compress(bytes(10**8), 1)[:300_000] for name in digits_archives}
    with Server(bomb) as server, pytest.raises(UserError):
        fetch(tmp_path, server.url)
    assert not wrong_files(tmp_path) and not leftovers(tmp_path)


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("mnist.example/no-scheme", "is not a web address"),
        ("ftp://127.0.0.1/mnist/", "is not a web address"),
        ("http://", "is not a web address"),
        ("http://127.0.0.1:1/mnist/", "cannot be reached"),
        ("http://mnist.example/", "cannot be asked: the proxy"),
        ("https://127.0.0.1:{port}/", "has no certificate"),
    ],
)
def test_an_address_that_does_not_work(address, answer, tmp_path, digits_archives):
    with Server(digits_archives) as plain:
        port = plain.url.split(":")[2].split("/")[0]
        address = address.format(port=port)
        with pytest.raises(UserError) as caught:
            fetch(tmp_path, address)
    assert f"{address} {answer}" in str(caught.value)


def test_a_password_in_an_address_is_not_shown(tmp_path):
    with pytest.raises(UserError) as caught:
        fetch(tmp_path, "http://me:secret@127.0.0.1:1/")
    assert "http://127.0.0.1:1/" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_proxy_is_used(tmp_path, digits_archives, monkeypatch):
    with Server(digits_archives) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        fetch(tmp_path, "http://mnist.example/")
    assert is_complete(tmp_path)
    assert proxy.requests.total() == 4


def test_the_progress_is_shown_to_a_terminal(tmp_path, digits_archives):
    pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")
    termios = pytest.importorskip("termios")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with Server(digits_archives, misbehaving.slow(0.1)) as server:
        code = (
            "import pathlib, preparing, sys;"
            "preparing.prepare(pathlib.Path(sys.argv[1]), sys.argv[2])"
        )
        subprocess.run(
            [sys.executable, "-c", code, tmp_path, server.url],
            cwd=Path(__file__).parent,
            stderr=theirs,
            check=True,
        )
    shown = os.read(ours, 100_000).decode()
    os.close(ours), os.close(theirs)
    assert re.search(r"train-images-idx3-ubyte\.gz: +\d+%", shown)


# --- under "auto" and under "mnist", from the command line ---


def test_auto_says_why_and_takes_the_digits(clone, digits_archives):
    with Server({f"{f.name}.gz": b"" for f in MNIST}, misbehaving.status(503)) as bad:
        status, out, err = clone.data(MNIST_MIRROR=bad.url)
    assert status == 0
    assert "NOT MNIST" in out and choose.FAILED in out
    for mirror in (f"{bad.url} answered 503", *download.PUBLIC):
        assert mirror in err
    assert "Traceback" not in err
    assert not wrong_files(clone.digits)
    assert not is_complete(clone.mnist, MNIST)


def test_mnist_ends_with_one_message(clone):
    status, out, err = clone.data("--source", "mnist")
    assert (status, out) == (1, "")
    assert err.count("error:") == 1 and "Traceback" not in err
    message = err[err.index("error:") :]
    for named in (*download.PUBLIC, "MNIST_MIRROR", "MNIST_ROOT", "stick"):
        assert named in message


def test_servers_that_keep_silent_cost_auto_less_than_ten_seconds(clone):
    """Every server is behind a proxy that takes connections and never answers."""
    assert (1 + len(download.PUBLIC)) * choose.BRISK < 10
    with socket.create_server(("127.0.0.1", 0), backlog=10) as proxy:
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        status, out, err = clone.data(
            HTTP_PROXY=address,
            HTTPS_PROXY=address,
            MNIST_MIRROR="http://mirror.example",
        )
    assert status == 0 and "NOT MNIST" in out
    assert err.count("gave no answer") >= 3


def test_a_machine_without_any_network(clone):
    if (
        shutil.which("unshare") is None
        or subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode
    ):
        pytest.skip("this system lets no process be cut off from the network")
    environment = {
        k: v for k, v in clone.environment().items() if not k.endswith("_PROXY")
    }
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-m", "mnist_logreg", "data"],
        cwd=clone.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0 and "NOT MNIST" in done.stdout
    assert "is not known here (no network?)" in done.stderr


# --- processes that are killed, and many at once ---


def test_killed_at_any_moment_while_fetching(tmp_path, digits_archives):
    raw = raw_folder(tmp_path)
    chance = random.Random(0)
    killed = 0
    with Server(digits_archives, misbehaving.slow(0.01)) as server:
        while killed < 20:
            process = in_process(prepare, tmp_path, server.url)
            time.sleep(chance.uniform(0, 0.4))
            process.kill()
            process.join()
            killed += process.exitcode != 0  # it was still alive
            assert process.exitcode != 3
            assert wrong_files(tmp_path) == []
            if is_complete(tmp_path):
                for path in [*raw.glob("*ubyte"), *raw.glob("*ubyte.gz")]:
                    if chance.random() < 0.7:
                        path.unlink()
        prepare(tmp_path, server.url)
    assert is_complete(tmp_path) and not leftovers(tmp_path)


def test_killed_at_any_moment_while_unpacking_mnist(tmp_path, mnist_archives):
    """The real files, from archives in a folder that is only read."""
    write_all(tmp_path / "stick", mnist_archives)
    data = tmp_path / "data"
    generator = random.Random(0)
    for _ in range(6):
        process = in_process(unpack_mnist, data, tmp_path / "stick")
        time.sleep(generator.uniform(0, 0.8))
        process.kill()
        process.join()
        assert wrong_files(data / "mnist", MNIST) == []
        if is_complete(data / "mnist", MNIST):
            shutil.rmtree(data)
    unpack_mnist(data, tmp_path / "stick")
    assert is_complete(data / "mnist", MNIST)
    assert not leftovers(data / "mnist")


def unpack_mnist(data, root):
    choose.DATA = data
    os.environ["MNIST_ROOT"] = str(root)
    choose.open_data("mnist")


def test_twenty_at_once_fetch_once(tmp_path, digits_archives):
    with Server(digits_archives, misbehaving.slow(0.05)) as server:
        started = [in_process(prepare, tmp_path, server.url) for _ in range(20)]
        for process in started:
            process.join()
    assert [process.exitcode for process in started] == [0] * 20
    assert is_complete(tmp_path) and not leftovers(tmp_path)
    assert sorted(server.requests.values()) == [1, 1, 1, 1]


def test_six_commands_at_once_fetch_mnist_once(clone, mnist_archives):
    """As the twenty processes above; here each verifies MNIST, which costs more."""
    with Server(mnist_archives, misbehaving.slow(0.05)) as server:
        root = clone.folder / "shared"
        started = [
            clone.start(MNIST_ROOT=str(root), MNIST_MIRROR=server.url) for _ in range(6)
        ]
        said = [process.communicate(timeout=300) for process in started]
    for out, err in said:
        assert out.startswith("Data: MNIST, 60,000 training"), err
        assert out.count("verified") == 5
    assert is_complete(root, MNIST) and not leftovers(root)
    assert sorted(server.requests.values()) == [1, 1, 1, 1]
    assert any("Another process is preparing" in err for _, err in said)


def test_when_the_one_that_fetches_is_killed_another_goes_on(tmp_path, digits_archives):
    """The lock of a killed process holds nobody up; nor does the file it leaves."""
    with Server(digits_archives, misbehaving.slow(0.3)) as server:
        first = in_process(prepare, tmp_path, server.url)
        while not server.requests:
            time.sleep(0.01)
        others = [in_process(prepare, tmp_path, server.url) for _ in range(3)]
        time.sleep(0.5)
        first.kill()
        for process in others:
            process.join()
    assert [process.exitcode for process in others] == [0] * 3
    assert is_complete(tmp_path) and not leftovers(tmp_path)


def test_waiting_for_another_process_has_an_end(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(verified, "WAIT_SECONDS", 0.5)
    with Server({f.name + ".gz": b"x" for f in digits.FILES}, misbehaving.silent) as s:
        holder = in_process(prepare, tmp_path, s.url)
        while not s.requests:
            time.sleep(0.01)
        with pytest.raises(UserError, match="Another process has been preparing"):
            prepare(tmp_path, s.url)
        holder.kill()
        holder.join()


def test_ctrl_c_while_fetching(clone, mnist_archives):
    with Server(mnist_archives, misbehaving.slow(0.5)) as server:
        process = clone.start(MNIST_MIRROR=server.url)
        while not server.requests:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130 and "Traceback" not in err
        assert not leftovers(clone.mnist) and not wrong_files(clone.mnist, MNIST)
        assert clone.data(MNIST_MIRROR=server.url)[0] == 0
    assert is_complete(clone.mnist, MNIST)


# --- files that are not what they should be ---


DAMAGE = {
    "empty": lambda contents: b"",
    "short": lambda contents: contents[: len(contents) // 2],
    "long": lambda contents: contents + b"more",
    "zero-filled": lambda contents: bytes(len(contents)),
    "one bit altered": lambda contents: contents[:-1] + bytes([contents[-1] ^ 1]),
    # The same sizes, and it unpacks well.
    "from another data set": lambda contents: contents[:16] + contents[:15:-1],
}


def damage(path, kind):
    path.write_bytes(DAMAGE[kind](path.read_bytes()))


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_wrong_file_is_set_aside_and_replaced(
    kind, tmp_path, digits_archives, capsys
):
    with Server(digits_archives) as server:
        prepare(tmp_path, server.url)
        wrong = raw_folder(tmp_path) / "train-images-idx3-ubyte"
        kept = raw_folder(tmp_path) / "t10k-images-idx3-ubyte"
        before = kept.stat().st_mtime_ns, kept.stat().st_ino
        damage(wrong, kind)
        assert not is_complete(tmp_path)
        damaged = wrong.read_bytes()
        prepare(tmp_path, server.url)
    assert is_complete(tmp_path) and not wrong_files(tmp_path)
    assert wrong.with_name(f"{wrong.name}.bad-1").read_bytes() == damaged
    assert "train-images-idx3-ubyte is not what it should be" in capsys.readouterr().err
    after = kept.stat().st_mtime_ns, kept.stat().st_ino
    assert after == before, "a right file is left alone"


def test_a_file_altered_within_its_times_is_noticed(tmp_path, digits_archives):
    """Size and modification time are as before."""
    with Server(digits_archives) as server:
        prepare(tmp_path, server.url)
    path = raw_folder(tmp_path) / "t10k-images-idx3-ubyte"
    stat = path.stat()
    damage(path, "one bit altered")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert not is_complete(tmp_path)


@pytest.mark.parametrize("kind", ["absent", "a page", "truncated", "other digits"])
def test_digits_that_scikit_learn_has_changed(kind, tmp_path, monkeypatch):
    path = tmp_path / "digits.csv.gz"
    whole = digits._source().read_bytes()
    rows = gzip.decompress(whole).splitlines(keepends=True)
    if kind != "absent":
        path.write_bytes(
            {
                "a page": b"<!doctype html>",
                "truncated": whole[: len(whole) // 2],
                "other digits": gzip.compress(b"".join(rows[::-1])),
            }[kind]
        )
    monkeypatch.setattr(digits, "_source", lambda: path)
    monkeypatch.setattr(choose, "DATA", tmp_path / "data")
    with pytest.raises(UserError, match="that come with scikit-learn are missing"):
        choose.open_data("digits")
    assert not is_complete(tmp_path / "data" / "digits")


@pytest.mark.parametrize("kind", ["short", "from another data set"])
def test_wrong_digits_are_set_aside_and_built_anew(kind, clone):
    assert clone.data("--source", "digits")[0] == 0
    damage(raw_folder(clone.digits) / "train-labels-idx1-ubyte", kind)
    status, _, err = clone.data("--source", "digits")
    assert status == 0 and "set aside as train-labels-idx1-ubyte.bad-1" in err
    assert is_complete(clone.digits)


@pytest.mark.parametrize("kind", ["short", "one bit altered"])
def test_a_damaged_mnist_is_repaired_from_its_archives(kind, clone, mnist_archives):
    """No network is needed for it; a damaged archive is set aside like any other."""
    raw = raw_folder(clone.mnist)
    write_all(clone.mnist, mnist_archives)
    assert clone.data("--source", "mnist")[0] == 0
    damage(raw / "t10k-labels-idx1-ubyte", kind)
    status, out, err = clone.data("--source", "mnist")
    assert status == 0 and "verified" in out and "set aside" in err
    damage(raw / "t10k-labels-idx1-ubyte", kind)
    damage(raw / "t10k-labels-idx1-ubyte.gz", kind)
    status, out, err = clone.data()
    assert "NOT MNIST" in out
    assert "t10k-labels-idx1-ubyte.gz is not what it should be: set aside" in err
    with Server(mnist_archives) as server:
        status, out, err = clone.data(MNIST_MIRROR=server.url)
    assert "Data: MNIST" in out and server.requests.total() == 1
    assert is_complete(clone.mnist, MNIST)


# --- folders that cannot be written to, or have odd names ---


def test_no_file_may_grow_beyond_a_limit(tmp_path, digits_archives, file_limit):
    with Server(digits_archives) as server:
        with file_limit(100_000), pytest.raises(UserError):
            prepare(tmp_path, server.url)
        assert not wrong_files(tmp_path) and not leftovers(tmp_path)
        prepare(tmp_path, server.url)
    assert is_complete(tmp_path)


@pytest.fixture
def mounted(tmp_path):
    """mount(*arguments) mounts something on a folder, for the length of a test."""
    place = tmp_path / "mounted"
    place.mkdir()
    mounts = []

    def mount(*arguments):
        command = ["mount", *map(str, arguments), str(place)]
        try:
            done = subprocess.run(command, capture_output=True, text=True)
        except FileNotFoundError:
            pytest.skip("this system has no command mount")
        if done.returncode:
            pytest.skip(f"not allowed to mount here: {done.stderr.strip()}")
        mounts.append(place)
        return place

    yield mount
    for mounted in mounts:
        subprocess.run(["umount", str(mounted)], check=True)


def test_a_full_disk(mounted, digits_archives):
    root = mounted("-t", "tmpfs", "-o", "size=600k", "tmpfs")
    with Server(digits_archives) as server:
        with pytest.raises(UserError, match=r"No space left.*Make room on"):
            prepare(root, server.url)
        assert not wrong_files(root) and not leftovers(root)
        subprocess.run(["mount", "-o", "remount,size=9M", str(root)], check=True)
        prepare(root, server.url)
    assert is_complete(root)


def test_a_full_disk_under_auto(clone, mounted, mnist_archives):
    """MNIST does not fit where MNIST_ROOT points to: the digits, and the reason."""
    root = mounted("-t", "tmpfs", "-o", "size=9M", "tmpfs")
    with Server(mnist_archives) as server:
        status, out, err = clone.data(MNIST_ROOT=str(root), MNIST_MIRROR=server.url)
    assert status == 0 and "NOT MNIST" in out
    assert f"Cannot write the data to {raw_folder(root)} (No space left" in err
    assert not wrong_files(root, MNIST) and not leftovers(root)


def test_a_read_only_disk_with_archives(clone, mounted, mnist_archives):
    stick = clone.folder / "stick"
    write_all(stick, mnist_archives)
    root = mounted("--bind", "-o", "ro", stick)
    status, out, _ = clone.data("--source", "mnist", MNIST_ROOT=str(root))
    assert status == 0 and str(clone.mnist) in out


def test_a_read_only_disk_with_damaged_files(clone, mounted, mnist_archives):
    stick = clone.folder / "stick"
    damaged = gzip.compress(bytes(1000))
    write_all(stick, dict.fromkeys(mnist_archives, damaged), unpacked=True)
    root = mounted("--bind", "-o", "ro", stick)
    status, out, _ = clone.data(MNIST_ROOT=str(root))
    assert status == 0 and "NOT MNIST" in out
    with Server(mnist_archives) as server:
        status, out, _ = clone.data(MNIST_ROOT=str(root), MNIST_MIRROR=server.url)
    assert status == 0 and str(clone.mnist) in out and "Data: MNIST" in out


def test_a_read_only_disk_with_everything(clone, mounted, mnist):
    root = mounted("--bind", "-o", "ro", mnist)
    status, out, err = clone.data("--source", "mnist", MNIST_ROOT=str(root))
    assert (status, err) == (0, "") and str(root) in out
    assert not clone.mnist.exists()


def prepare_as_nobody(root, server):
    if os.geteuid() == 0:
        os.setgid(65534), os.setuid(65534)
    prepare(root, server)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions otherwise")
def test_a_folder_of_someone_else(digits_archives):
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(digits_archives) as server,
    ):
        Path(folder).chmod(0o555)
        process = in_process(prepare_as_nobody, Path(folder), server.url)
        process.join()
        assert process.exitcode == 3
        assert list(Path(folder).iterdir()) == []
        Path(folder).chmod(0o755)


@pytest.mark.parametrize("which", ["root", "MNIST", "MNIST/raw"])
def test_a_file_where_a_folder_should_be(which, clone):
    root = clone.folder / "root"
    path = root if which == "root" else root / which
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    status, out, err = clone.data("--source", "mnist", MNIST_ROOT=str(root))
    assert (status, out) == (1, "") and "Traceback" not in err
    assert "A file is where a folder should be" in err
    assert path.read_text() == "mine"
    status, out, err = clone.data(MNIST_ROOT=str(root))
    assert status == 0 and "NOT MNIST" in out and "A file is where" in err


@pytest.mark.parametrize(
    "name", ["with some spaces", "données élèves 数字", "a'b\"c;d&e"]
)
def test_odd_names_of_folders(name, tmp_path, digits_archives):
    if os.name == "nt" and '"' in name:
        pytest.skip("no such name on Windows")
    with Server(digits_archives) as server:
        prepare(tmp_path / name, server.url)
    assert is_complete(tmp_path / name)

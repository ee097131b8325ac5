"""``python -m mnist_logreg data``: what is here; fetch, hand on and pack MNIST."""

import argparse
import contextlib
import gzip
import hashlib
import sys
import zipfile
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

from mnist_logreg.errors import UserError
from mnist_logreg.files.choose import SOURCES, mnist_places, open_data
from mnist_logreg.files.mnist import FILES, raw_folder
from mnist_logreg.files.news import say, visible
from mnist_logreg.files.verified import File
from mnist_logreg.files.whole import whole_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this command."""
    parser.add_argument("--source", choices=SOURCES, default="auto")
    hand_on = parser.add_mutually_exclusive_group()
    hand_on.add_argument(
        "--serve",
        nargs="?",
        type=_port,
        const=8000,
        metavar="PORT",
        help="serve MNIST to the class, on this port (default: 8000)",
    )
    hand_on.add_argument(
        "--pack",
        type=Path,
        metavar="FILE",
        help="write MNIST into a zip file, for a stick",
    )


def main(args: argparse.Namespace) -> int:
    """Fetch what is missing, say what is here, then serve or pack. Returns 0."""
    hands_on = args.serve is not None or args.pack is not None
    if hands_on and args.source == "digits":
        raise UserError("--serve and --pack are for MNIST: everybody has the digits.")
    data = open_data("mnist" if hands_on else args.source, fetch=True)
    print(data)
    raw = raw_folder(data.root)
    print(f"In {raw}:")
    for path in sorted(raw.glob("*-ubyte")):
        print(f"  {path.name:<24} {path.stat().st_size:>12,} bytes  verified")
    if args.pack is not None:
        _pack(args.pack, archives(data.root))
    if args.serve is not None:
        _serve(args.serve, archives(data.root))
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) >= 1 << 16:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)


def archives(root: Path) -> dict[str, bytes]:
    """Collect MNIST's four archives, the original ones where they are on this machine.

    Parameters
    ----------
    root : Path
        What holds MNIST, verified.

    Returns
    -------
    dict of str to bytes
        The contents of each ``.gz`` file, by name.
    """
    archives = {}
    for file in FILES:
        for place in (root, *mnist_places()):
            archive = raw_folder(place) / f"{file.name}.gz"
            if _unpacks_to(archive, file):
                archives[archive.name] = archive.read_bytes()
                break
        else:
            contents = (raw_folder(root) / file.name).read_bytes()
            archives[f"{file.name}.gz"] = gzip.compress(contents, 6, mtime=0)
    return archives


def _unpacks_to(archive: Path, file: File) -> bool:
    try:
        with gzip.open(archive) as stream:
            digest = hashlib.file_digest(stream, "sha256")
    except (OSError, EOFError, zlib.error):
        return False
    return digest.hexdigest() == file.sha256


def _pack(path: Path, archives: dict[str, bytes]) -> None:
    if path.exists():
        raise UserError(f"{path} exists already: choose another name.")
    try:
        with whole_file(path) as out, zipfile.ZipFile(out, "w") as pack:
            for name, contents in archives.items():
                pack.writestr(f"MNIST/raw/{name}", contents)
    except OSError as error:
        raise UserError(f"Cannot write {path}: {error.strerror}.") from error
    print(f"Packed into {path}. On the other machine, at the repository's root:")
    print(f"  python -m zipfile -e {path.name} data/mnist")


def _serve(port: int, archives: dict[str, bytes]) -> None:
    class Handler(BaseHTTPRequestHandler):
        timeout = 60  # seconds; then a client that has gone silent is let go

        def do_GET(self):
            contents = archives.get(self.path.lstrip("/"))
            if contents is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/gzip")
            self.send_header("Content-Length", str(len(contents)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # a client that went away
                self.wfile.write(contents)

        def log_message(self, form, *args):
            say(f"{self.client_address[0]} {visible(form % args)}")

    try:
        server = ThreadingHTTPServer(("", port), Handler)
    except OSError as error:
        raise UserError(
            f"Port {port} cannot be used ({error.strerror}): name another one."
        ) from error
    with server, contextlib.suppress(KeyboardInterrupt):
        print(
            f"Serving the four archives of MNIST on port {server.server_port}, at "
            "every address of this machine. Ctrl-C ends it.\n"
            "Learners set MNIST_MIRROR to an address that they can reach, then type "
            "`make data` (in a folder from a workshop's archive: `python start.py "
            "data`):"
        )
        for address in _addresses():
            print(f"  MNIST_MIRROR=http://{address}:{server.server_port}/")
        sys.stdout.flush()
        server.serve_forever()


def _addresses() -> list[str]:
    """This machine's IPv4 addresses; its own loopback only if there is no other."""
    addresses = [
        address.address
        for interface in psutil.net_if_addrs().values()
        for address in interface
        if address.family.name == "AF_INET" and not address.address.startswith("127.")
    ]
    return addresses or ["127.0.0.1"]

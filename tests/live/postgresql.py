"""A PostgreSQL cluster of the tests' own: in a temporary folder, on a free port, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType


def programs() -> Path | None:
    """Where initdb and postgres are; None if they are not installed. Debian keeps them off the PATH."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


class PostgreSQL:
    """`with PostgreSQL(programs()) as cluster:`, then `cluster.create_database(name)`. Durability is off."""

    def __init__(self, binaries: Path):
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="deskbell-postgresql-"))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    def create_database(self, name: str) -> str:
        """A new, empty database; returns its URL."""
        server = f"postgresql://postgres@127.0.0.1:{self.port}"
        words = [self.binaries / "psql", f"{server}/postgres", "-c", f"CREATE DATABASE {name}"]
        subprocess.run(words, check=True, capture_output=True)
        return f"{server}/{name}".replace("postgresql:", "postgresql+psycopg2:")

    def __enter__(self) -> "PostgreSQL":
        account = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        os.chown(self.folder, account.pw_uid, account.pw_gid)  # PostgreSQL refuses to run as root
        data = self.folder / "data"
        words = [self.binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(words, check=True, capture_output=True, user=account.pw_uid, cwd=self.folder)
        words = [self.binaries / "postgres", "-D", data, "-p", str(self.port), "-k", self.folder, "-F"]
        self.process = subprocess.Popen(
            [*words, "-c", "listen_addresses=127.0.0.1"],
            user=account.pw_uid,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        words = [self.binaries / "pg_isready", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(words, capture_output=True).returncode != 0:
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.1)

"""Small disks: file systems in memory that a test can fill, free and make read-only. Root may mount them, others not."""

import os
import pathlib
import subprocess
import tempfile

import pytest

MIB = 1024 * 1024


class SmallDisk:
    def __init__(self, size):
        # Not in the folder of the test, which PostgreSQL's user may not enter.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="oxflow-e2e-disk."))
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "oxflow-test", self.folder],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            self.folder.rmdir()
            pytest.skip(f"a small disk needs the right to mount: {done.stderr.strip()}")
        self.ballast = self.folder / "ballast"

    def free(self):
        """Bytes that are left."""
        state = os.statvfs(self.folder)
        return state.f_bavail * state.f_frsize

    def fill(self, leave=0):
        """Takes all space, but for so many bytes."""
        with open(self.ballast, "ab", buffering=0) as ballast:
            while (space := self.free() - leave) > 0:
                ballast.write(bytes(min(space, MIB)))

    def clear(self):
        """Gives the space back."""
        self.ballast.unlink()

    def read_only(self, is_read_only=True):
        how = "ro" if is_read_only else "rw"
        subprocess.run(["mount", "-o", f"remount,{how}", self.folder], check=True)

    def remove(self):
        # What still has a file open does not keep the disk mounted for others.
        subprocess.run(["umount", "--lazy", self.folder], check=True)
        self.folder.rmdir()


@pytest.fixture
def new_disk():
    """Makes small disks, unmounted after the test: servers on them are made after them, so they are stopped before."""
    made = []

    def make(size=16 * MIB):
        disk = SmallDisk(size)
        made.append(disk)
        return disk

    yield make
    for disk in made:
        disk.remove()

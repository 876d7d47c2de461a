"""Moves finished packs into tar files as WebDataset reads them: a pack is a sample, its files are the sample's fields.

`row7/stems/1_drums_140bpm.wav` becomes `row7.stems.1_drums_140bpm.wav`: the name ends at the first dot, the rest says
which field it is (github.com/webdataset/webdataset); ids have no dots. A pack is in a folder or in a shard, and whole
in either.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

from typebeat.batch.table import Row
from typebeat.parts.writing import whole

SHARD_BYTES = 1 << 30  # a shard is written once its packs have that much together
PATTERN = "shard-*.tar"


def sharded(out: Path) -> set[str]:
    """Returns the ids of the packs that are in shards of `out`."""
    ids: set[str] = set()
    for shard in sorted(out.glob(PATTERN)):
        with tarfile.open(shard) as tar:
            ids |= {name.split(".")[0] for name in tar.getnames()}
    return ids


class Shards:
    """The shards of a batch's folder.

    Args:
        out: The batch's folder.
        rows: All of the batch; packs that stand there in folders go into the next shard.
        there: Ids of the packs that are in shards already.
    """

    def __init__(self, out: Path, rows: list[Row], there: set[str]):
        self._out, self._waiting, self._bytes = out, list[str](), 0
        for row in rows:
            if row.id in there:  # and in a folder too where the last run was killed in between
                shutil.rmtree(out / row.id, ignore_errors=True)
            elif (out / row.id).is_dir():
                self.add(row.id)

    def add(self, name: str) -> None:
        """Takes a finished pack, and writes a shard once there is enough for one."""
        self._waiting.append(name)
        self._bytes += sum(file.stat().st_size for file in _files(self._out / name))
        if self._bytes >= SHARD_BYTES:
            self.write()

    def write(self) -> None:
        """Writes what waits into a shard, if anything does, and then removes its folders."""
        if not self._waiting:
            return
        number = 1 + max((int(shard.stem.split("-")[1]) for shard in self._out.glob(PATTERN)), default=-1)
        with whole(self._out / f"shard-{number:05d}.tar") as part, tarfile.open(part, "w") as tar:
            for name in self._waiting:
                for file in _files(self._out / name):
                    field = ".".join(file.relative_to(self._out / name).parts)
                    tar.add(file, f"{name}.{field}", filter=_plain)
        for name in self._waiting:
            shutil.rmtree(self._out / name)
        self._waiting, self._bytes = [], 0


def _files(folder: Path) -> list[Path]:
    return sorted(each for each in folder.rglob("*") if each.is_file())


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leaves out who made a file and when, so that the same packs make the same bytes."""
    info.uid = info.gid = info.mtime = 0
    info.uname = info.gname = ""
    info.mode = 0o644
    return info

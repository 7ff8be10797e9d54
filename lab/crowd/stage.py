# SPDX-License-Identifier: MIT
"""What every scenario is given."""

import dataclasses
import itertools
import pathlib

from crowd import ground


@dataclasses.dataclass
class Stage:
    build: pathlib.Path
    folder: pathlib.Path        # for files of the run
    honest: ground.Camp
    hostile: ground.Camp
    room: int                   # descriptors that a process may open
    is_short: bool

    def __post_init__(self):
        self.server_program = self.build / "src/smx-server"
        self.files, self.blocks = itertools.count(), itertools.count()

    def size(self, full, short):
        return short if self.is_short else full

    def crowd(self, full, short):
        """As many connections, if a process may have them."""
        return min(self.size(full, short), self.room - 200)

    def new_file(self, name):
        return self.folder / f"{name}-{next(self.files)}"

    def next_block(self):
        """Addresses that no other attacker has."""
        return next(self.blocks) % 250

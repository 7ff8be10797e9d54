# SPDX-License-Identifier: MIT
"""What a page shows: its fenced blocks, and how each is to be played.

A comment before a block, which readers of the page do not see, says what the
block itself does not: <!-- play: ... --> in Markdown, ; play: ... in a man
page. Several may stand there, one a line:

  terminal NAME     the commands are typed there (default: you)
  runs on           the last command is not waited for
  file NAME         the block is what is in that file
  given NAME        the file that the block's first command shows
  shown on NAME     the block is what that terminal shows next
  before COMMAND    what the reader is taken to have done, elsewhere
"""

import dataclasses
import re

NOTE = re.compile(r"(?:<!--|;) play: (.*?)(?: -->)?$")
WORDS = ("terminal", "runs on", "file", "given", "shown on", "before")
GOES_ON = re.compile(r"(\\|\||&&)$")


@dataclasses.dataclass
class Block:
    page: str
    line: int
    info: str
    lines: list
    notes: list         # pairs: a word of WORDS, and what it says

    def note(self, word):
        return next((text for name, text in self.notes if name == word), None)

    def is_played(self):
        return (self.info == "sh" or self.lines[0].startswith("$ ")
                or bool({"file", "shown on"} & {word for word, _ in self.notes}))

    def commands(self):
        """Pairs: the lines that are typed, the lines that are shown."""
        if self.info != "sh" and not self.lines[0].startswith("$ "):
            return []
        found = []
        for line in self.lines:
            if self.info == "sh":
                starts = line and not line.startswith("#")
            else:
                starts = line.startswith("$ ")
                line = line.removeprefix("$ ") if starts else line
            if found and not found[-1][1] and GOES_ON.search(
                    found[-1][0][-1]) and not line.startswith("> "):
                found[-1][0].append(line.removesuffix("\n"))
            elif starts:
                found.append(([line], []))
            elif self.info != "sh":
                found[-1][1].append(line)
        return found


def parse_note(text, where):
    for word in WORDS:
        if text == word or text.startswith(word + " "):
            return word, text[len(word):].strip()
    raise SystemExit(f"{where}: what is 'play: {text}'?")


def read_blocks(name, text):
    """All blocks of a page; of a man page those of its EXAMPLES."""
    manual = name.endswith(".scd")
    blocks, notes, block, section = [], [], None, ""
    for number, line in enumerate(text.splitlines(), 1):
        if block is not None:
            if line == "```":
                blocks.append(block)
                block, notes = None, []
            else:
                block.lines.append(
                    line.replace("\\\\", "\\") if manual else line)
        elif match := re.match(r"```(\w*)$", line):
            block = Block(name, number, match[1], [], notes)
        elif match := NOTE.match(line):
            notes.append(parse_note(match[1], f"{name}:{number}"))
        elif line:
            notes = []
            section = line if line.startswith("# ") else section
        if manual and block is not None and section != "# EXAMPLES":
            block.info = "other"
    return [b for b in blocks if b.info != "other"]

# SPDX-License-Identifier: MIT
"""What plays the pages, tried on small ones: the truth, and planted lies."""

import os

import pytest

from blocks import read_blocks
from compare import matches
from play import Player, read_unplayed

PAGE = """
Text, and `code`.

```sh
true    # whatever this does
echo not compared
```

<!-- play: file names.txt -->
```
Ada
```

```
$ cat names.txt
Ada
$ date +%H:%M:%S.%6N
12:00:00.123456
$ read -p 'Who? ' name && echo "It is $name"
Who? Ada
It is Ada
$ printf 'one\\ntwo\\nthree\\n' |
> tail -n 1
three
$ sh -c 'exit 5'
$ echo $?
5
```

<!-- play: terminal other -->
<!-- play: runs on -->
```
$ echo begun; sed -u 's/^/got /' <>pipe
begun
got first
```

```sh
echo first >pipe
echo second >pipe
```

<!-- play: shown on other -->
```
got second
```

```
 a drawing
```

```sh
sudo reboot
```
"""
LISTED = """
# a comment
page.md: a drawing
	it is a drawing
page.md: sudo reboot
	takes
	too long
"""


def play(folder, page=PAGE, listed=LISTED, patience=60):
    (folder / "names.txt").unlink(missing_ok=True)
    if not (folder / "pipe").exists():
        os.mkfifo(folder / "pipe")
    player = Player(folder, read_unplayed(listed), patience)
    player.page("page.md", page)
    return "\n".join(player.failures)


def test_a_page_that_tells_the_truth_passes(tmp_path):
    assert play(tmp_path) == ""


@pytest.mark.parametrize("truth, lie", [
    ("true    #", "false    #"),
    ("```\nAda\n```", "```\nBob\n```"),
    ("names.txt\nAda", "names.txt\nAdam"),
    ("names.txt\nAda", "names.txt\nAda\nBob"),
    ("names.txt\nAda", "names.txt"),
    ("12:00:00.123456", "12:00:00"),
    ("Who? Ada", "Who? Bob"),
    ("Who? Ada", "Whose? Ada"),
    ("\nthree", "\ntwo"),
    ("$?\n5", "$?\n6"),
    ("got first", "got last"),
    ("begun\ngot", "begin\ngot"),
    ("got second", "got third"),
    ("sudo reboot", "false reboot"),
    ("a drawing", "another drawing"),
])
def test_a_lie_is_found(tmp_path, truth, lie):
    assert PAGE.count(truth) == 1
    assert play(tmp_path, PAGE.replace(truth, lie), patience=2)


def test_what_is_listed_must_be_there(tmp_path):
    assert "sudo halt" in play(
        tmp_path, listed=LISTED + "page.md: sudo halt\n\tnever\n")


def test_what_is_neither_played_nor_listed_is_found(tmp_path):
    assert "neither" in play(tmp_path, PAGE + "\n```\nnew\n```\n")


def test_every_listed_item_needs_a_reason():
    with pytest.raises(SystemExit):
        read_unplayed("page.md: a drawing\n")


def test_a_comment_that_is_not_understood_is_an_error():
    with pytest.raises(SystemExit):
        read_blocks("page.md", "<!-- play: terminl x -->\n```sh\n```\n")


@pytest.mark.parametrize("shown, came, same", [
    ("5", "6", True),                                   # a temperature
    ("[*] Server started with 8 threads", "[*] Server started with 9 threads",
     False),
    ("from 127.0.0.1:41124", "from 127.0.0.1:35000", True),
    ("on 127.0.0.1:1337...", "on 127.0.0.1:1338...", False),
    ("  errors       0", "  errors       1", False),
    ("answered b'-36'", "answered b'7'", True),
])
def test_only_figures_of_its_own_may_differ(shown, came, same):
    assert matches([shown], [came]) is same

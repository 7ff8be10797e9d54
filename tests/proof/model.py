# SPDX-License-Identifier: MIT
"""SPIN: the models in docs/model, and what breaks if something is missing.

What holds must hold in every state that can be reached. A variant that lacks a
check, or that claims what is not so, must break, and in the way that is
expected of it: if it does not, the model would not notice.
"""

import pathlib
import re
import subprocess
import tempfile

MODELS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "model"
UNIT = "states"
PATIENCE = 3600
COMPILE = ("-w", "-DSAFETY", "-DCOLLAPSE", "-DNOFAIR", "-DVECTORSZ=2048")
# No claim fails, and those who wait for what never comes are no error.
SEARCH = ("-m20000", "-n", "-E")
BROKEN = re.compile(r"assertion violated \(+(10\d\d)==0\)")
NAME = re.compile(r"^#define (\w+) (10\d\d)$", re.M)
STATES = re.compile(r"(\d+(?:\.\d+e\+\d+)?) states, stored")

SURE = "USER=KNOWN_KEY"
# The model, what is defined for it, and the claim that must break, or None.
VARIANTS = [
    ("plain", "", None),
    ("plain", "REACH", "REACHED"),
    ("plain", "LOSES_MASK", "SAME_KEY"),
    ("plain", "CLAIM_SECRET", "SECRET_REQUEST"),
    ("plain", "CLAIM_SECRET_REPLY", "SECRET_REPLY"),
    ("plain", "CLAIM_UNCHANGED", "TRUE_REQUEST"),
    ("plain", "CLAIM_INTACT", "TRUE_REPLY"),
    ("plain", "CLAIM_AUTHENTIC", "TRUE_SERVER"),
    ("secure", "REACH=KNOWN_KEY USER=KNOWN_KEY", "REACHED"),
    ("secure", "REACH=OLDER_KEY USER=OLDER_KEY", "REACHED"),
    ("secure", "REACH=ASKED USER=ASKED", "REACHED"),
    ("secure", "REACH=ASKED_BLINDLY USER=ASKED_BLINDLY", "REACHED"),
    ("secure", "REACH=TRUST_NEW USER=TRUST_NEW", "REACHED"),
    ("secure", "CLAIM_PLAIN", "DOWNGRADE"),
    ("secure", "CLAIM_TRUST_NEW USER=TRUST_NEW", "AGREEMENT_OF_CLIENT"),
    ("secure", "CLAIM_ASKED_BLINDLY USER=ASKED_BLINDLY",
     "AGREEMENT_OF_CLIENT"),
    ("secure", f"CLAIM_STOLEN {SURE}", "AGREEMENT_OF_SERVER"),
    ("secure", f"WITHOUT_STEADFASTNESS {SURE}", "DOWNGRADE"),
    ("secure", "WITHOUT_INSISTENCE", "INSISTENCE"),
    ("secure", "WITHOUT_EXPECTATION USER=NEW_REFUSED", "HIDDEN_CLIENT"),
    ("secure", f"WITHOUT_ORDER {SURE}", "HIDDEN_CLIENT"),
    ("secure", f"WITHOUT_LIST {SURE}", "LISTED"),
    ("secure", f"WITHOUT_TAG_2 {SURE}", "AGREEMENT_OF_CLIENT"),
    ("secure", f"WITHOUT_TAG_3 {SURE}", "AGREEMENT_OF_SERVER"),
    ("secure", f"WITHOUT_EE {SURE}", "SECRECY_OF_CLIENT"),
    ("secure", f"WITHOUT_ES {SURE}", "HIDDEN_CLIENT"),
    ("secure", f"WITHOUT_SE {SURE}", "AGREEMENT_OF_SERVER"),
    ("secure", f"WITHOUT_HASHED_MARK {SURE}", "AGREEMENT_OF_CLIENT"),
    ("secure", "WITHOUT_ZERO_CHECK USER=TRUST_NEW", "HELD_KEY"),
    ("secure", f"WITHOUT_NONCES {SURE}", "TRUE_REPLIES"),
    ("secure", f"WITHOUT_DIRECTIONS {SURE}", "TRUE_REPLIES"),
]


def tell(command, folder):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True,
                          timeout=PATIENCE, check=False)


def search(model, defined, optimised):
    """What broke, or None, or a text that says why that is not known; and how
    many states there were."""
    path = MODELS / f"{model}.pml"
    with tempfile.TemporaryDirectory() as folder:
        for command in (
                ("spin", *(f"-D{name}" for name in defined.split()), "-a",
                 str(path)),
                ("cc", optimised, *COMPILE, "-o", "pan", "pan.c")):
            made = tell(command, folder)
            if made.returncode:
                return (made.stdout + made.stderr).strip()[-500:], 0
        ran = tell(("./pan", *SEARCH), folder)
    states = STATES.search(ran.stdout)
    broken = BROKEN.search(ran.stdout)
    states = int(float(states[1])) if states else 0
    if broken:
        numbers = {number: name
                   for name, number in NAME.findall(path.read_text())}
        return numbers[broken[1]], states
    # Only a search of everything says that nothing breaks.
    if ran.returncode or "errors: 0" not in ran.stdout or \
            "Search not completed" in ran.stdout or \
            "max search depth too small" in ran.stdout:
        return (ran.stdout + ran.stderr).strip()[-500:] or "no result", states
    return None, states


def cases(short):
    """Each a name and a function that returns what went wrong, or None, and a
    figure."""
    for model, defined, expected in [
            *VARIANTS, ("secure", "SHORT" if short else "", None)]:
        yield f"{model} {defined}".strip(), check(model, defined, expected)


def check(model, defined, expected):
    def run():
        if expected and model == "secure":
            broken, states = search(model, f"{defined} SHORT", "-O0")
        else:
            broken, states = search(model, defined, "-O2")
        if broken == expected:
            return None, states
        return f"{broken or 'nothing'} instead of " \
            f"{expected or 'nothing'} broke", states
    return run

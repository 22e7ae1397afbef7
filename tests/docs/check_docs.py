"""Holds the man page, the README and the completions to what the program really takes.

usage: check_docs.py MOMENTCUT PROJECT
"""

import pathlib
import re
import subprocess
import sys


def output_of(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def main(program: str, project: pathlib.Path) -> list[str]:
    """What is not documented, a line each."""
    help_text = output_of(program, "--help")
    options = re.findall(r"^  (?:-(\w), |    )--([a-z-]+)", help_text, re.MULTILINE)
    if len(options) < 20:
        return [f"--help lists {len(options)} options: is this reading it right?"]
    man = (project / "man" / "momentcut.1").read_text()
    readme = (project / "README.md").read_text()
    complaints = []
    for letter, name in options:
        if not re.search(rf"^\.It (.*, )?(Fl . , )?Fl Fl {name}\b", man, re.MULTILINE):
            complaints.append(f"man page: no entry for --{name}")
        if letter and not re.search(rf"^\.It Fl {letter} , Fl Fl {name}\b", man, re.MULTILINE):
            complaints.append(f"man page: -{letter} is not beside --{name}")
        for shell, form in (("bash", f"--{name}"), ("fish", f"-l {name}"), ("zsh", f"--{name}[")):
            if form not in output_of(program, "--completion", shell):
                complaints.append(f"{shell} completion: no --{name}")
    documented = set(re.findall(r"Fl Fl ([a-z-]+)", man)) - {name for _, name in options}
    complaints += [f"man page: there is no --{name}" for name in sorted(documented)]
    for name in sorted(set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", readme))):
        if name not in {n for _, n in options} | FOREIGN:
            complaints.append(f"README: there is no --{name}")
    codes = set(re.findall(r"return (\d\d);", (project / "src/core/error.cpp").read_text()))
    for code in sorted(codes):
        if not re.search(rf"^\.It {code}$", man, re.MULTILINE):
            complaints.append(f"man page: exit status {code} is missing")
        if f"| {code} |" not in readme:
            complaints.append(f"README: exit status {code} is missing")
    version = output_of(program, "--version").split()[1]
    if f"## {version}" not in (project / "CHANGELOG.md").read_text():
        complaints.append(f"CHANGELOG.md: nothing about {version}")
    return complaints


# Options of other programs that the README shows.
FOREIGN = {"install", "build", "download-sections", "force-keyframes-at-cuts", "quick"}

if __name__ == "__main__":
    found = main(sys.argv[1], pathlib.Path(sys.argv[2]))
    print("\n".join(found) or "the documentation names every option and exit code")
    sys.exit(1 if found else 0)

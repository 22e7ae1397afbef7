"""Holds the man page, the README and the completions to what the program really takes.

usage: check_docs.py MOMENTCUT PROJECT
"""

import pathlib
import re
import subprocess
import sys


def output_of(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def entry_of(man: str, name: str) -> str:
    """What the man page says of an option, from its .It line to the next one."""
    found = re.search(rf"^\.It (?:[^\n]*, )?(?:Fl . , )?Fl Fl {name}\b.*?(?=^\.(?:It|El)\b)", man, re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


def forms_missing(help_text: str, man: str) -> list[str]:
    """A value that may be missing, and an option that may be repeated, are so in --help and in the man page."""
    complaints = []
    for entry in re.split(r"^(?=  (?:-\w, |    )--)", help_text, flags=re.MULTILINE)[1:]:
        name, form = re.match(r"  (?:-\w, |    )--([a-z-]+)( \[)?", entry).groups()
        said = entry_of(man, name)
        if bool(form) != (" Op Ar " in said.partition("\n")[0]):
            complaints.append(f"--{name}: --help and the man page disagree about a value that may be missing")
        if ("may be repeated" in " ".join(entry.split())) != ("May be repeated." in said):
            complaints.append(f"--{name}: --help and the man page disagree about repetition")
    return complaints


def variables_missing(project: pathlib.Path, man: str) -> list[str]:
    """Every variable of AWS's that the code reads stands in the man page, and no other."""
    code = "".join(path.read_text() for room in ("s3", "pipeline") for path in (project / "src" / room).glob("*.cpp"))
    read = set(re.findall(r'"(AWS_[A-Z0-9_]+)"', code))
    said = set(re.findall(r"\bAWS_[A-Z0-9_]+", man))
    return ([f"man page: nothing about {name}" for name in sorted(read - said)] +
            [f"man page: nobody reads {name}" for name in sorted(said - read)])


def main(program: str, project: pathlib.Path) -> list[str]:
    """What is not documented, a line each."""
    help_text = output_of(program, "--help")
    options = re.findall(r"^  (?:-(\w), |    )--([a-z-]+)", help_text, re.MULTILINE)
    if len(options) < 20:
        return [f"--help lists {len(options)} options: is this reading it right?"]
    man = (project / "man" / "momentcut.1").read_text()
    readme = (project / "README.md").read_text()
    complaints = forms_missing(help_text, man) + variables_missing(project, man)
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

"""Print the lower bounds of pyproject.toml as constraints for pip: numpy>=1.26 -> numpy==1.26.*.

Run: python .ci/minimum_versions.py > minimum.txt && pip install -c minimum.txt -e ".[all]"
Tools of the extra `dev` are left out: which version of them runs says nothing about the package.
"""

import re
import tomllib
from pathlib import Path

BOUND = re.compile(r"([\w.-]+)(?:\[.*\])?>=([^,; ]+)")


def main() -> None:
    """Write one line for each dependency that states a lower bound."""
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    needs = list(project["dependencies"])
    for extra, listed in project["optional-dependencies"].items():
        needs += listed if extra != "dev" else []
    bounds = {match.groups() for need in needs if (match := BOUND.match(need))}
    print("\n".join(sorted(f"{name}=={version}.*" for name, version in bounds)))


if __name__ == "__main__":
    main()

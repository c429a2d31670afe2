"""`python -m lkc`: the command line, as launchers such as `accelerate launch -m lkc` start it."""

from lkc.cli import main

if __name__ == "__main__":
    main()

"""`python -m tableport`: the same as the command."""

import sys

from tableport.main import main

if __name__ == "__main__":
    sys.exit(main())

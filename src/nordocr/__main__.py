"""``python -m nordocr``: the same as the command ``nordocr``."""

from nordocr.cli import main

if __name__ == "__main__":
    main()

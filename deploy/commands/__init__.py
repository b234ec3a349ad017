"""One command a file: what a person at a terminal can ask of Parley."""

"""Whether the time of an answer tells what was wrong with what was entered."""

"""The crash run of the push (reliability.md D1-5): everything is killed at random, nothing may be lost. See `__main__`."""

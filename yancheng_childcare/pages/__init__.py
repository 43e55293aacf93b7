"""Pages every app shares."""

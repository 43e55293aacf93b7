"""三本台账: registered, known to health, known to public security, side by side, and the list behind every difference."""

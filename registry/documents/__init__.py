"""Official letters of a filing: what they say (`letters`, `decisions`), how they are verified (`links`); their form is casework's."""

"""Official letters of a filing: what they say (`letters`), how they look (`render`), how they are verified (`links`)."""

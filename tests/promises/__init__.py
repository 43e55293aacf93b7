"""Every sentence on screen that says what will happen, beside the test that it happens."""

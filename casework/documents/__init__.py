"""Official letters in the form of GB/T 9704: what a letter holds, its words, its paper and its HTML twin."""

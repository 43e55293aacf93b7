"""The portal's own pages and the API of the staff, measured against what they cost without the portal around them."""

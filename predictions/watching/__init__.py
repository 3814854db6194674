"""What people watch in the catalogue, and how they hear of it."""

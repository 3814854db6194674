"""What lists sort and filter by and no table says."""
